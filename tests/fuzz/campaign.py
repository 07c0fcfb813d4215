"""Fuzz targets one after the other, and keep a small corpus of each.

``.venv/bin/python tests/fuzz/campaign.py --seconds 600 [TARGET …]``; without names, all of
them. A target that ends early is begun again until its seconds are used. What was run is
written to ``RESULTS`` in the scratch directory, one JSON line a target; the exit code says
whether anything was found.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
FUZZ, SEEDS, FOUND = HERE / "fuzz.py", HERE / "seeds", HERE / "found"
SCRATCH = Path("/tmp/yinxin-fuzz")
RESULTS = SCRATCH / "results.jsonl"
KEPT_FILES, KEPT_BYTES = 24, 40_000
"""Of each target; the whole stays below 3 MB."""
LEAST_SECONDS = 5
_STAT = re.compile(r"stat::(\w+):\s+(\d+)")


def main():
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--at-once", type=int, default=2)
    chosen = parser.parse_args()
    listed = subprocess.run([sys.executable, FUZZ, "--list"], capture_output=True, check=True)
    targets = chosen.targets or listed.stdout.decode().split()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(chosen.at_once) as pool:
        results = list(pool.map(lambda name: fuzzed(name, chosen.seconds), targets))
    sys.exit(any(result["found"] for result in results))


def fuzzed(name, seconds):
    """Fuzz one target for so long, keep what it learned, and return what was run."""
    until = time.monotonic() + seconds
    before = set(FOUND.glob(f"{name}-*"))
    executions = ran = 0
    while (left := until - time.monotonic()) > LEAST_SECONDS or not executions:
        stats = _run(name, "--seconds", str(max(1, int(left))))
        executions += stats.get("number_of_executed_units", 0)
        ran += stats["seconds"]
        if not stats.get("number_of_executed_units"):
            break
    keep(name)
    found = sorted(file.name for file in set(FOUND.glob(f"{name}-*")) - before)
    result = {"target": name, "seconds": ran, "executions": executions, "found": found}
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result) + "\n")
    print(json.dumps(result), flush=True)
    return result


def keep(name):
    """Put a part of the minimised corpus among the seeds: few files, short ones first."""
    smallest = SCRATCH / f"{name}.merged"
    shutil.rmtree(smallest, ignore_errors=True)
    _run(name, "--merge", str(smallest))
    folder = SEEDS / name
    folder.mkdir(parents=True, exist_ok=True)
    ours = [file for file in folder.iterdir() if not _is_learned(file)]
    known = {file.read_bytes() for file in ours}
    for file in set(folder.iterdir()) - set(ours):
        file.unlink()
    left = KEPT_BYTES - sum(map(len, known))
    learned = sorted(smallest.glob("*"), key=lambda file: (file.stat().st_size, file.name))
    step = max(1, len(learned) // KEPT_FILES)
    for file in learned[::step][:KEPT_FILES]:
        octets = file.read_bytes()
        if octets not in known and len(octets) <= left:
            (folder / f"learned-{file.name[:12]}").write_bytes(octets)
            left -= len(octets)


def _is_learned(file):
    return file.name.startswith("learned-")


def _run(name, *arguments):
    """Run `fuzz.py`; return libFuzzer's statistics and the seconds spent fuzzing."""
    command = ["nice", "-n", "19", sys.executable, FUZZ, name, *arguments]
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, check=False)
    log = done.stderr.decode(errors="replace")
    with (SCRATCH / f"{name}.log").open("a", encoding="utf-8") as file:
        file.write(log)
    stats = {key: int(value) for key, value in _STAT.findall(log)}
    executed, speed = stats.get("number_of_executed_units", 0), stats.get("average_exec_per_sec", 0)
    # Loading the target is not fuzzing.
    spent = executed // speed if speed else 0
    return stats | {"seconds": min(spent, round(time.monotonic() - begun))}


if __name__ == "__main__":
    main()
