"""wrk, the load generator: installed when missing, given a request, asked for figures."""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 64
_INSTALL: Final = (
    "apt-get update -qq && "
    "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk"
)
_FIGURES: Final = re.compile(r"^figures (\{.*\})$", re.MULTILINE)
_REPORT: Final = """
function done(summary, latency, requests)
  io.write(string.format(
    'figures {"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,' ..
    '"p50":%d,"p95":%d,"p99":%d}\\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a service did under load."""

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    refused: int
    """Answers that were no success."""
    broken: int
    """Connections that failed, and requests that nobody answered in two seconds."""


def load(address: str, script: str, *, seconds: int) -> Load:
    """Ask `address` on 64 connections for `seconds`; `script` is Lua that makes the requests.

    Raises:
        RuntimeError: if wrk cannot be had or reports nothing.
    """
    program = _program()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requests.lua"
        file.write_text(script + _REPORT, "utf-8")
        command = [program, "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(file), address]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = _FIGURES.search(done.stdout)
    if found is None:
        raise RuntimeError(f"wrk says: {done.stdout[-300:]} {done.stderr[-300:]}")
    figures = json.loads(found[1])
    return Load(
        per_second=figures["requests"] / (figures["microseconds"] / 1e6),
        p50_ms=figures["p50"] / 1000,
        p95_ms=figures["p95"] / 1000,
        p99_ms=figures["p99"] / 1000,
        refused=figures["refused"],
        broken=figures["broken"],
    )


def _program() -> str:
    if shutil.which("wrk") is None:
        subprocess.run(_INSTALL, shell=True, check=False, capture_output=True)
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("wrk is not installed and cannot be")
    return program
