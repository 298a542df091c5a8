"""A disk that has no room left: the server ends with a message, the ensemble goes on, nothing acknowledged is lost."""

import os
import re
import subprocess

from kazoo.exceptions import KazooException

import trees
from ensemble import Ensemble
from harness import Skip, check, until
from registry import scenario


def mount_small(lab, path, megabytes):
    """A file system of a few megabytes at `path`; Skip where this machine does not let us."""
    os.makedirs(path)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", path], capture_output=True)
    if made.returncode:
        raise Skip("mounting a small file system is not permitted here")
    lab.clean_ups.insert(0, lambda: subprocess.run(["umount", "--lazy", path], check=False))


def ended(lab, server):
    """Waits until the server gave up for want of room. Ours ends; Apache's stays, but serves nobody."""
    if lab.ours(server):
        until(f"{server} ends", lambda: not server.runs(), 15)
        check(server.process.returncode not in (0, None), f"it ended with {server.process.returncode}")
    until("a reason in the log", lambda: re.search("No space left|errno 28", server.log_text()), 15)
    server.kill()


def gave_up(server):
    return not server.runs() or "No space left" in server.log_text()


@scenario()
def disk_full(lab):
    ensemble = Ensemble(lab, ["meerkat"] * 3, settings=["preAllocSize=64"])
    victim = ensemble[1]
    small = os.path.join(victim.directory, "small")
    mount_small(lab, small, 4)
    victim.configure(victim.lines + [f"dataLogDir={small}"])
    ensemble.start_with_leader(ensemble[3])
    client = lab.client(ensemble[2], ensemble[3])
    for number in range(200):
        client.create(f"/big{number}", b"x" * 40_000)
        if gave_up(victim):
            break
    ended(lab, victim)
    for number in range(20):
        client.create(f"/after{number}", b"")
    tree = trees.same(ensemble.voters[1:])
    check("/after19" in tree and "/big0" in tree, "acknowledged writes are there")


@scenario()
def disk_full_of_the_leader(lab):
    """The leader's disk is full: another leads, and every acknowledged write is there."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, settings=["preAllocSize=64"])
    leader = ensemble[3]
    small = os.path.join(leader.directory, "small")
    mount_small(lab, small, 4)
    leader.configure(leader.lines + [f"dataLogDir={small}"])
    ensemble.start_with_leader(leader)
    client = lab.client(ensemble[1], ensemble[2])
    acknowledged = []
    for number in range(200):
        try:
            client.create_async(f"/big{number}", b"x" * 40_000).get(timeout=10)
            acknowledged.append(number)
        except (KazooException, client.handler.timeout_exception):
            break
        if gave_up(leader):
            break
    ended(lab, leader)
    rest = ensemble.voters[:2]
    ensemble.leader(among=rest)
    for server in rest:
        server.serving()
    tree = trees.same(rest)
    lost = [number for number in acknowledged if f"/big{number}" not in tree]
    check(acknowledged and not lost, f"acknowledged and lost: {lost}")
