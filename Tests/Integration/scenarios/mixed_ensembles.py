"""Our voters beside Apache's, data directories handed from one to the other, and Apache's tools on our files."""

import glob
import re
import subprocess

import trees
from ensemble import Ensemble
from harness import JAVA_CLASS_PATH, check
from recorder import Load
from registry import scenario
from scenarios.observers_of_apache import every_kind


def mixed(lab, kinds):
    """Voters 1…3; the third leads first. Writes, kill of the leader under load, its return; equal trees."""
    ensemble = Ensemble(lab, kinds)
    ensemble.start_with_leader(ensemble[3])
    for server in ensemble.servers:
        client = lab.wire(server)
        every_kind(client, f"/k{server.sid}")
        client.close()
    load = Load(lab, ensemble.servers)
    load.progress()
    for _ in range(2):
        leader = ensemble.leader()
        leader.kill()
        load.everyone_progresses(40)
        leader.start().serving()
        load.progress()
    load.end()
    ensemble.serving()
    tree = trees.same(ensemble.servers, seconds=15)
    load.verify(tree)
    same_digests(ensemble.servers)
    check(not trees.ephemerals(tree), f"ephemerals left: {trees.ephemerals(tree)}")


def same_digests(servers):
    """What the word `hash` remembers is the same wherever two servers remember the same transaction."""
    known = {}
    compared = 0
    for server in servers:
        for line in server.words("hash").splitlines():
            zxid, digest = line.split(": ")
            compared += zxid in known
            check(known.setdefault(zxid, digest) == digest, f"{server}: digest {digest} after {zxid}, not {known[zxid]}")
    check(compared > 0, "no two servers remember the digest of the same transaction")


@scenario(120)
def mixed_voters_apache_leads(lab):
    mixed(lab, ["meerkat", "meerkat", "apache"])


@scenario(120)
def mixed_voters_meerkat_leads(lab):
    mixed(lab, ["apache", "meerkat", "meerkat"])


@scenario(120)
def mixed_minority(lab):
    """One of ours among two of Apache's."""
    mixed(lab, ["meerkat", "apache", "apache"])


@scenario(120)
def data_directories_handed_over(lab):
    """Apache's ensemble stops, ours starts on the same directories, and the other way round: the same tree each time,
    from logs and from snapshots."""
    ensemble = Ensemble(lab, ["apache"] * 3, ["apache"], ["snapCount=60"]).start()
    number, before = 0, None
    for kind in ("meerkat", "apache"):
        client = lab.client(ensemble.leader())
        wired = lab.wire(ensemble.followers()[0])
        every_kind(wired, f"/written-{number}")
        wired.close()
        for step in range(150):
            client.create(f"/n{number}-{step}", b"d" * step)
        client.stop()
        before = trees.same(ensemble.servers)
        for server in ensemble.servers:
            server.stop()
            server.become(kind)
        ensemble.start()
        for server in ensemble.servers:
            trees.unchanged(before, server)
        number += 1
    check(len(before) > 300, "everything written was there")


@scenario()
def files_read_by_apaches_tools(lab):
    """TxnLogToolkit and SnapshotFormatter read what our servers wrote; the log holds every transaction."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"], ["snapCount=40"]).start()
    client = lab.wire(ensemble.observers[0])
    every_kind(client, "/kinds")
    client.close()
    client = lab.client(ensemble.leader())
    for step in range(150):
        client.create(f"/n{step}", b"d")
    client.stop()
    tree = trees.same(ensemble.servers)
    for server in ensemble.servers:
        server.stop()
    for server in (ensemble[1], ensemble.observers[0]):
        logs_are_read(server)
        snapshots_are_read(server, tree)


def logs_are_read(server):
    created = set()
    logs = sorted(glob.glob(server.data + "/version-2/log.*"))
    check(logs, f"{server} has no log")
    for log in logs:
        text = tool("org.apache.zookeeper.server.persistence.TxnLogToolkit", log)
        check("CRC ERROR" not in text and re.search(r"EOF reached after \d+ txns", text), f"{log}: {text[-300:]}")
        created.update(re.findall(r" (?:create2?|createContainer|createTTL) (/[^,]*)", text))
    missing = {f"/n{step}" for step in range(150)} - created
    check(not missing or snapshots_of(server), f"{server}: not in the log: {sorted(missing)[:5]}")


def snapshots_of(server):
    names = glob.glob(server.data + "/version-2/snapshot.*")
    return sorted(names, key=lambda name: int(name.rsplit(".", 1)[1], 16))


def snapshots_are_read(server, tree):
    snapshots = [name for name in snapshots_of(server) if not name.endswith("snapshot.0")]
    check(snapshots, f"{server} wrote no snapshot")
    text = tool("org.apache.zookeeper.server.SnapshotFormatter", snapshots[-1])
    paths = set(re.findall(r"^(/\S*)$", text, re.MULTILINE))
    check({"/kinds", "/kinds/two", "/kinds/ttl"} <= paths <= set(tree) | {"/kinds/eph"},
          f"{snapshots[-1]}: {sorted(paths)[:10]}")


def tool(main, file):
    command = ["java", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp",
               JAVA_CLASS_PATH, main, file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    check(done.returncode == 0, f"{main} {file}: {done.stderr[-500:]}")
    return done.stdout
