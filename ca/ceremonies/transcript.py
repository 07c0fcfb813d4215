"""The transcript of a ceremony (仪式记录): each step a line in a hash chain (SM3).

A line is canonical JSON: sorted members, no spaces, UTF-8. ``previous`` is SM3 over the line
before, without its newline; the first one follows 32 zero bytes. Its end is signed
(`ca.ceremonies.closing`), so that no line can be changed, dropped or moved.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sealkit.errors import MalformedError
from sealkit.sm import sm3

GENESIS: Final = bytes(32).hex()
MAX_TRANSCRIPT_BYTES: Final = 1024 * 1024
MAX_LINE_BYTES: Final = 16 * 1024
_MEMBERS: Final = ("at", "by", "number", "previous", "step", "told")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Line:
    """One step as it was recorded."""

    number: int
    """From 1."""
    at: str
    """UTC to the second, ``2026-11-23T08:00:00Z``."""
    by: tuple[str, ...]
    """Who did it, or confirmed it."""
    step: str
    """Which step, as in `messages.toml`."""
    told: tuple[tuple[str, str], ...]
    """What was shown or made, by name."""
    previous: str
    """Hexadecimal SM3 of the line before."""

    @property
    def content(self) -> bytes:
        """The line's bytes, without newline."""
        members = {
            "at": self.at,
            "by": list(self.by),
            "number": self.number,
            "previous": self.previous,
            "step": self.step,
            "told": dict(self.told),
        }
        text = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode()

    @property
    def digest(self) -> str:
        """Hexadecimal SM3 of the line."""
        return sm3.digest(self.content).hex()


class TranscriptFaultError(MalformedError):
    """A transcript with a line that does not follow from those before it."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


@dataclass(slots=True)
class Recorder:
    """Writes a transcript, step by step."""

    lines: list[Line] = field(default_factory=list)

    def record(self, step: str, by: Sequence[str], at: datetime, **told: str) -> Line:
        """Add a line.

        Raises:
            ValueError: if it would be earlier than the line before.
        """
        written = at.strftime(_TIME)
        if self.lines and written < self.lines[-1].at:
            raise ValueError("the clock went back during the ceremony")
        previous = self.lines[-1].digest if self.lines else GENESIS
        line = Line(
            len(self.lines) + 1, written, tuple(by), step, tuple(sorted(told.items())), previous
        )
        self.lines.append(line)
        return line

    @property
    def content(self) -> bytes:
        """The whole transcript."""
        return b"".join(line.content + b"\n" for line in self.lines)


def parse_transcript(content: bytes) -> tuple[Line, ...]:
    """Read a transcript and check that each line follows from the one before.

    Raises:
        TranscriptFaultError: naming the first line that does not hold.
        MalformedError: if it is too large, or has no line.
    """
    if len(content) > MAX_TRANSCRIPT_BYTES:
        raise MalformedError("the transcript is too large")
    if not content.endswith(b"\n"):
        raise MalformedError("the transcript does not end with a whole line")
    lines: list[Line] = []
    for number, octets in enumerate(content[:-1].split(b"\n"), start=1):
        line = _line(number, octets)
        expected = lines[-1].digest if lines else GENESIS
        if line.number != number:
            raise TranscriptFaultError(number, f"it calls itself line {line.number}")
        if line.previous != expected:
            raise TranscriptFaultError(number, "it does not follow the line before")
        if lines and line.at < lines[-1].at:
            raise TranscriptFaultError(number, "it is earlier than the line before")
        lines.append(line)
    return tuple(lines)


def instant(line: Line) -> datetime:
    """Return when the line was recorded."""
    return datetime.strptime(f"{line.at}+0000", f"{_TIME}%z")


def _line(number: int, octets: bytes) -> Line:
    if len(octets) > MAX_LINE_BYTES:
        raise TranscriptFaultError(number, "it is too long")
    try:
        members = json.loads(octets.decode())
        line = _of(members)
        instant(line)
        canonical = line.content
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        # UnicodeError, of a lone surrogate, is a ValueError too.
        raise TranscriptFaultError(number, "it is no line of a transcript") from error
    if canonical != octets:
        raise TranscriptFaultError(number, "it is not in canonical form")
    return line


def _of(members: Any) -> Line:
    if not isinstance(members, dict) or tuple(sorted(members)) != _MEMBERS:
        raise ValueError("other members")
    by, told = members["by"], members["told"]
    if not isinstance(by, list) or not isinstance(told, dict):
        raise ValueError("a member of another type")
    texts = [members["at"], members["step"], members["previous"], *by, *told, *told.values()]
    if type(members["number"]) is not int or not all(isinstance(text, str) for text in texts):
        raise ValueError("a member of another type")
    return Line(
        members["number"],
        members["at"],
        tuple(by),
        members["step"],
        tuple(sorted(told.items())),
        members["previous"],
    )
