"""The log of uses: each use of a key and each refusal, a line in a hash chain (SM3).

A line is canonical JSON; ``digest`` is SM3 over the digest of the line before and the line
without it. A line is on the disk before its signature leaves. What is cut off at the end is
seen by whoever has kept a head (`Head`), as the service does in its audit chain.
"""

import fcntl
import json
import os
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any, Final

from ca.errors import UseLogError
from sealkit.sm import sm3

GENESIS: Final = bytes(32).hex()
MAX_LINE_BYTES: Final = 4096
SIGNED: Final = "signed"


@dataclass(frozen=True, slots=True)
class Use:
    """What was asked of a key, and what came of it."""

    at: str
    uid: int
    """User of the process that asked."""
    pid: int
    key: str
    purpose: str
    request: str
    """Hexadecimal number of the request."""
    message: str
    """Hexadecimal SM3 of what was to be signed."""
    outcome: str
    """`SIGNED`, or the code of the refusal."""
    signature: str = ""
    """Hexadecimal; empty when refused."""


@dataclass(frozen=True, slots=True)
class Head:
    """How the log ends."""

    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class LogFault:
    """The first line that does not hold."""

    line: int
    """Counted from 1; a missing line is named by the number it had."""
    defect: str
    """``changed``, ``missing``, ``reordered``, ``unreadable``, ``torn`` or ``cut_off``."""


class UseLog:
    """A log open for writing; one process at a time."""

    def __init__(self, file: Path) -> None:
        """Open or begin the log, after checking the whole of it.

        A last line without its end was never answered for, so it is taken away.

        Raises:
            UseLogError: if a line does not hold, or another process writes there.
        """
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UseLogError("the log of uses cannot be opened") from error
        self._file: IO[bytes] = open(descriptor, "r+b", buffering=0)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise UseLogError("another signer writes this log") from error
        self._writing, self._syncing = threading.Lock(), threading.Lock()
        self._head, self._synced, self._broken = Head(0, GENESIS), 0, False
        try:
            self._continue(file)
        except UseLogError:
            self._file.close()
            raise

    @property
    def head(self) -> Head:
        """How the log ends now."""
        return self._head

    def append(self, use: Use) -> None:
        """Write a line and wait until it is on the disk; several may wait together.

        Raises:
            UseLogError: if it could not be written; nothing can be written from then on.
        """
        try:
            with self._writing:
                self._require_whole()
                head, line = line_of(use, self._head)
                if self._file.write(line) != len(line):
                    raise OSError("a line was written in part")
                self._head = head
            with self._syncing:
                self._require_whole()
                if self._synced < head.sequence:
                    # Everybody who has written by now is served by this one.
                    reached = self._head.sequence
                    os.fsync(self._file.fileno())
                    self._synced = reached
        except OSError as error:
            self._broken = True
            raise UseLogError("the log of uses cannot be written") from error

    def close(self) -> None:
        """Close the file; what was appended is on the disk already."""
        self._file.close()

    def _require_whole(self) -> None:
        if self._broken:
            raise UseLogError("the log of uses could not be written")

    def _continue(self, file: Path) -> None:
        fault, self._head, whole = _walked(file, None)
        if fault is not None and fault.defect != "torn":
            raise UseLogError(f"line {fault.line} of the log of uses is {fault.defect}")
        if fault is not None:
            self._file.truncate(whole)
            os.fsync(self._file.fileno())
        self._file.seek(whole)
        self._synced = self._head.sequence


def find_fault(file: Path, head: Head | None = None) -> LogFault | None:
    """Return the first line that does not hold, or None when all do.

    Args:
        file: the log, or the directory of its monthly files.
        head: how the log ended once; then it is noticed too when its end was cut off.

    Raises:
        UseLogError: if there is no log.
    """
    return _walked(file, head)[0]


def signed_uses(file: Path, newest: int) -> list[Use]:
    """Return the last uses that ended in a signature, at most `newest`, oldest first."""
    names = [entry.name for entry in fields(Use)]
    found = (members for members, _length in _lines(file) if members["outcome"] == SIGNED)
    return [
        Use(**{name: members[name] for name in names}) for members in deque(found, maxlen=newest)
    ]


