"""The load test's own command that starts servers: what it promises is a result that programs can read."""

import json
import os
import subprocess

from harness import PATIENCE, Skip, check, meerkat_binary
from registry import scenario


@scenario()
def compare(lab):
    """One line, one round: figures and ratios are there, nothing stays behind."""
    loadtest = os.path.join(os.path.dirname(meerkat_binary()), "loadtest")
    if not os.access(loadtest, os.X_OK):
        raise Skip(f"{loadtest} is missing (swift build -c release --product loadtest)")
    result = os.path.join(lab.directory, "result.json")
    page = os.path.join(lab.directory, "result.md")
    done = subprocess.run(
        [loadtest, "compare", "--meerkat", meerkat_binary(), "--only", "get-hot", "--rounds", "1", "--seconds", "1",
         "--without-apache", "--directory", lab.directory, "--json", result, "--markdown", page],
        capture_output=True, text=True, timeout=60 * PATIENCE)
    check(done.returncode == 0, f"exit status {done.returncode}: {done.stdout}{done.stderr}")
    with open(result) as file:
        report = json.load(file)
    check([entry["name"] for entry in report["entries"]] == ["get-hot"], f"lines: {report}")
    entry = report["entries"][0]
    check(sorted(entry["contestants"]) == ["canned", "meerkat", "table"], f"contestants: {entry}")
    for name, contestant in entry["contestants"].items():
        check(len(contestant["rounds"]) == 1, f"{name}: {contestant}")
        check(contestant["operationsPerSecond"]["median"] > 0, f"{name}: {contestant}")
        check(contestant["value"]["median"] > 0, f"{name}: {contestant}")
    for ratio in ("meerkatToCanned", "meerkatToTable"):
        check(entry[ratio]["median"] > 0, f"{ratio}: {entry}")
    check("meerkat" in report["versions"] and report["circumstances"]["machine"]["cores"] > 0, f"circumstances: {report}")
    with open(page) as file:
        check("`get-hot`" in file.read(), "the page lacks its line")
    left = [name for name in os.listdir(lab.directory) if name.startswith("loadtest-")]
    check(not left, f"left behind: {left}")
