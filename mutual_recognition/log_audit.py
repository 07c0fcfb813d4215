"""Auditing a transparency log from outside: everything it serves, against what it signed.

* The checkpoint is signed by the log's key and names the log.
* Every entry is there, every leaf-level tile says the hash of its entries, and all of them
  lead to the signed root.
* Of a log seen before, the entries of then are still the first ones: nothing was taken out,
  put in or exchanged. So two parties who compare what they have seen notice a log that shows
  each of them another history.

Nothing here needs the issuer's help, and nothing in the log names a person.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from mutual_recognition.errors import LogFaultError, LogUnreachableError
from sealkit import merkle
from sealkit.checkpoint import Checkpoint, parse_checkpoint
from sealkit.errors import MalformedError, SealkitError
from sealkit.sm.sm2 import SM2PublicKey

Mirror = Callable[[str], bytes | None]
"""Path below the log → content; None when it has no such file; OSError when silent."""

TILE_WIDTH: Final = 256
MAX_LEAVES: Final = 50_000_000
"""Two hours of reading; a log is begun anew before."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a log, to hold the next look against."""

    origin: str
    size: int
    root: bytes

    def to_json(self) -> bytes:
        """Return it as JSON."""
        members = {"origin": self.origin, "size": self.size, "root": self.root.hex()}
        return json.dumps(members).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Seen":
        """Read what `to_json` wrote.

        Raises:
            MalformedError: if it is something else.
        """
        try:
            members = json.loads(text)
            origin, size = str(members["origin"]), int(members["size"])
            root = bytes.fromhex(members["root"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise MalformedError("this is no record of a log") from error
        if size < 0 or len(root) != merkle.HASH_BYTES:
            raise MalformedError("this is no record of a log")
        return cls(origin, size, root)


def audit_log(mirror: Mirror, origin: str, key: SM2PublicKey, *, seen: Seen | None = None) -> Seen:
    """Read the whole log and return what was seen of it.

    Raises:
        LogFaultError: naming the first thing that does not hold.
        LogUnreachableError: if it did not answer, or lacks a file that it must have.
    """
    signed = _checkpoint(mirror, origin, key)
    if seen is not None and seen.origin != origin:
        raise LogFaultError("origin", f"seen before as {seen.origin}")
    if seen is not None and signed.size < seen.size:
        raise LogFaultError("shrunk", f"{signed.size} entries, {seen.size} before")
    if signed.size > MAX_LEAVES:
        raise LogFaultError("size", f"more than {MAX_LEAVES} entries")
    frontier = merkle.Frontier()
    _compare(frontier, seen)
    for leaf in _leaf_hashes(mirror, signed.size):
        frontier.append(leaf)
        _compare(frontier, seen)
    if frontier.root != signed.root:
        raise LogFaultError("root", "the entries do not lead to the signed root")
    return Seen(origin, signed.size, signed.root)


def tile_path(level: str, number: int, width: int) -> str:
    """Return the path of a tile, as C2SP tlog-tiles names it."""
    groups = []
    while True:
        number, group = divmod(number, 1000)
        groups.append(f"{group:03}")
        if number == 0:
            break
    named = "/".join([f"x{group}" for group in reversed(groups[1:])] + groups[:1])
    return f"tile/{level}/{named}" + (f".p/{width}" if width < TILE_WIDTH else "")


def _checkpoint(mirror: Mirror, origin: str, key: SM2PublicKey) -> Checkpoint:
    try:
        signed = parse_checkpoint(_file(mirror, "checkpoint"))
        signed.verify(key, name=origin)
    except SealkitError as error:
        raise LogFaultError("checkpoint", str(error)) from error
    if signed.checkpoint.origin != origin:
        raise LogFaultError("origin", signed.checkpoint.origin)
    return signed.checkpoint


def _compare(frontier: merkle.Frontier, seen: Seen | None) -> None:
    if seen is not None and frontier.size == seen.size and frontier.root != seen.root:
        raise LogFaultError("history", f"the first {seen.size} entries are not those of before")


def _leaf_hashes(mirror: Mirror, size: int) -> Iterator[bytes]:
    for number in range((size + TILE_WIDTH - 1) // TILE_WIDTH):
        width = min(TILE_WIDTH, size - number * TILE_WIDTH)
        bundle = _file(mirror, tile_path("entries", number, width))
        hashes = [merkle.leaf_hash(entry) for entry in _entries(bundle, number)]
        if len(hashes) != width:
            raise LogFaultError("entries", f"bundle {number} has {len(hashes)} of {width}")
        if _file(mirror, tile_path("0", number, width)) != b"".join(hashes):
            raise LogFaultError("tile", f"tile {number} is not of its entries")
        yield from hashes


def _entries(bundle: bytes, number: int) -> Iterator[bytes]:
    place = 0
    while place < len(bundle):
        length = int.from_bytes(bundle[place : place + 2])
        entry = bundle[place + 2 : place + 2 + length]
        if place + 2 + length > len(bundle):
            raise LogFaultError("entries", f"bundle {number} is cut short")
        yield entry
        place += 2 + length


def _file(mirror: Mirror, path: str) -> bytes:
    try:
        content = mirror(path)
    except OSError as error:
        raise LogUnreachableError(f"no answer for {path}") from error
    if content is None:
        raise LogUnreachableError(f"the log has no {path}")
    return content
