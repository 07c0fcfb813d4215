"""The cross-reference tables of a PDF (ISO 32000-1, 7.5.4 to 7.5.6), newest first.

Only tables, each followed by its trailer and by its own place and the end mark; each section
names an earlier one as its predecessor; no object is freed; no object's number is given to
another generation. Streams of cross-references, hybrid files and linearized ones are unusual.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sealkit.formats.pdf.plain.objects import Purse, Reference, UnusualPDFError, read_value

MAX_OBJECTS: Final = 20_000  # entries of all sections
MAX_SECTIONS: Final = 16
_ENTRY_BYTES: Final = 20
_TAIL_BYTES: Final = 64
_LAST: Final = re.compile(rb"startxref\r?\n([0-9]{1,10})\r?\n%%EOF\s{0,4}\Z")
_SUBSECTION: Final = re.compile(rb"([0-9]{1,8}) ([0-9]{1,8}) ?\r?\n")
_ENTRIES: Final = re.compile(rb"(?:[0-9]{10} [0-9]{5} [nf](?: \n| \r|\r\n))*")
_FREE: Final = b"f"
_OF_NOTHING: Final = (b"65535", b"00000")
"""Generations that writers give to object 0, which is always free."""
_AFTER: Final = re.compile(rb"\s{0,4}startxref\r?\n([0-9]{1,10})\r?\n%%EOF")
_TABLE: Final = b"xref"
_TRAILER: Final = re.compile(rb"trailer\s{0,4}(?=<<)")


@dataclass(frozen=True, slots=True)
class Section:
    """One revision's table of contents."""

    position: int
    end: int
    """Where its end mark ends, in bytes from the start of the document."""
    objects: Mapping[int, int]
    """Number → where the object begins, for those that this revision brings."""
    trailer: Mapping[str, Any]


def read_sections(document: bytes, purse: Purse) -> tuple[Section, ...]:
    """Return the sections of `document`, the newest first.

    Raises:
        UnusualPDFError: if they are not of the plain form.
    """
    last = _LAST.search(document, max(0, len(document) - _TAIL_BYTES))
    if last is None:
        raise UnusualPDFError("no plain end of file")
    sections: list[Section] = []
    left = MAX_OBJECTS
    position: int | None = int(last[1])
    limit = len(document)
    while position is not None:
        if len(sections) >= MAX_SECTIONS or not 0 < position < limit:
            raise UnusualPDFError("too many revisions, or not in their order")
        section = _read_section(document, position, left, purse)
        if section.end > limit:
            raise UnusualPDFError("a revision that reaches into the next")
        if sections and section.trailer["/Size"] > sections[-1].trailer["/Size"]:
            raise UnusualPDFError("a revision with fewer objects than the one before")
        sections.append(section)
        left -= len(section.objects)
        limit = position
        position = section.trailer.get("/Prev")
        if position is not None and type(position) is not int:
            raise UnusualPDFError("a predecessor that is no number")
    return tuple(sections)


def _read_section(document: bytes, position: int, left: int, purse: Purse) -> Section:
    if not document.startswith(_TABLE, position):
        raise UnusualPDFError("no cross-reference table")
    start = position
    position = _after_line(document, position + len(_TABLE))
    objects: dict[int, int] = {}
    while found := _SUBSECTION.match(document, position):
        first, count = int(found[1]), int(found[2])
        position = found.end() + count * _ENTRY_BYTES
        left -= count
        if left < 0:
            raise UnusualPDFError("too many objects")
        table = document[found.end() : position]
        if len(table) != count * _ENTRY_BYTES or not _ENTRIES.fullmatch(table):
            raise UnusualPDFError("no plain cross-reference table")
        _add(objects, first, table, start)
    keyword = _TRAILER.match(document, position)
    if keyword is None:
        raise UnusualPDFError("no trailer")
    trailer, position = read_value(document, keyword.end(), purse)
    end = _AFTER.match(document, position)
    if end is None or int(end[1]) != start:
        raise UnusualPDFError("a section that does not end with its own place")
    _check_trailer(trailer, objects)
    return Section(start, end.end(), MappingProxyType(objects), trailer)


def _after_line(document: bytes, position: int) -> int:
    for end in (b"\n", b"\r\n"):
        if document.startswith(end, position):
            return position + len(end)
    raise UnusualPDFError("no end of line after xref")


def _add(objects: dict[int, int], first: int, table: bytes, limit: int) -> None:
    for index in range(len(table) // _ENTRY_BYTES):
        entry = table[index * _ENTRY_BYTES : (index + 1) * _ENTRY_BYTES]
        number, place, generation = first + index, int(entry[:10]), entry[11:16]
        if entry[17:18] == _FREE:
            if number != 0 or generation not in _OF_NOTHING:
                raise UnusualPDFError("a freed object")
            continue
        if number == 0 or number in objects or generation != b"00000" or not 0 < place < limit:
            raise UnusualPDFError("an object listed twice, of another generation, or nowhere")
        objects[number] = place


def _check_trailer(trailer: Any, objects: Mapping[int, int]) -> None:
    if not isinstance(trailer, dict) or trailer.keys() & {"/Encrypt", "/XRefStm"}:
        raise UnusualPDFError("encrypted, or two tables of contents")
    size = trailer.get("/Size")
    if type(size) is not int or max(objects, default=0) >= size:
        raise UnusualPDFError("more objects than the trailer says")
    if not isinstance(trailer.get("/Root"), Reference):
        raise UnusualPDFError("no catalogue")
