#!/usr/bin/env python3
"""Coverage-guided fuzzing of one target (atheris, libFuzzer).

``.venv/bin/python tests/fuzz/fuzz.py TARGET --seconds 600``; ``--list`` names the targets.
An exception that the target may not raise is written to ``tests/fuzz/found/`` with the input
that led to it, each place once, and the run goes on; a run ends early only when an input
takes over 2 s or over 256 MB more than what the process began with, and says so.
"""

import argparse
import contextlib
import hashlib
import importlib
import io
import re
import resource
import sys
import time
import traceback
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Run by path: what lies beside this file must not be found before what it is called.
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != HERE)]

INSTRUMENTED = (
    *("sealkit", "verification", "ca", "issuance", "mutual_recognition", "yinxin"),
    *("asn1crypto", "pyhanko", "jose", "tuf", "shamir_mnemonic"),
)
FOUND, SEEDS = HERE / "found", HERE / "seeds"
TIMEOUT_SECONDS = 2
MEMORY_MEGABYTES = 256
_BLOCK = re.MULTILINE | re.DOTALL


class Watched:
    """A target whose forbidden answers are kept, one input for each place."""

    def __init__(self, target):
        self._target = target
        self.places = {}
        self.executions = 0
        self.slowest = 0.0

    def __call__(self, foreign):
        self.executions += 1
        begun = time.process_time()
        try:
            self._target.answer(foreign)
        except Exception as error:
            self._note(error, foreign)
        self.slowest = max(self.slowest, time.process_time() - begun)

    def _note(self, error, foreign):
        frames = traceback.extract_tb(error.__traceback__)[2:] or [None]
        inner = [frame for frame in frames if frame and str(ROOT / ".venv") not in frame.filename]
        frame = (inner or frames)[-1]
        place = f"{type(error).__name__} {frame.filename}:{frame.lineno}" if frame else repr(error)
        if place in self.places:
            return
        self.places[place] = foreign
        name = hashlib.sha256(place.encode()).hexdigest()[:12]
        FOUND.mkdir(exist_ok=True)
        (FOUND / f"{self._target.name}-{name}").write_bytes(foreign)
        (FOUND / f"{self._target.name}-{name}.txt").write_text(
            "".join(traceback.format_exception(error)), "utf-8"
        )
        print(f"FOUND {self._target.name}: {place}: {error}", file=sys.stderr, flush=True)


def names():
    """Return the targets without importing what they read: instrumenting it takes a while."""
    for module in sorted(HERE.glob("*.py")):
        for name in re.findall(r"^@target\(.*?^def (\w+)", module.read_text("utf-8"), _BLOCK):
            yield name, module.stem


def instrumented(module):
    """Return the targets of a module, what they read being watched."""
    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(INSTRUMENTED):
        importlib.import_module(f"tests.fuzz.{module}")
    return importlib.import_module("tests.fuzz.target").TARGETS


def main():
    """Fuzz, or with ``--merge`` reduce a corpus to what adds coverage."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = dict(names())
    parser.add_argument("target", nargs="?", choices=known, metavar="TARGET")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--corpus", type=Path, help="scratch directory of inputs")
    parser.add_argument("--merge", type=Path, metavar="INTO", help="minimise the corpus there")
    chosen, inner = parser.parse_known_args()  # merging starts itself again, with options
    if chosen.list or not chosen.target:
        print("\n".join(known))
        return
    target = instrumented(known[chosen.target])[chosen.target]
    watched = Watched(target)
    corpus = chosen.corpus or Path("/tmp/yinxin-fuzz") / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    FOUND.mkdir(exist_ok=True)
    for seed in target.seeds:
        watched(seed)  # what is imported late is imported before memory is measured
    options = inner or _options(target, corpus, chosen)
    # A merge starts the words of argv[0] again through a shell.
    atheris.Setup([f"{sys.executable} {HERE / 'fuzz.py'} {target.name}", *options], watched)
    atheris.Fuzz()


def _options(target, corpus, chosen):
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    options = [
        f"-rss_limit_mb={used + MEMORY_MEGABYTES}",
        f"-timeout={TIMEOUT_SECONDS}",
        f"-max_len={target.max_bytes}",
        f"-artifact_prefix={FOUND}/{target.name}-",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    if chosen.merge:
        chosen.merge.mkdir(parents=True, exist_ok=True)
        return [*options, "-merge=1", str(chosen.merge), str(corpus), str(SEEDS / target.name)]
    return [
        *options,
        f"-max_total_time={chosen.seconds}",
        str(corpus),
        *(str(folder) for folder in (SEEDS / target.name,) if folder.is_dir()),
    ]


if __name__ == "__main__":
    main()
