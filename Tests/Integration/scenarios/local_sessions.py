"""Sessions that only one server knows: what they may do, where they end, how they become global."""

import shutil
import time

import trees
import wire
from ensemble import Ensemble
from harness import check, until
from registry import scenario

LOCAL = ["localSessionsEnabled=true"]
UPGRADING = LOCAL + ["localSessionsUpgradingEnabled=true"]


@scenario()
def local_sessions(lab):
    """Meerkat's leader, follower and observer: no transaction but for writes; no ephemerals."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"], LOCAL).start()
    leader, observer = ensemble.leader(), ensemble.observers[0]
    for server in (leader, ensemble.followers()[0], observer):
        stays_local(lab, server, leader if server is not leader else observer, leader)
        ends_in_silence(lab, server, leader)
    watches_and_writes(lab, observer)
    client = lab.wire(observer)
    client.drop()
    observer.kill()
    observer.start().serving()
    check(attach(lab, observer, client) == 0, "a local session outlived its server")
    tree = trees.same(ensemble.servers)
    check(not trees.ephemerals(tree), f"ephemerals of local sessions: {trees.ephemerals(tree)}")


@scenario()
def local_sessions_upgrade(lab):
    """The first ephemeral makes a session global: then it moves and expires like any other."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"], UPGRADING).start()
    leader, observer = ensemble.leader(), ensemble.observers[0]
    for server in (leader, ensemble.followers()[0], observer):
        becomes_global(lab, server, leader if server is not leader else observer, leader)
    client = lab.client(observer)
    path = client.create("/kazoo", b"", ephemeral=True)
    check(client.exists(path).ephemeralOwner == client.client_id[0], "the ephemeral is another's")
    client.stop()
    tree = trees.same(ensemble.servers)
    check(not trees.ephemerals(tree), f"ephemerals left: {trees.ephemerals(tree)}")


@scenario(120)
def local_sessions_with_apache(lab):
    """Our observer of Apache's servers, and Apache's of ours, local for good and upgrading."""
    for voters, observer in (("apache", "meerkat"), ("meerkat", "apache")):
        for settings, ask in ((LOCAL, stays_local), (UPGRADING, becomes_global)):
            ensemble = Ensemble(lab, [voters] * 3, [observer], settings).start()
            leader = ensemble.leader()
            ask(lab, ensemble.observers[0], ensemble.followers()[0], leader)
            if settings is LOCAL:
                watches_and_writes(lab, ensemble.observers[0])
            trees.same(ensemble.servers)
            for server in ensemble.servers:
                server.kill()
                shutil.rmtree(server.directory)
            lab.servers.clear()


def stays_local(lab, server, other, leader):
    top = f"/local-{server.sid}"
    before = zxid(leader)
    client = lab.wire(server)
    check(client.session >> 56 & 0xFF == server.sid, f"session {client.session:#x} of {server}")
    client.ping()
    check(knows(server, client) == "local", f"{server} does not list its local session:\n{server.words('dump')}")
    check(zxid(leader) == before, "opening a local session was a transaction")
    for step in (client.create(top), client.set(top, b"1"), client.sync(), client.container(top + "/box"),
                 client.multi(wire.create_part(top + "/m"), wire.set_part(top, b"2"))):
        check(step.error == 0, f"error {step.error}")
    for code in (wire.CREATE, wire.CREATE2):
        check(client.create(top + "/e", b"", 1, code=code).error == -120, "an ephemeral of a local session")
    errors = wire.multi_errors(client.multi(wire.create_part(top + "/n"), wire.create_part(top + "/e", b"", 1)))
    apache = "apache" in (leader.kind, server.kind) and server is not leader
    check(errors in ([0, -120], [0, -112] if apache else None), f"a multi with an ephemeral: {errors}")
    check(client.get(top + "/n")[0] == -101, "a multi was done in part")
    check(attach(lab, other, client) == 0, f"{other} took up a local session of {server}")
    again = lab.wire(server, session=client.session, password=client.password)
    check(again.session == client.session, f"{server} does not know its local session any more")
    # A write and the end of the session in one go: the answers come in this order.
    again.send(wire.CREATE, wire.create_part(top + "/last")[1])
    again.send(wire.CLOSE, b"")
    last, closed = again.receive(), again.receive()
    check((last.error, closed.error) == (0, 0), f"errors {last.error}, {closed.error}")
    check(zxid(leader) == last.zxid, "closing a local session was a transaction")
    check(attach(lab, server, client) == 0, "a closed session was taken back")


