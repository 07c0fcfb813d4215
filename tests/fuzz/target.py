"""What a target of fuzzing is: one reader of foreign bytes, and what it may answer."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sealkit.errors import MalformedError

SEEDS = Path(__file__).parent / "seeds"
TARGETS = {}


@dataclass(frozen=True)
class Target:
    """One way in for foreign bytes."""

    name: str
    read: Callable[[bytes], object]
    reads: tuple[Callable, ...]
    """The parsers that this target stands for; each is reached from its seeds."""
    allowed: tuple[type[Exception], ...]
    """What it may raise; everything else is a finding."""
    max_bytes: int
    """Longest input that is tried; limits of size have tests of their own."""

    @property
    def seeds(self):
        """The inputs kept for this target, in a fixed order."""
        return [file.read_bytes() for file in sorted((SEEDS / self.name).glob("*"))]

    def answer(self, foreign):
        """Return what the target makes of `foreign`, or the refusal that it may raise."""
        try:
            return self.read(foreign)
        except self.allowed as refusal:
            return refusal


def target(*reads, refuses=(), max_bytes=4096):
    """Register the function below as the target of its name.

    `reads` are the parsers that it reaches, `refuses` what they may raise beside
    `MalformedError`. Its seeds are the files of ``tests/fuzz/seeds/<name>/``; the first of
    them come from `tests/fuzz/make_seeds.py`.
    """

    def register(read):
        name = read.__name__
        assert name not in TARGETS, f"two targets called {name}"
        assert read.__doc__, f"{name} does not say what it reads"
        functions = map(inspect.unwrap, (getattr(entry, "__func__", entry) for entry in reads))
        refusals = (MalformedError, *refuses)
        TARGETS[name] = Target(name, read, tuple(functions), refusals, max_bytes)
        return read

    return register
