"""Our observers in an ensemble of Apache servers: one listed in every zoo.cfg, one that joins by addresses alone."""

import shutil
import time

import trees
import wire
from clients import USER
from ensemble import Ensemble
from harness import check, until
from recorder import Load
from registry import scenario

#: Makes a leader of Apache's answer an observer that is behind its window with a snapshot, never with its log.
NO_LOG_SYNC = "snapshotSizeFactor=-0.1"
UNLISTED = 1_777_000_042


def with_observers(lab, settings=(), reconfigurable=False):
    ensemble = Ensemble(lab, ["apache"] * 3, ["meerkat"], settings, reconfigurable)
    unlisted = ensemble.unlisted_observer("meerkat", UNLISTED)
    ensemble.start()
    unlisted.start().serving()
    return ensemble, ensemble.observers[0], unlisted


@scenario()
def every_transaction_of_apache(lab):
    """Every kind of transaction the leader can produce, asked through each server: equal trees, stats included."""
    settings = ["znode.container.checkIntervalMs=1000"]
    ensemble, listed, unlisted = with_observers(lab, settings)
    for server in (ensemble.leader(), ensemble.followers()[0], listed, unlisted):
        client = lab.wire(server, timeout=8000)
        every_kind(client, f"/t{server.sid}")
        dying = lab.wire(server, timeout=1000)
        check(dying.create(f"/t{server.sid}/expires", b"", 1).error == 0, "ephemeral")
        dying.drop()
        client.close()
    leader = lab.client(ensemble.leader())
    for server in ensemble.servers + [unlisted]:
        until("the abandoned session expires", lambda: not leader.exists(f"/t{server.sid}/expires"), 10)
    tree = trees.same(ensemble.servers + [unlisted])
    check(not trees.ephemerals(tree), f"ephemerals left: {trees.ephemerals(tree)}")


def every_kind(client, top):
    ok = lambda reply: check(reply.error == 0, f"error {reply.error} below {top}")
    fails = lambda error, reply: check(reply.error == error, f"error {reply.error} where {error} was due")
    ok(client.auth(*USER))
    ok(client.create(top, b"top"))
    ok(client.create(top + "/two", b"2", code=wire.CREATE2))
    ok(client.create(top + "/null", None))
    ok(client.create(top + "/seq-", b"", 2))
    ok(client.create(top + "/eph", b"", 1))
    ok(client.create(top + "/eph-", b"", 3, code=wire.CREATE2))
    ok(client.container(top + "/box"))
    ok(client.create(top + "/box/thing", b""))
    ok(client.delete(top + "/box/thing"))
    ok(client.create_ttl(top + "/ttl", b"t", 3_600_000))
    ok(client.create_ttl(top + "/ttl-", b"t", 3_600_000, 6))
    ok(client.set(top, b"changed"))
    ok(client.set(top + "/two", b"", 0))
    ok(client.set(top + "/null", None))
    fails(-103, client.set(top, b"", 17))
    fails(-110, client.create(top, b""))
    fails(-101, client.delete(top + "/absent"))
    ok(client.create(top + "/auth", b"", acl=((31, "auth", ""), (1, "world", "anyone"))))
    ok(client.set_acl(top + "/two", ((31, "world", "anyone"), (1, "ip", "127.0.0.1/8"))))
    fails(-103, client.set_acl(top + "/two", wire.OPEN, 5))
    quota(client, top, ok)
    ok(client.multi(
        wire.create_part(top + "/m1", b"1"), wire.create_part(top + "/m2", b"2", code=wire.CREATE2),
        wire.create_part(top + "/ms-", b"", 2), wire.create_part(top + "/me", b"", 1),
        wire.set_part(top + "/m1", b"one", 0), wire.check_part(top, -1), wire.delete_part(top + "/m2"),
        wire.create_part(top + "/mbox", b"", 4, code=wire.CONTAINER)))
    failing(client, [0, -101, -2], wire.create_part(top + "/never", b""), wire.delete_part(top + "/absent"),
            wire.set_part(top, b"never"))
    failing(client, [0, -103], wire.set_part(top, b"never"), wire.check_part(top + "/two", 99))
    check(client.get(top)[1] == b"changed", "a failed multi left something behind")
    check(client.get(top + "/never")[0] == -101, "a failed multi left a node behind")
    ok(client.sync(top))


