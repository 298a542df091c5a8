"""What clients see through voters, observers and a server alone: kazoo, the C library, and exact pipelines."""

import subprocess
import threading

from kazoo.exceptions import (BadVersionError, KazooException, NoAuthError, NoChildrenForEphemeralsError,
                              NodeExistsError, NoNodeError, NotEmptyError, RolledBackError)
from kazoo.security import make_digest_acl

import trees
import wire
from clients import USER, compile_c_client
from ensemble import Ensemble
from harness import HOST, check, until
from registry import scenario


def expect(problem, action, *arguments, **options):
    try:
        action(*arguments, **options)
    except problem:
        return
    check(False, f"{problem.__name__} was due from {action.__name__}{arguments}")


@scenario()
def kazoo_operations(lab):
    """Every operation of kazoo through a follower and an observer; all servers then show one tree."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    for server in (ensemble.followers()[0], ensemble.observers[0], ensemble.leader()):
        client = lab.client(server, auth=USER)
        top = f"/at-{server.sid}"
        nodes_and_versions(client, top)
        names_and_ephemerals(client, top)
        transactions(client, top)
        access_lists(lab, server, client, top)
        client.stop()
    tree = trees.same(ensemble.servers)
    check(not trees.ephemerals(tree), f"ephemerals outlived their sessions: {trees.ephemerals(tree)}")


def nodes_and_versions(client, top):
    check(client.create(top, b"zero") == top, "create answers the path")
    expect(NodeExistsError, client.create, top, b"")
    expect(NoNodeError, client.create, top + "/no/parent", b"")
    data, stat = client.get(top)
    check((data, stat.version, stat.dataLength) == (b"zero", 0, 4), f"get: {data} {stat}")
    check(client.set(top, b"one").version == 1, "set answers the new version")
    expect(BadVersionError, client.set, top, b"two", version=0)
    expect(NoNodeError, client.get, top + "/none")
    check(client.exists(top + "/none") is None, "exists of a missing node")
    path, stat = client.create(top + "/a", b"a", include_data=True)
    check(path == top + "/a" and stat.czxid == stat.mzxid, "create2")
    client.create(top + "/a/b", b"")
    expect(NotEmptyError, client.delete, top + "/a")
    client.delete(top + "/a/b")
    expect(BadVersionError, client.delete, top + "/a", version=3)
    children, stat = client.get_children(top, include_data=True)
    check(children == ["a"] and stat.numChildren == 1 and stat.cversion == 1, f"children: {children} {stat}")
    client.delete(top + "/a")
    check(client.get_children(top) == [], "the only child is gone")
    big = b"x" * 300_000
    client.set(top, big)
    check(client.get(top)[0] == big, "300 kB come back")
    client.sync(top)


def names_and_ephemerals(client, top):
    names = [client.create(top + "/n-", b"", sequence=True) for _ in range(3)]
    base = int(names[0][-10:])
    check([int(name[-10:]) - base for name in names] == [0, 1, 2], f"sequence: {names}")
    path = client.create(top + "/e-", b"", ephemeral=True, sequence=True)
    check(client.get(path)[1].ephemeralOwner == client.client_id[0], "owner of the ephemeral")
    expect(NoChildrenForEphemeralsError, client.create, path + "/child", b"")


def transactions(client, top):
    good = client.transaction()
    good.create(top + "/t", b"t")
    good.check(top + "/t", version=0)
    good.set_data(top + "/t", b"u", version=0)
    good.create(top + "/t2", b"")
    good.delete(top + "/t2")
    results = good.commit()
    check(not any(isinstance(result, Exception) for result in results), f"transaction: {results}")
    bad = client.transaction()
    bad.create(top + "/never", b"")
    bad.check(top + "/t", version=77)
    bad.delete(top + "/t")
    results = bad.commit()
    check(isinstance(results[0], RolledBackError) and isinstance(results[1], BadVersionError), f"failed: {results}")
    check(client.exists(top + "/never") is None and client.get(top + "/t")[0] == b"u", "nothing of it was applied")


def access_lists(lab, server, client, top):
    own = make_digest_acl("bob", "secret", all=True)
    client.create(top + "/private", b"p", acl=[own])
    stranger = lab.client(server)
    expect(NoAuthError, stranger.get, top + "/private")
    expect(NoAuthError, stranger.set, top + "/private", b"")
    stranger.add_auth(*USER)
    check(stranger.get(top + "/private")[0] == b"p", "the second identity reads")
    acl, stat = client.get_acls(top + "/private")
    check(acl == [own] and stat.aversion == 0, f"access list: {acl}")
    client.set_acls(top + "/private", [own, make_digest_acl("eve", "x", read=True)])
    check(client.get_acls(top + "/private")[1].aversion == 1, "version of the access list")
    stranger.stop()


@scenario()
def kazoo_watches(lab):
    """One-shot watches at an observer and a follower fire once, for changes made through another server."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    writer = lab.client(ensemble.leader())
    for server in (ensemble.followers()[0], ensemble.observers[0]):
        client, top, events = lab.client(server), f"/w{server.sid}", []
        writer.create(top, b"")
        client.sync(top)
        client.get(top, watch=events.append)
        client.get_children(top, watch=events.append)
        client.exists(top + "/child", watch=events.append)
        writer.create(top + "/child", b"")
        until("creation seen", lambda: len(events) == 2, 5)
        writer.set(top, b"1")
        until("change seen", lambda: len(events) == 3, 5)
        client.get(top + "/child", watch=events.append)
        writer.delete(top + "/child")
        until("deletion seen", lambda: len(events) == 4, 5)
        writer.set(top, b"2")
        client.sync(top)
        client.get(top)
        seen = sorted((event.type, event.path) for event in events)
        wanted = sorted([("CREATED", top + "/child"), ("CHILD", top), ("CHANGED", top), ("DELETED", top + "/child")])
        check(seen == wanted, f"{server}: events {seen}")
        data_watch(client, writer, top)


