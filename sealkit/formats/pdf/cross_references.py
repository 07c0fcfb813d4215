"""How many objects a PDF says it has, found out before pyHanko makes something of each.

pyHanko keeps about half a kilobyte for every entry of a cross-reference section, and a
stream whose entries are no bytes wide may claim a thousand million of them in a hundred
bytes. So the sections are walked once and counted, by pyHanko's own walk, before they are
read.
"""

from io import SEEK_END, BytesIO
from typing import Any, Final

from pyhanko.pdf_utils.generic import DictionaryObject, NumberObject, TrailerReference
from pyhanko.pdf_utils.reader import process_data_at_eof
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.pdf_utils.xref import XRefBuilder, parse_xref_table

from sealkit.formats.pdf.errors import MalformedPDFError

MAX_OBJECTS: Final = 20_000  # entries of all revisions; a licence has some fifty
MAX_REVISIONS: Final = 64
_HEADER: Final = b"%PDF-"
_MAX_WIDTH: Final = 8  # bytes of one number in a cross-reference stream


def check_sections(document: bytes) -> None:
    """Follow the cross-reference sections of a PDF and count their entries.

    May raise what pyHanko raises; the caller stands at the border.

    Raises:
        MalformedPDFError: for more entries or revisions than the limits, a hybrid file, or
            a stream whose form is not that of ISO 32000-1, 7.5.8.
    """
    if not document.startswith(_HEADER):
        # pyHanko's search for the end of the file never ends in one that begins with a line.
        raise MalformedPDFError("PDF does not begin as one")
    stream = BytesIO(document)
    stream.seek(-1, SEEK_END)
    last = process_data_at_eof(stream)
    counter = _Counter(PdfHandler(), stream, strict=True, last_startxref=last)
    counter.read_xrefs()  # type: ignore[no-untyped-call]  # pyHanko


class _Counter(XRefBuilder):
    """pyHanko's walk over the sections, counting where that would read."""

    _objects = _revisions = 0

    def _read_xref_table(self, declared_startxref: int) -> int | None:
        for _ in parse_xref_table(self.stream, strict=True):
            self._count(1)
        trailer = DictionaryObject.read_from_stream(self.stream, TrailerReference(self.handler))
        if "/XRefStm" in trailer:
            # Two tables of contents: which one a viewer reads decides what it shows.
            raise MalformedPDFError("PDF has hybrid cross-references")
        return self._previous(trailer)

    def _read_xref_stream(self, declared_startxref: int) -> int | None:
        _, stream = self._read_xref_stream_object()  # type: ignore[no-untyped-call]  # pyHanko
        widths = _numbers(stream.get("/W"))
        index = _numbers(stream.get("/Index", [0, stream.get("/Size")]))
        if len(widths) != 3 or max(widths) > _MAX_WIDTH or len(index) % 2:
            raise MalformedPDFError("PDF has a cross-reference stream of no known form")
        self._count(sum(index[1::2]))
        return self._previous(stream)

    def _count(self, objects: int) -> None:
        self._objects += objects
        if self._objects > MAX_OBJECTS:
            raise MalformedPDFError("PDF has too many objects")

    def _previous(self, trailer: DictionaryObject) -> int | None:
        self._revisions += 1
        if self._revisions > MAX_REVISIONS:
            raise MalformedPDFError("PDF has too many revisions")
        previous = trailer.get("/Prev")
        if previous is None or isinstance(previous, NumberObject):
            return previous
        raise MalformedPDFError("PDF has a cross-reference section without predecessor")


def _numbers(array: Any) -> list[int]:
    """Return the elements of an array of natural numbers."""
    if not isinstance(array, list):
        raise MalformedPDFError("PDF has a cross-reference stream of no known form")
    numbers = [number for number in list.__iter__(array) if isinstance(number, int)]
    if len(numbers) != len(array) or min(numbers, default=0) < 0:
        raise MalformedPDFError("PDF has a cross-reference stream of no known form")
    return numbers