def failing(client, errors, *parts):
    answered = wire.multi_errors(client.multi(*parts))
    check(answered == errors, f"multi answered {answered}, due was {errors}")


def quota(client, top, ok):
    """Quota nodes are ordinary transactions; the statistics below them are kept by each server itself."""
    path = "/zookeeper/quota" + top
    ok(client.create(path, b""))
    ok(client.create(path + "/zookeeper_limits", b"count=1000,bytes=100000"))
    ok(client.create(path + "/zookeeper_stats", b"count=0,bytes=0"))
    ok(client.create(top + "/counted", b"12345"))
    ok(client.set(top + "/counted", b"1234567"))


@scenario()
def watches_at_observers_of_apache(lab):
    """Standard, persistent and recursive watches at our observers for changes made elsewhere."""
    ensemble, listed, unlisted = with_observers(lab)
    writer = lab.wire(ensemble.leader())
    writer.create("/w", b"")
    for server in (listed, unlisted):
        client = lab.wire(server)
        client.sync("/w")
        recursive = lab.wire(server)  # of its own: a connection has one mode of standing watch on a path
        check(recursive.call(wire.ADD_WATCH, wire.text("/w") + wire.number(1)).error == 0, "addWatch, recursive")
        check(client.call(wire.ADD_WATCH, wire.text("/w") + wire.number(0)).error == 0, "addWatch, persistent")
        writer.create("/w/c", b"")
        writer.set("/w", b"1")
        writer.set("/w/c", b"1")
        writer.delete("/w/c")
        writer.set("/w", b"2")
        client.sync("/w")
        recursive.sync("/w")
        events = [(kind, path) for kind, _, path, _ in client.events]
        check(events == [(4, "/w"), (3, "/w"), (4, "/w"), (3, "/w")], f"{server}, standing watch: {events}")
        events = [(kind, path) for kind, _, path, _ in recursive.events]
        check(events == [(1, "/w/c"), (3, "/w"), (3, "/w/c"), (2, "/w/c"), (3, "/w")], f"{server}, recursive: {events}")
        client.close()
        recursive.close()


@scenario()
def apache_leader_killed(lab):
    """The leader is killed under load through our observers; they find the next one and lose nothing."""
    ensemble, listed, unlisted = with_observers(lab)
    load = Load(lab, [listed, unlisted])
    load.progress()
    leader = ensemble.leader()
    leader.kill()
    load.everyone_progresses(40)
    leader.start().serving()
    load.progress()
    load.end()
    ensemble.serving()
    load.verify(trees.same(ensemble.servers + [unlisted], seconds=15))


@scenario()
def observer_catches_up(lab):
    """After a short stop by DIFF; with an empty directory, and after more writes than the leader's window, by SNAP."""
    ensemble, listed, unlisted = with_observers(lab, [NO_LOG_SYNC, "snapCount=400"])
    client = lab.wire(ensemble.leader(), timeout=30000)
    client.create("/held", b"", 1)
    # An observer gathers what it logs for a moment. To one that has nothing of the epoch Apache's leader sends a snapshot.
    time.sleep(0.5)
    pace = 0

    def write(count):
        nonlocal pace
        for _ in range(count):
            pace += 1
            client.send(wire.CREATE, wire.text(f"/n{pace}") + wire.buffer(b"x" * 1000) + wire.acls(wire.OPEN)
                        + wire.number(0))
        for _ in range(count):
            check(client.receive().error == 0, "create")

    for missed, wiped, way in ((5, False, "DIFF"), (20, True, "snapshot"), (1200, False, "snapshot")):
        for observer in (listed, unlisted):
            sent = syncs(ensemble, way)
            observer.kill()
            if wiped:
                observer.wipe()
            write(missed)
            observer.start().serving()
            check(syncs(ensemble, way) > sent, f"{observer} was not synchronised by {way}")
        client.ping()
        trees.same(ensemble.servers + [unlisted])
    check("/held" in trees.dump(unlisted), "the ephemeral of a live session")


