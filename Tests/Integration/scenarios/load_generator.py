"""The load generator itself: each workload that goes beyond steady requests, briefly, and what its JSON says."""

import concurrent.futures
import contextlib
import json
import os
import subprocess
import tempfile
import time

from ensemble import Ensemble
from harness import REPOSITORY, Skip, check
from registry import scenario

SHAPE = ["--znodes", "200", "--value-bytes", "100"]


def generator():
    for mode in ("release", "debug"):
        path = f"{REPOSITORY}/.build/{mode}/loadtest"
        if os.access(path, os.X_OK):
            return path
    raise Skip("no load generator: swift build -c release --product loadtest")


def run(servers, *arguments, command="run"):
    """The JSON of a run that had no fault."""
    with tempfile.TemporaryDirectory() as directory:
        path, page = os.path.join(directory, "result.json"), os.path.join(directory, "result.html")
        line = [generator(), command, "--servers", ",".join(server.address for server in servers), *SHAPE,
                "--json", path, "--html", page, *map(str, arguments)]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60)
        check(done.returncode == 0, f"{' '.join(line[1:])}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
        with open(path) as file, open(page) as text:
            page = text.read()
            check(page.startswith("<!DOCTYPE html>") and "http" not in page, "the page is not self-contained")
            return json.load(file)


def workload(servers, name, *arguments, seconds=0.6):
    report = run(servers, "--workload", name, "--seconds", seconds, "--warm-up", 0.05, *arguments)
    check(report["faults"] == 0 and report["workload"] == name, f"{name}: {report['complaints']}")
    return report


@contextlib.contextmanager
def meanwhile(function, *arguments, **options):
    """Runs `function` beside the block, which gets its future. Servers must not be started there: they end with the
    thread that started them."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        yield pool.submit(function, *arguments, **options)


def figures(report):
    return {figure["name"]: figure["value"] for figure in report["figures"]}


def counts(report):
    return {latency["of"]: latency["count"] for latency in report["latencies"]}


@scenario()
def load_workloads(lab):
    """Watches of every kind, storms, broken connections and churn: all told, nothing missed, nothing lost."""
    server = Ensemble(lab, ["meerkat"]).start()[1]
    run([server], command="prepare")
    connections, watchers = ["--connections", 9], 8
    for kind in ("data", "exist", "child", "persistent", "persistent-recursive"):
        report = workload([server], "watch", "--watch-kind", kind, "--watched", 2, "--changes", 20, *connections,
                          seconds=5)
        check(figures(report)["changes"] >= 20 and figures(report)["notifications missed"] == 0, f"{kind}: {report}")
        check(report["latency"]["count"] >= 20 * watchers, f"{kind}: {report['latency']}")
        check(counts(report)["first notification of a change"] >= 20
              and counts(report)["last notification of a change"] >= 20, f"{kind}: {counts(report)}")
    report = workload([server], "watch", "--rate", 50, *connections)
    check(report["latency"]["isFromDueTime"] and figures(report)["changes per second"] < 100, f"{figures(report)}")
    report = workload([server], "storm", "--changes", 20, *connections, seconds=5)
    check(report["latency"]["of"] == "rereads" and report["latency"]["count"] >= 20 * watchers, f"{report['latency']}")
    report = workload([server], "herd", "--connections", 50, "--watches-per-session", 3, seconds=10)
    check(figures(report)["sessions back"] == 50 and figures(report)["sessions expired"] == 0, f"{figures(report)}")
    check(report["latency"]["count"] == 50 and report["seconds"] < 5, f"{report['latency']}")
    check(workload([server], "churn", *connections)["handshakes"] > 9, "no session came back")
    report = workload([server], "mixed", "--rate", 500, "--pids", server.process.pid, *connections, seconds=1.1)
    course = report["course"]
    check(len(course["seconds"]) >= 5 and len(course["servers"][0]["cpuPercent"]) == len(course["seconds"])
          and course["latency"], f"{course}")


@scenario()
def load_failover(lab):
    """A server ends under readers and writers: the gaps are measured, nothing acknowledged is lost."""
    ensemble = Ensemble(lab, ["meerkat"] * 3).start()
    run(ensemble.servers[:1], command="prepare")
    leader = ensemble.leader()
    with meanwhile(workload, ensemble.servers, "failover", "--connections", 6, "--writers", 3, "--rate", 300,
                   seconds=4) as outcome:
        time.sleep(1)
        leader.kill()
        report = outcome.result()
    values = figures(report)
    check(values["writers that miss an acknowledged write"] == 0 and values["writes acknowledged"] > 100, f"{values}")
    check(0 < values["longest time without successful writes"] < 5000, f"{values}")
    check(report["reconnects"] > 0 and counts(report)["reads"] > 100, f"{report['reconnects']} {counts(report)}")


@scenario()
def load_server_restart(lab):
    """A herd whose server is restarted: every session is back on it."""
    server = Ensemble(lab, ["meerkat"]).start()[1]
    run([server], command="prepare")

    with meanwhile(workload, [server], "herd", "--break-by", "server", "--connections", 40, "--watches-per-session", 2,
                   seconds=20) as outcome:
        time.sleep(1)
        server.stop()
        server.start()
        report = outcome.result()
    check(figures(report)["sessions back"] == 40 and figures(report)["sessions expired"] == 0, f"{figures(report)}")
