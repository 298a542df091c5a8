#!/usr/bin/env python3
"""Meerkat beside Apache ZooKeeper on this machine, in one run: reads at an observer, writes through three voters, and
memory at 100,000 znodes.

    loadtest/compare.py [--rounds 3] [--seconds 4]

Two ensembles of three voters and one observer stand side by side, one of each kind; every measurement is taken turn by
turn, and ratios are medians over the rounds. Needs the release build and Debian's `zookeeper` package. Loopback only.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "Integration"))
from ensemble import Ensemble  # noqa: E402
from harness import Lab  # noqa: E402

LOADTEST = os.path.join(HERE, "..", ".build", "release", "loadtest")


def resident_mib(process):
    with open(f"/proc/{process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def load(server, *arguments):
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [LOADTEST, "run", "--servers", server.address, *map(str, arguments), "--json", report.name]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.load(open(report.name))


def measure(server, processes, seconds, *arguments):
    """Operations per second, and CPU microseconds per operation of the processes together."""
    pids = ",".join(str(process.pid) for process in processes)
    report = load(server, "--seconds", seconds, "--pids", pids, *arguments)
    return report["repliesPerSecond"], sum(usage["cpuUsPerOperation"] for usage in report["serverUsage"])


def row(name, ours, theirs):
    rate = [a[0] / b[0] for a, b in zip(ours, theirs)]
    cpu = [b[1] / a[1] for a, b in zip(ours, theirs)]
    print(
        f"{name:38} meerkat {statistics.median(a[0] for a in ours):>10,.0f}/s {statistics.median(a[1] for a in ours):8.2f} µs"
        f"   apache {statistics.median(b[0] for b in theirs):>9,.0f}/s {statistics.median(b[1] for b in theirs):8.2f} µs"
        f"   rate x{statistics.median(rate):.1f} ({min(rate):.1f}-{max(rate):.1f})"
        f"   CPU 1/{statistics.median(cpu):.0f} (1/{min(cpu):.0f}-1/{max(cpu):.0f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    with Lab("compare-meerkat") as ours, Lab("compare-apache") as theirs:
        labs = {"meerkat": ours, "apache": theirs}
        ensembles = {kind: Ensemble(lab, [kind] * 3, [kind]).start() for kind, lab in labs.items()}
        for ensemble in ensembles.values():
            subprocess.run(
                [LOADTEST, "prepare", "--servers", ensemble.observers[0].address, "--znodes", "1000"], check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Java compiles what is hot: let it.
        load(ensembles["apache"].observers[0], "--seconds", 12, "--workload", "get", "--check", "length")
        reading = [("getData, 16 x 64, 1,000 znodes", ("--workload", "get")),
                   ("getData, 200 x 8", ("--workload", "get", "--connections", 200, "--outstanding", 8)),
                   ("getData, 16 x 1", ("--workload", "get", "--outstanding", 1))]
        for name, arguments in reading:
            rounds = {"meerkat": [], "apache": []}
            for _ in range(options.rounds):
                for kind, ensemble in ensembles.items():
                    observer = ensemble.observers[0]
                    rounds[kind].append(measure(
                        observer, [observer.process], options.seconds, "--check", "length", *arguments))
            row(name + ", observer", rounds["meerkat"], rounds["apache"])
        rounds = {"meerkat": [], "apache": []}
        for _ in range(options.rounds):
            for kind, ensemble in ensembles.items():
                voters = [server.process for server in ensemble.voters]
                rounds[kind].append(measure(
                    ensemble.leader(), voters, options.seconds, "--workload", "set", "--outstanding", 16))
        row("setData, 16 x 16, leader; all voters", rounds["meerkat"], rounds["apache"])
        for kind, ensemble in ensembles.items():
            subprocess.run(
                [LOADTEST, "prepare", "--servers", ensemble.observers[0].address, "--znodes", "100000"], check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        sizes = {kind: resident_mib(ensemble.observers[0].process) for kind, ensemble in ensembles.items()}
        print(f"100,000 znodes of 100 bytes, observer resident: meerkat {sizes['meerkat']:.0f} MiB, "
              f"apache {sizes['apache']:.0f} MiB")


if __name__ == "__main__":
    main()
