"""Files that stand in document after document: a kind's background, a department's seal.

* Known again by their packed bytes, every one compared: a checksum only says where to look.
* What is kept of a file depends on nothing but its bytes: its inflated content, its digest,
  what was read in it. No verdict is kept, and nothing that a time or a trust list changes.
* Kept from the second time on, so that what stands in one document only costs no memory;
  bounded, and all forgotten when full.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

MAX_FILE_BYTES: Final = 256 * 1024
"""Packed and inflated together; larger files are not kept."""
MAX_KEPT_BYTES: Final = 8 * 1024 * 1024
MAX_SEEN: Final = 4096
MAX_FACTS: Final = 8
"""Of one file; they may be named after where it stands, which any document chooses."""

T = TypeVar("T")
_Sign = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    packed: bytes
    content: bytes
    facts: dict[Hashable, Any] = field(default_factory=dict)


class _Memory:
    """The files kept, found by their packed form and by their content."""

    def __init__(self) -> None:
        self._seen: set[_Sign] = set()
        self._by_sign: dict[_Sign, _Kept] = {}
        self._by_identity: dict[int, _Kept] = {}
        self._bytes = 0

    def content(
        self, packed: memoryview, crc: int, size: int, unpack: Callable[[], bytes]
    ) -> bytes:
        sign = (crc, len(packed), size)
        kept = self._by_sign.get(sign)
        if kept is not None and kept.packed == packed:
            return kept.content
        content = unpack()
        if kept is None and len(packed) + size <= MAX_FILE_BYTES:
            self._consider(sign, packed, content)
        return content

    def fact(self, content: bytes, name: Hashable, find: Callable[[], T]) -> T:
        kept = self._by_identity.get(id(content))
        if kept is None or kept.content is not content:
            return find()
        if name in kept.facts:
            known: T = kept.facts[name]
            return known
        found = find()
        if len(kept.facts) < MAX_FACTS:
            kept.facts[name] = found
        return found

    def _consider(self, sign: _Sign, packed: memoryview, content: bytes) -> None:
        if sign not in self._seen:
            if len(self._seen) >= MAX_SEEN:
                self._seen.clear()
            self._seen.add(sign)
            return
        if self._bytes > MAX_KEPT_BYTES:
            self._by_sign, self._by_identity, self._bytes = {}, {}, 0
        kept = _Kept(bytes(packed), content)
        self._by_sign[sign] = kept
        # The record holds the content, so that its identity is never another's.
        self._by_identity[id(content)] = kept
        self._bytes += len(packed) + len(content)


_memory: Final = _Memory()


def content_of(packed: memoryview, crc: int, size: int, unpack: Callable[[], bytes]) -> bytes:
    """Return what `packed`, deflated, inflates to, by `unpack` unless these bytes were seen before.

    `crc` and `size` are what the archive says of the content; `unpack` checks them, and is
    not asked again for bytes that passed.
    """
    return _memory.content(packed, crc, size, unpack)


def fact_of(content: bytes, name: Hashable, find: Callable[[], T]) -> T:
    """Return what `find` finds in `content`, known from before if the file recurs.

    `find` must depend on `content` and `name` alone, and what it returns is never changed.
    """
    return _memory.fact(content, name, find)
