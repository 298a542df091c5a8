"""Servers die, freeze and come back while clients write: nothing that was acknowledged is lost, all trees are equal."""

import time

import trees
import wire
from ensemble import Ensemble
from harness import check, until
from recorder import Load
from registry import scenario


def settled(ensemble, load):
    """Ends the load; every server shows one tree that holds every acknowledged write."""
    load.end()
    ensemble.serving()
    tree = trees.same(ensemble.servers, seconds=15)
    load.verify(tree)
    check(load.acknowledged > 0, "nothing was written")
    return tree


@scenario()
def leader_killed_under_load(lab):
    """kill -9 of the leader, twice; writing goes on each time, the killed server comes back."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    holder = lab.client(*ensemble.servers, timeout=8)
    holder.create("/held", b"", ephemeral=True)
    load = Load(lab, ensemble.servers)
    for _ in range(2):
        load.progress()
        leader = ensemble.leader()
        leader.kill()
        load.everyone_progresses(40)
        leader.start().serving()
    load.progress()
    tree = settled(ensemble, load)
    check(tree["/held"].stat.owner == holder.client_id[0], "the ephemeral of a live session is gone")


@scenario()
def learners_killed_under_load(lab):
    """kill -9 of a follower, then of the observer; both catch up with what they missed."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    load = Load(lab, ensemble.servers)
    for server in (ensemble.followers()[0], ensemble.observers[0]):
        load.progress()
        server.kill()
        load.progress(200)
        server.start().serving()
        load.progress()
    settled(ensemble, load)


@scenario()
def leader_frozen_under_load(lab):
    """The leader stops (SIGSTOP) for longer than sessions live, another takes over; thawed, the old one follows and
    none of its unfinished business shows."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"], settings=["syncLimit=4"]).start()
    load = Load(lab, ensemble.servers)
    load.progress()
    leader = ensemble.leader()
    abandoned = lab.wire(leader, timeout=2000)
    abandoned.create("/abandoned", b"", 1)
    abandoned.drop()
    leader.freeze()
    rest = [server for server in ensemble.voters if server is not leader]
    until("another leads", lambda: any(server.mode() == "leader" for server in rest), 40, 0.2)
    load.progress(200, 60)
    time.sleep(1)
    leader.thaw()
    until("the old leader follows", lambda: leader.mode() == "follower", 30, 0.2)
    load.everyone_progresses()
    tree = settled(ensemble, load)
    check("/abandoned" not in tree, "an expired session's ephemeral is still there")


@scenario()
def everything_restarted(lab):
    """All servers killed at once under load, and started again; then all stopped politely, and started again."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"], settings=["snapCount=300"]).start()
    dying = lab.wire(ensemble.leader(), timeout=3000)
    dying.create("/dies", b"", 1)
    load = Load(lab, ensemble.servers)
    load.progress(400)
    for server in ensemble.servers:
        server.kill()
    ensemble.start()
    load.everyone_progresses(40)
    load.progress(100)
    for server in ensemble.servers:
        server.stop()
    ensemble.start()
    load.everyone_progresses(40)
    tree = settled(ensemble, load)
    if "/dies" in tree:
        until("the session of no client expires", lambda: "/dies" not in trees.dump(ensemble.leader()), 15, 0.5)
    trees.same(ensemble.servers)


@scenario()
def large_tree_to_a_learner(lab):
    """Several megabytes in many nodes reach an empty observer and a follower that was away for long, by snapshot."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"], settings=["snapCount=2000"]).start()
    follower, observer = ensemble.followers()[0], ensemble.observers[0]
    filled = fill(lab, ensemble.leader(), 0, 3000)
    follower.kill()
    observer.kill()
    observer.wipe()
    filled = fill(lab, ensemble.leader(), filled, 6000)
    ensemble.start(follower, observer)
    load = Load(lab, ensemble.servers)
    load.everyone_progresses()
    tree = settled(ensemble, load)
    check(len(tree) > filled, f"{len(tree)} nodes of more than {filled}")


def fill(lab, server, first, count):
    """Nodes of a kilobyte each, in pipelines; the number of the next."""
    client = lab.wire(server, timeout=30000)
    for start in range(first, first + count, 500):
        for number in range(start, start + 500):
            client.send(wire.CREATE, wire.text(f"/fill{number}") + wire.buffer(b"%01000d" % number)
                        + wire.acls(wire.OPEN) + wire.number(0))
        for _ in range(500):
            check(client.receive().error == 0, "create")
    client.close()
    return first + count