def files_of(directory: Path) -> list[Path]:
    """Return the files of a log that is a directory, in their order."""
    return sorted(directory.glob("*.log"))


def last_line(file: Path) -> tuple[Head, int] | None:
    """Return how the last whole line of a file ends the log, and where in the file it ends.

    None when there is no whole line.

    Raises:
        UseLogError: if the line is none of ours, or the file cannot be read.
    """
    try:
        with file.open("rb") as source:
            start = max(0, source.seek(0, os.SEEK_END) - 2 * MAX_LINE_BYTES)
            source.seek(start)
            tail = source.read()
    except OSError as error:
        raise UseLogError("the log of uses cannot be read") from error
    end = tail.rfind(b"\n") + 1
    if not end:
        return None
    members = _members(tail[tail.rfind(b"\n", 0, end - 1) + 1 : end])
    if not members:
        raise UseLogError(f"{file.name} does not end in a line of the log of uses")
    return Head(members["sequence"], members["digest"]), start + end


def _walked(file: Path, known: Head | None) -> tuple[LogFault | None, Head, int]:
    """Return the first fault, how the lines before it end, and how many bytes they are."""
    end, whole = Head(0, GENESIS), 0
    seen = known is None or known.sequence == 0
    for members, length in _lines(file, torn=True):
        defect = _defect(file, members, end)
        if defect is None and known is not None and known.sequence == members["sequence"]:
            seen = True
            defect = None if members["digest"] == known.digest else "changed"
        if defect is not None:
            return LogFault(end.sequence + 1, defect), end, whole
        end, whole = Head(members["sequence"], members["digest"]), whole + length
    return None if seen else LogFault(end.sequence + 1, "cut_off"), end, whole


def _defect(file: Path, members: dict[str, Any] | None, before: Head) -> str | None:
    if members is None:
        return "torn"
    if not members:
        return "unreadable"
    if members["sequence"] != before.sequence + 1:
        # The line that belongs here may stand elsewhere.
        return "reordered" if _holds(file, before.sequence + 1) else "missing"
    if members["previous"] != before.digest or members["digest"] != _digest(members):
        return "changed"
    return None


def line_of(use: Use, head: Head) -> tuple[Head, bytes]:
    """Return the line of `use` that follows `head`, and how the log ends with it."""
    members: dict[str, Any] = asdict(use) | {
        "sequence": head.sequence + 1,
        "previous": head.digest,
    }
    members["digest"] = _digest(members)
    return Head(head.sequence + 1, members["digest"]), _canonical(members) + b"\n"


def _digest(members: dict[str, Any]) -> str:
    rest = {name: value for name, value in members.items() if name != "digest"}
    return sm3.digest(bytes.fromhex(members["previous"]) + _canonical(rest)).hex()


def _canonical(members: dict[str, Any]) -> bytes:
    return json.dumps(members, sort_keys=True, separators=(",", ":")).encode("ascii")


def _holds(file: Path, sequence: int) -> bool:
    return any(members and members["sequence"] == sequence for members, _length in _lines(file))


def _lines(file: Path, *, torn: bool = False) -> Iterator[tuple[Any, int]]:
    """Yield each line's members and length; empty members when unreadable, None when torn."""
    for part in files_of(file) if file.is_dir() else [file]:
        yield from _lines_of(part, torn=torn)


def _lines_of(file: Path, *, torn: bool) -> Iterator[tuple[Any, int]]:
    try:
        with file.open("rb") as source:
            while line := source.readline(MAX_LINE_BYTES):
                if not line.endswith(b"\n") and len(line) < MAX_LINE_BYTES:
                    if torn:
                        yield None, len(line)
                    return
                yield _members(line), len(line)
    except OSError as error:
        raise UseLogError("the log of uses cannot be read") from error


def _members(line: bytes) -> dict[str, Any]:
    """Return the members of a line written as we write them, or nothing."""
    try:
        members = json.loads(line)
        bytes.fromhex(members["previous"])
        whole = (
            line == _canonical(members) + b"\n"
            and members.keys() == _MEMBERS
            and type(members["sequence"]) is int
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    return members if whole else {}


_MEMBERS: Final = {entry.name for entry in fields(Use)} | {"sequence", "previous", "digest"}
