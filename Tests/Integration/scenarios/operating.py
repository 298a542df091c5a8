"""What an operator does: four-letter words, the whitelist, SIGTERM, a wrong configuration."""

import re
import signal
import subprocess
import time

import trees
from ensemble import BASIC, Ensemble
from harness import HOST, check, four_letter, until
from registry import scenario


def fields(text, separator):
    """`key<separator>value` lines as a dictionary."""
    return dict(line.split(separator, 1) for line in text.splitlines() if separator in line)


@scenario()
def four_letter_words(lab):
    """Every word answers in the shape that monitoring parses; roles and counts are right."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    client = lab.client(ensemble.observers[0])
    client.create("/seen", b"12345")
    client.create("/mine", b"", ephemeral=True)
    client.get("/seen", watch=lambda event: None)
    leader = ensemble.leader()
    check(sorted(s.mode() for s in ensemble.servers) == ["follower", "follower", "leader", "observer"], "modes")
    for server in ensemble.servers:
        statistics(server)
        monitoring(server, leader)
        configuration(server)
        check(server.words("ruok") == "imok" and server.words("isro") == "rw", f"{server}: ruok, isro")
        check("Environment:" in server.words("envi"), f"{server}: envi")
        check(set(fields(server.words("dirs"), ":")) >= {"datadir_size", "logdir_size"}, f"{server}: dirs")
        check("ephemeral nodes dump:" in server.words("dump") and "\t/mine" in server.words("dump"), f"{server}: dump")
        check(server.words("gtmk").strip().isdigit(), f"{server}: gtmk")
        check(server.words("what") == "", f"{server}: an unknown word was answered")
    watches(ensemble.observers[0], client)
    check(leader.words("srst").strip() == "Server stats reset.", "srst")
    check(leader.words("crst").strip() == "Connection stats reset.", "crst")
    zxids = {fields(s.words("srvr"), ": ")["Zxid"] for s in ensemble.servers}
    check(len(zxids) == 1, f"zxids at rest: {zxids}")


def statistics(server):
    for word in ("srvr", "stat"):
        text = server.words(word)
        check(text.startswith("Zookeeper version: "), f"{server} {word}: {text[:60]}")
        values = fields(text, ": ")
        check(set(values) >= {"Received", "Sent", "Connections", "Outstanding", "Zxid", "Mode", "Node count"},
              f"{server} {word}: {sorted(values)}")
        check(re.fullmatch(r"\d+/\d+\.\d+/\d+", values["Latency min/avg/max"]), f"{server}: {values}")
        check(re.fullmatch(r"0x[0-9a-f]+", values["Zxid"]), f"{server}: zxid {values['Zxid']}")
    check("\nClients:\n" in server.words("stat"), f"{server}: stat lists no clients")


def monitoring(server, leader):
    values = fields(server.words("mntr"), "\t")
    wanted = {"zk_version", "zk_server_state", "zk_avg_latency", "zk_packets_received", "zk_packets_sent",
              "zk_num_alive_connections", "zk_outstanding_requests", "zk_znode_count", "zk_watch_count",
              "zk_ephemerals_count", "zk_approximate_data_size", "zk_open_file_descriptor_count",
              "zk_max_file_descriptor_count"}
    check(set(values) >= wanted, f"{server} mntr lacks {wanted - set(values)}")
    check(values["zk_server_state"] == server.mode(), f"{server}: state {values['zk_server_state']}")
    check(int(values["zk_ephemerals_count"]) == 1, f"{server}: ephemerals {values['zk_ephemerals_count']}")
    if server is leader:
        check(float(values["zk_synced_followers"]) == 2, f"synced followers {values['zk_synced_followers']}")
        check(float(values["zk_synced_observers"]) == 1, f"synced observers {values['zk_synced_observers']}")


def configuration(server):
    values = fields(server.words("conf"), "=")
    check(values.get("clientPort") == str(server.client_port), f"{server} conf: {values.get('clientPort')}")
    check(values.get("serverId") == str(server.sid) and values.get("tickTime") == "500", f"{server} conf: {values}")
    check(values.get("peerType") == ("1" if server.role == "observer" else "0"), f"{server} conf: peerType")
    check(f"server.{server.sid}" in values, f"{server} conf: membership")


def watches(server, client):
    session = "0x%x" % client.client_id[0]
    check(session in server.words("cons"), f"cons: {server.words('cons')}")
    summary = server.words("wchs")
    check(re.search(r"1 connections watching 1 paths\s+Total watches:1", summary), f"wchs: {summary}")
    check(session in server.words("wchc") and "/seen" in server.words("wchc"), f"wchc: {server.words('wchc')}")
    check(session in server.words("wchp") and "/seen" in server.words("wchp"), f"wchp: {server.words('wchp')}")


@scenario()
def whitelist(lab):
    """Words outside the whitelist are refused with a sentence; srvr always answers; a server that does not serve says
    so."""
    settings = ["4lw.commands.whitelist=ruok, mntr"]
    ensemble = Ensemble(lab, ["meerkat"] * 3, settings=settings)
    alone = ensemble[1].start()
    until("it answers", lambda: alone.words("ruok") == "imok", 20)
    check("is not currently serving requests" in alone.words("srvr"), f"without quorum: {alone.words('srvr')}")
    ensemble.start(ensemble[2], ensemble[3])
    server = ensemble[1].serving()
    check(server.words("stat") == "stat is not executed because it is not in the whitelist.\n",
          f"stat: {server.words('stat')!r}")
    check(server.words("mntr").startswith("zk_version\t"), "mntr is listed")
    check(four_letter(server.client_port, "ruok\n") == "imok", "a newline behind the word")


@scenario()
def sigterm(lab):
    """SIGTERM ends each server within seconds and nothing is lost."""
    ensemble = Ensemble(lab, ["meerkat"] * 3, ["meerkat"]).start()
    client = lab.client(*ensemble.servers)
    for number in range(50):
        client.create(f"/n{number}", b"")
    before = trees.same(ensemble.servers)
    for server in ensemble.servers:
        began = time.monotonic()
        status = server.stop()
        check(time.monotonic() - began < 5, f"{server} took {time.monotonic() - began:.1f} s to end")
        check(status in (0, 143, -signal.SIGTERM), f"{server} ended with {status}")
        if lab.ours(server):
            check(status == 0, f"{server} ended with {status}")
    client.stop()
    ensemble.start()
    trees.unchanged(before, ensemble.leader())


@scenario(30)
def wrong_configuration(lab):
    """Exit status 2; file, line and key are named."""
    server = lab.server("meerkat", 1)
    good = BASIC + [f"clientPort={server.client_port}", f"clientPortAddress={HOST}"]
    cases = [("tickTime=soon", "tickTime"), ("initLimit=-", "initLimit"), ("server.x=here", "server.x"),
             ("minSessionTimeout=9000\nmaxSessionTimeout=1000", "SessionTimeout"),
             ("clientPort=99999999", "clientPort")]
    for line, key in cases:
        server.configure(good + [line])
        status, text = outcome(server)
        check(status == 2, f"{line!r}: exit status {status}: {text[-500:]}")
        if lab.ours(server):
            number = len(good) + 2
            check(re.search(rf"zoo\.cfg:({number}|{number + 1})\b", text) and key in text, f"{line!r}: {text[-500:]}")
    for arguments in (["missing.cfg"], []):
        if lab.kind == "meerkat":
            command = server.server_command()[:-1] + arguments
            done = subprocess.run(command, capture_output=True, text=True, timeout=10, cwd=server.directory)
            check(done.returncode in (2, 64), f"{arguments}: exit status {done.returncode}")
            check(done.stdout + done.stderr, "no message")


def outcome(server):
    """Exit status and all output of a server that should end by itself."""
    done = subprocess.run(server.server_command(), capture_output=True, text=True, timeout=20, cwd=server.directory)
    return done.returncode, done.stdout + done.stderr
