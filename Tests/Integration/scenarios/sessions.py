"""Sessions outlive the server they began at, and end when their time is over, not before."""

import time

import trees
import wire
from ensemble import Ensemble
from harness import check, until
from registry import scenario


@scenario()
def session_moves(lab):
    """The server of a session is killed: the client goes on at another one, its ephemerals and watches with it."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    other = lab.client(ensemble.leader())
    follower, observer = ensemble.followers()[0], ensemble.observers[0]
    for first, second in ((follower, observer), (observer, follower)):
        client = lab.client(first, second, timeout=8)
        session, path, events = client.client_id[0], f"/moves-{first.sid}", []
        client.create(path, b"", ephemeral=True)
        client.create(path + "-watched", b"")
        client.get(path + "-watched", watch=events.append)
        first.kill()
        until("the client reconnects", lambda: client.connected and moved(client, second), 15)
        check(client.client_id[0] == session, "the session is another one")
        check(other.exists(path).ephemeralOwner == session, "the ephemeral has another owner")
        other.set(path + "-watched", b"x")
        until("the watch fires at the second server", lambda: events, 10)
        time.sleep(0.5)
        check(other.exists(path) is not None, "the ephemeral is gone")
        client.stop()
        until("closing removes the ephemeral", lambda: other.exists(path) is None, 5)
        first.start().serving()
    trees.same(ensemble.servers)


def moved(client, server):
    from clients import connected_port
    try:
        return connected_port(client) == server.client_port
    except (AttributeError, OSError):
        return False


@scenario()
def session_expires(lab):
    """An abandoned session lives at least its timeout and not much longer; its ephemerals go with it, at once and on
    every server; reattaching is refused. A session that only pings lives on."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    watcher = lab.client(ensemble.leader())
    for server in (ensemble.followers()[0], ensemble.observers[0]):
        path = f"/expires-{server.sid}"
        client = lab.wire(server, timeout=2000)
        keeper = lab.wire(server, timeout=2000)
        check(client.timeout == 2000, f"negotiated {client.timeout} ms")
        for name in ("", "-b"):
            check(client.create(path + name, b"", 1).error == 0, "create")
        keeper.create(path + "-keeper", b"", 1)
        client.ping()
        last_sign = time.monotonic()
        client.drop()
        while watcher.exists(path):
            keeper.ping()
            check(time.monotonic() - last_sign < 8, "the session never expires")
            time.sleep(0.05)
        lived = time.monotonic() - last_sign
        check(lived >= 1.9, f"expired after {lived:.2f} s of 2")
        check(watcher.exists(path + "-b") is None, "one ephemeral outlived the other")
        check(watcher.exists(path + "-keeper") is not None, "the session that pinged is gone")
        again = lab.wire(server, timeout=2000, session=client.session, password=client.password)
        check(again.session == 0, "an expired session was taken back")
        keeper.close()
    trees.same(ensemble.servers)


@scenario()
def session_reattached(lab):
    """A session taken up on another server closes its old connection; a wrong password is refused."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    follower, observer = ensemble.followers()[0], ensemble.observers[0]
    for first, second in ((follower, observer), (observer, follower), (observer, observer)):
        client = lab.wire(first)
        zxid = client.create(f"/re-{first.sid}-", b"", 3).zxid
        wrong = lab.wire(second, session=client.session, password=b"\1" * 16)
        check(wrong.session == 0, "a wrong password was accepted")
        # A server behind what the client has seen closes the connection: clients try again.
        again = until("a re-attached connection", lambda: attach(lab, second, client, zxid))
        check(again.session == client.session, "the session was refused")
        check(again.create(f"/again-{first.sid}-", b"", 3).error == 0, "create on the new connection")
        if first is second:
            check(closes(client), "the old connection stays open")
        again.close()
    tree = trees.same(ensemble.servers)
    check(not trees.ephemerals(tree), f"left over: {trees.ephemerals(tree)}")


def attach(lab, server, client, zxid):
    try:
        return lab.wire(server, session=client.session, password=client.password, last_zxid=zxid)
    except ConnectionError:
        return None


def closes(client):
    client.socket.settimeout(5)
    try:
        return client.call(wire.GET, wire.text("/") + b"\0").error == -118  # session moved
    except (ConnectionError, OSError):
        return True
