#!/usr/bin/env python3
"""Where the instructions go: callgrind's shares of a hot read, a notification and a forwarded write.

    swift build -c release --product meerkat && swift build -c release --product loadtest
    Tests/Integration/callgrind.py [--seconds 20] [--top 10] [read notification write]

Two voters and an observer run under valgrind, so everything takes about fifty times as long. User instructions only:
the kernel's part of a send or a wake-up is not seen.
"""

import argparse
import json
import os
import re
import subprocess

from ensemble import Ensemble
from harness import REPOSITORY, Lab, check, meerkat_binary, until

#: What the load does, which of its counts are the operations, and on whom callgrind looks.
LOADS = {
    "read": (["get", "--connections", "16", "--outstanding", "64"], "replies", ["observer"]),
    "notification": (["watch", "--connections", "201"], "events", ["observer"]),
    "write": (["set", "--connections", "16", "--outstanding", "16"], "replies", ["leader", "follower", "observer"]),
}
#: Patience that valgrind needs: servers must not lose each other, nor sessions expire.
SETTINGS = ["minSessionTimeout=60000", "maxSessionTimeout=600000", "clientWorkers=1"]
SLOW = {"tickTime=500": "tickTime=8000"}
#: Under way when counting begins, so that callgrind takes all that they call for their own.
BOTTOM = re.compile(r"(clone|start_thread|ThreadWork|.*closure #1 in (NamedThread|LoopThread|static Server))\b")


def control(server, order):
    """--zero forgets what was counted, --dump writes it to a file in the server's directory."""
    subprocess.run(["callgrind_control", order, str(server.process.pid)], check=True, capture_output=True)


def dump(server):
    before = set(os.listdir(server.directory))
    control(server, "--dump")

    def look():
        new = [name for name in set(os.listdir(server.directory)) - before if name.startswith("callgrind.out.")]
        return os.path.join(server.directory, new[0]) if new else None
    return until("callgrind writes what it counted", look)


def shares(path):
    """Instructions altogether, and (share, function) of each function itself, largest first."""
    text = subprocess.run(
        ["callgrind_annotate", "--inclusive=no", "--threshold=100", path], check=True, capture_output=True, text=True).stdout
    text = subprocess.run(
        ["swift", "demangle", "--simplified"], input=text, check=True, capture_output=True, text=True).stdout
    total = int(re.search(r"([\d,]+) \(100\.0%\)  PROGRAM TOTALS", text)[1].replace(",", ""))
    rows = re.findall(r"^\s*([\d,]+) \([ \d.]+%\)  [^:\n]*?:(.+?) \[[^\]\n]*\]", text, re.MULTILINE)
    named = [(int(count.replace(",", "")) / total, short(name)) for count, name in rows]
    return total, [(share, name) for share, name in named if not BOTTOM.match(name)]


def short(name):
    """Types and names; no argument labels, parameters or results."""
    name = re.sub(r"^(?:(?:generic )?specialization[^>]*> )?of ", "", name)
    name = name.replace("specialized ", "").replace("merged ", "")
    return re.sub(r"\(.*", "", name)[:70]


def load(server, arguments, seconds, result):
    command = [f"{REPOSITORY}/.build/release/loadtest", *arguments, "--servers", server.address,
               "--timeout-ms", "600000", "--connect-seconds", "300", "--json", result]
    if arguments[0] == "run":
        command += ["--seconds", str(seconds), "--warm-up", "0", "--check", "length"]
    done = subprocess.run(command, capture_output=True, text=True)
    check(done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    with open(result) as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--top", type=int, default=10)
    parser.add_argument("loads", nargs="*", choices=[[], *LOADS], help="default: all")
    options = parser.parse_args()
    with Lab("callgrind") as lab:
        binary = os.path.join(lab.directory, "meerkat")
        subprocess.run(["objcopy", "--strip-debug", meerkat_binary(), binary], check=True)
        ensemble = Ensemble(lab, ["meerkat"] * 2, ["meerkat"], SETTINGS)
        for server in ensemble.servers:
            server.configure([SLOW.get(line, line) for line in server.lines])
            server.command = ["valgrind", "--tool=callgrind", binary, "server", server.configuration]
            server.start()
        for server in ensemble.servers:
            server.serving(300)
        observer = ensemble.observers[0]
        result = os.path.join(lab.directory, "result.json")
        load(observer, ["prepare"], 0, result)
        for name in options.loads or LOADS:
            arguments, counted, looked_at = LOADS[name]
            load(observer, ["run", "--workload", *arguments], 2, result)
            servers = [server for server in ensemble.servers if server.mode() in looked_at]
            for server in servers:
                control(server, "--zero")
            operations = load(observer, ["run", "--workload", *arguments], options.seconds, result)[counted]
            for server in servers:
                mode, path = server.mode(), dump(server)
                total, rows = shares(path)
                print(f"\n{name}, {mode}: {total / operations:,.0f} instructions each, of {operations:,}")
                for share, function in rows[:options.top]:
                    print(f"  {share:5.1%}  {function}")


if __name__ == "__main__":
    main()