def syncs(ensemble, way):
    """How often the Apache voters' logs say that a learner was sent this."""
    return sum(voter.log_text().count(f"Sending {way}") for voter in ensemble.voters)


@scenario()
def observer_truncates(lab):
    """Observers that hold a transaction no quorum ever had are told to drop it: by TRUNC while the new epoch is empty,
    by a snapshot once it is not (a leader of Apache's does not truncate across an epoch it has written in)."""
    # Were the writer's session to expire in the new epoch, that epoch would not be empty.
    ensemble, listed, unlisted = with_observers(lab, ["maxSessionTimeout=120000"])
    client = lab.wire(ensemble.leader(), timeout=120000)
    for number in range(5):
        client.create(f"/kept{number}", b"")
    trees.same(ensemble.servers + [unlisted])
    lose_a_write(ensemble, client, [listed, unlisted])
    old_leader = ensemble.voters[-1]
    ensemble.start(*ensemble.voters[:-1])
    others = syncs(ensemble, "DIFF") + syncs(ensemble, "snapshot")  # TRUNC leaves no line of its own
    listed.start().serving()
    check(syncs(ensemble, "DIFF") + syncs(ensemble, "snapshot") == others, f"{listed} was not told to truncate")
    writer = lab.client(listed)
    writer.create("/after", b"")
    unlisted.start().serving()
    old_leader.start().serving()
    tree = trees.same(ensemble.servers + [unlisted])
    check("/lost" not in tree and "/after" in tree and "/kept4" in tree, f"{sorted(tree)[:20]}")


def lose_a_write(ensemble, client, heirs):
    """Leaves the leader with one logged transaction nobody else has, dead, and gives its files to `heirs`.

    The followers are frozen first, so that the proposal waits in their sockets, and die with it.
    """
    leader = ensemble.leader()
    followers = [server for server in ensemble.voters if server is not leader]
    for follower in followers:
        follower.freeze()
    client.send(wire.CREATE, wire.text("/lost") + wire.buffer(b"") + wire.acls(wire.OPEN) + wire.number(0))
    until("the leader has logged it", lambda: leader.has_logged(b"/lost"), 10)
    for server in followers + [leader] + heirs:
        server.kill()
    for heir in heirs:
        heir.wipe()
        shutil.copytree(leader.data + "/version-2", heir.data + "/version-2")
    # The leader stays down for now: the caller starts the rest first, so that the lost write is not revived.
    ensemble.voters.sort(key=lambda server: server is leader)


@scenario()
def apache_reconfigures(lab):
    """Members leave and join (reconfig) while our observers serve; every server ends with the same configuration."""
    ensemble, listed, unlisted = with_observers(lab, reconfigurable=True)
    admin = lab.wire(ensemble.leader(), timeout=20000)
    admin.auth("digest", "super:secret")
    leaving = ensemble.followers()[0]
    reply = admin.reconfig(leaving=str(leaving.sid))
    check(reply.error == 0, f"leaving: error {reply.error}")
    client = lab.client(listed)
    client.create("/without", b"")
    for server in (listed, unlisted):
        until(f"{server} knows", lambda: f"server.{leaving.sid}=" not in config_node(server), 10)
    reply = admin.reconfig(joining=ensemble.line(leaving))
    check(reply.error == 0, f"joining: error {reply.error}")
    client.create("/with", b"")
    until("all know the same members", lambda: len({config_node(s) for s in ensemble.servers + [unlisted]}) == 1, 15)
    ensemble.serving()
    trees.same(ensemble.servers + [unlisted])
    leader = ensemble.leader()
    leader.kill()
    ensemble.leader(among=[server for server in ensemble.voters if server is not leader])
    listed.serving()
    unlisted.serving()
    leader.start().serving()
    trees.same(ensemble.servers + [unlisted])


def config_node(server):
    return trees.dump(server)["/zookeeper/config"].data.decode()
