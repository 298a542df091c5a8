#!/usr/bin/env python3
"""Runs the scenarios against real processes.

    run.py [--only NAME,…] [--kind apache] [--jobs N] [--binary PATH] [--keep] [--list]
    run.py --soak SECONDS [--seed N]

Each scenario runs in a process of its own, so that a time-out ends it with everything it started. One line per
scenario, the last line counts; the exit status is 1 when any failed. `--kind apache` runs the same scenarios with
Apache's server wherever ours would stand: what a scenario expects must hold there first. PATIENCE=3 in the environment
triples every bound on waiting, for a busy machine; SEED is that of the damaged input. TRIES=2 gives a scenario that
failed another try, alone and with twice the patience: on a shared machine everything may stand still for seconds. Both
outcomes are printed, and the names at the end.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import registry
from harness import HERE, PATIENCE, Lab, Skip

SKIPPED = 77


def run_one(name, kind, keep):
    """In the scenario's own process: 0 passed, 1 failed, 77 cannot run here."""
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    try:
        with Lab(name, kind, keep) as lab:
            registry.load()[name].function(lab)
        return 0
    except Skip as reason:
        print(reason)
        return SKIPPED
    except Exception:
        traceback.print_exc()
        return 1


class Runner:
    def __init__(self, options, names):
        self.options, self.waiting = options, list(names)
        self.lock = threading.Lock()
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.failures = []

    def command(self, name):
        keep = ["--keep"] if self.options.keep else []
        return ["setpriv", "--pdeathsig", "KILL", sys.executable, os.path.abspath(__file__), "--one", name, "--kind",
                self.options.kind] + keep

    def work(self):
        while True:
            with self.lock:
                if not self.waiting:
                    return
                name = self.waiting.pop(0)
            self.run(name)

    def run(self, name):
        began = time.monotonic()
        bound = registry.known[name].seconds * PATIENCE
        directory = tempfile.mkdtemp(prefix=f"meerkat-{name}-")
        process = subprocess.Popen(self.command(name), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   errors="replace", cwd=HERE, env=dict(os.environ, TMPDIR=directory))
        try:
            output, _ = process.communicate(timeout=bound)
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()  # its servers follow: setpriv --pdeathsig
            output, _ = process.communicate()
            output += f"\nended after {bound:g} s without a result"
            status = 1
        if not (self.options.keep and status == 1):
            shutil.rmtree(directory, ignore_errors=True)
        self.report(name, status, output, time.monotonic() - began)

    def report(self, name, status, output, seconds):
        verdict = {0: "passed", SKIPPED: "skipped"}.get(status, "failed")
        with self.lock:
            self.counts[verdict] += 1
            note = f" ({output.strip()})" if verdict == "skipped" else ""
            print(f"{verdict:7} {name} {seconds:.1f} s{note}", flush=True)
            if verdict == "failed":
                self.failures.append(name)
            if verdict == "failed" or self.options.verbose:
                print("    " + "\n    ".join(output.rstrip().splitlines()), flush=True)

    def try_again(self):
        """Those that failed, one after the other; the second outcome counts."""
        names, self.failures = self.failures, []
        self.counts["failed"] -= len(names)
        os.environ["PATIENCE"] = str(2 * PATIENCE)
        for name in names:
            print(f"again   {name}", flush=True)
            self.run(name)
        print("failed at first: " + " ".join(names), flush=True)

    def all(self):
        threads = [threading.Thread(target=self.work) for _ in range(self.options.jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failures and int(os.environ.get("TRIES", "1")) > 1:
            self.try_again()
        skipped = f", {self.counts['skipped']} skipped" if self.counts["skipped"] else ""
        print(f"{self.counts['passed']} passed, {self.counts['failed']} failed{skipped}")
        return 1 if self.counts["failed"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="names, or parts of names, separated by commas")
    parser.add_argument("--kind", choices=("meerkat", "apache"), default="meerkat")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios at a time (default 2)")
    parser.add_argument("--binary", help="the server to test (default .build/release/meerkat, or $MEERKAT)")
    parser.add_argument("--keep", action="store_true", help="keep the directories of failed scenarios")
    parser.add_argument("--verbose", action="store_true", help="show the output of passed scenarios too")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="random faults under load for that long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.binary:
        os.environ["MEERKAT"] = os.path.abspath(options.binary)
    names = registry.load()
    if options.one:
        sys.stdout.reconfigure(line_buffering=True)
        status = run_one(options.one, options.kind, options.keep)
        sys.stdout.flush()
        os._exit(status)  # threads of clients that still wait must not hold the process
    if options.soak:
        import soak
        return soak.run(options)
    if options.list:
        print("\n".join(names))
        return 0
    wanted = options.only.split(",") if options.only else [""]
    chosen = [name for name in names if any(part == name or part not in names and part in name for part in wanted)]
    return Runner(options, chosen).all()


if __name__ == "__main__":
    sys.exit(main())