def ends_in_silence(lab, server, leader):
    client = lab.wire(server, timeout=1000)
    keeper = lab.wire(server, timeout=1000)
    before, began = zxid(leader), time.monotonic()
    client.drop()
    while knows(server, client):
        keeper.ping()
        check(time.monotonic() - began < 6, f"{server} never forgets a silent session")
        time.sleep(0.1)
    check(time.monotonic() - began > 0.9, "a local session ended early")
    check(knows(server, keeper) == "local", "the session that pinged is gone")
    check(zxid(leader) == before, "the end of a local session was a transaction")
    keeper.close()


def watches_and_writes(lab, server):
    events = []
    client = lab.client(server)
    client.create("/watched", b"")
    client.get("/watched", watch=events.append)
    client.set("/watched", b"1")
    until("the watch of a local session fires", lambda: events, 5)
    check(client.get("/watched")[0] == b"1", "another value")
    client.stop()


def becomes_global(lab, server, other, leader):
    top = f"/global-{server.sid}"
    client = lab.wire(server, timeout=2000)
    client.send(wire.CREATE, wire.create_part(top)[1])
    client.send(wire.CREATE, wire.create_part(top + "/e", b"", 1)[1])
    first, second = client.receive(), client.receive()
    check((first.error, second.error) == (0, 0), f"errors {first.error}, {second.error}")
    check(second.zxid == first.zxid + 2, "between the two stands the transaction that makes the session global")
    check(knows(server, client) == "global", f"{server} has no global session:\n{server.words('dump')}")
    check(client.create(top + "/f", b"", 3).zxid == second.zxid + 1, "a second upgrade")
    until("it moves to another server", lambda: attach(lab, other, client, second.zxid) == client.session, 5)
    check(other.mode() and client.get(top)[0] == 0, "reads at the first server")
    watcher = lab.client(leader)
    check(watcher.exists(top + "/e").ephemeralOwner == client.session, "the ephemeral is another's")
    client.drop()
    until("the leader ends the silent session", lambda: not watcher.exists(top + "/e"), 10)
    check(watcher.get_children(top) == [], "an ephemeral outlived its session")
    watcher.stop()
    several = lab.wire(server)
    check(several.multi(wire.create_part(top + "/m", b"", 1), wire.set_part(top, b"")).error == 0, "a multi")
    check(knows(server, several) == "global", "a multi that creates an ephemeral")
    several.close()


def zxid(server):
    """The last one applied there, as `srvr` tells."""
    for line in server.words("srvr").splitlines():
        if line.startswith("Zxid: "):
            return int(line.split()[1], 16)
    return None


def knows(server, client):
    """How `dump` lists the session: local, global, or not at all."""
    kind = None
    for line in server.words("dump").splitlines():
        if line.startswith("Local Session Sets"):
            kind = "local"
        elif line.startswith("Global Session"):
            kind = "global"
        elif line.startswith("ephemeral nodes dump"):
            return None
        elif line.split("\t")[0 if line.startswith("0x") else -1] == f"{client.session & (1 << 64) - 1:#x}":
            return kind
    return None


def attach(lab, server, client, last_zxid=0):
    """The session id the server gives to who presents this client's; 0 when it has expired, None when turned away."""
    try:
        again = lab.wire(
            server, timeout=2000, session=client.session, password=client.password, last_zxid=last_zxid)
    except ConnectionError:
        return None
    again.drop()
    return again.session