def data_watch(client, writer, top):
    """kazoo's DataWatch recipe sees the last value of a burst."""
    last, done = [], threading.Event()

    def note(data, stat):
        last.append(data)
        if data == b"end":
            done.set()
    client.DataWatch(top, note)
    for step in range(50):
        writer.set(top, b"%d" % step)
    writer.set(top, b"end")
    check(done.wait(10), f"last value seen: {last[-1:]}")


@scenario()
def pipelined_order(lab):
    """Hundreds of requests of one session in flight: replies in order, reads see the session's own writes, events
    arrive before replies that show the change."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    for server in (ensemble.leader(), ensemble.followers()[0], ensemble.observers[0]):
        client, path = lab.wire(server), f"/p{server.sid}"
        check(client.create(path, b"start").error == 0, "create")
        last = 0
        for burst in range(4):
            sent = []
            for step in range(100):
                value = b"%d" % (burst * 100 + step)
                sent.append((client.send(wire.SET, wire.text(path) + wire.buffer(value) + wire.number(-1)), None))
                sent.append((client.send(wire.GET, wire.text(path) + b"\0"), value))
            for xid, value in sent:
                reply = client.receive()
                check(reply.xid == xid and reply.error == 0, f"{server}: reply {reply} where {xid} was due")
                check(reply.zxid >= last, f"{server}: zxid went back")
                last = reply.zxid
                if value is not None:
                    seen = reply.body.buffer()
                    check(seen == value, f"{server}: read {seen} after writing {value}")
        event_before_reply(client, path)
        client.close()
    trees.same(ensemble.servers)


def event_before_reply(client, path):
    client.get(path, watch=True)
    client.events.clear()
    client.send(wire.SET, wire.text(path) + wire.buffer(b"new") + wire.number(-1))
    client.send(wire.GET, wire.text(path) + b"\0")
    client.receive()
    check([event[:3] for event in client.events] == [(3, 3, path)], f"event before the reply: {client.events}")
    client.receive()


@scenario()
def c_library(lab):
    """Apache's C client: its session, ephemeral and watch move from a killed server to the next of its list."""
    program = compile_c_client(lab.directory)
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    observer = ensemble.observers[0]
    for first, second in ((ensemble.followers()[0], observer), (observer, ensemble.leader())):
        process = subprocess.Popen([program, f"{first.address},{second.address}", f"/c{first.sid}"], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        lab.clean_ups.append(process.kill)
        answer = process.stdout.readline().strip()
        check(answer == "ready", f"C client at {first}: {answer} {process.stdout.read() if answer != 'ready' else ''}")
        first.kill()
        output, _ = process.communicate("go\n", timeout=40)
        check(process.returncode == 0, f"C client moving from {first} to {second}: {output}")
        first.start().serving()
    trees.same(ensemble.servers)


@scenario()
def standalone(lab):
    """A server alone, configured by three lines: roles, writing, kill -9, the same tree again, stats included."""
    server = lab.server("meerkat", 1)
    server.configure(["tickTime=500", f"clientPort={server.client_port}", f"clientPortAddress={HOST}"])
    server.start().serving()
    check(server.mode() == "standalone", f"mode {server.mode()}")
    client = lab.client(server, auth=USER)
    nodes_and_versions(client, "/alone")
    transactions(client, "/alone")
    for number in range(300):
        client.create(f"/alone/n{number}", b"%d" % number)
    client.stop()
    before = trees.dump(server)
    for end in (server.kill, server.stop):
        end()
        server.start().serving()
        trees.unchanged(before, server)


@scenario()
def unlisted_observers(lab):
    """Observers that know nothing but the voters' addresses join, serve, survive a change of leader, and leave."""
    ensemble = Ensemble(lab, ["meerkat"] * 3).start()
    joined = [ensemble.unlisted_observer("meerkat", sid) for sid in (90, 1_777_000_042)]
    for observer in joined:
        observer.start().serving(modes=("observer",))
    client = lab.client(*joined, timeout=8)
    client.create("/through", b"", ephemeral=True)
    seen = []
    lab.client(joined[1]).get("/through", watch=seen.append)
    client.set("/through", b"x")
    until("the watch fires", lambda: seen, 5)
    leader = ensemble.leader()
    leader.kill()
    ensemble.leader(among=[server for server in ensemble.voters if server is not leader])
    for observer in joined:
        observer.serving()
    until("the client writes again", lambda: written(client, "/through"), 20)
    leader.start().serving()
    trees.same(ensemble.servers + joined)
    joined[0].kill()
    until("the client moves to the other", lambda: written(client, "/through"), 20)
    check(trees.dump(joined[1])["/through"].stat.owner == client.client_id[0], "the ephemeral was lost")


def written(client, path):
    try:
        return client.set_async(path, b"y").get(timeout=5)
    except (KazooException, client.handler.timeout_exception):
        return None
