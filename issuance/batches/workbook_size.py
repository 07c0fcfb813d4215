"""What a workbook costs to read, told from its bytes before any of it becomes objects.

An element of XML takes four bytes in a file, and hundreds in memory: 70 KB had taken 3 GB. So
the marks (``<``) of each entry are counted as it is unpacked, in whatever encoding it is.

* Sheets are read row by row; a row, and what is before, between and after rows, has so many.
* The table of shared texts has so many, every other entry far fewer.
* An entry is what its name says: else a sheet is declared to be what is read at once.
"""

import re
import zipfile
from typing import IO, Final

from openpyxl.xml.functions import fromstring

MAX_MARKS: Final = 10_000_000
"""Of a sheet: a hundred thousand rows of twenty columns."""
MAX_ROW_MARKS: Final = 20_000
MAX_TEXT_MARKS: Final = 3_000_000
"""Of the table of shared texts: half a million of them."""
MAX_OTHER_MARKS: Final = 100_000
_CHUNK_BYTES: Final = 1024 * 1024
_SHEETS: Final = "xl/worksheets/"
_TEXTS: Final = "xl/sharedstrings.xml"
_CONTENT_TYPES: Final = "[content_types].xml"
_ROW: Final = re.compile(rb"<(?:[\w.-]{1,64}:)?row(?=[\s/>])")
_NAMES: Final = {"main+xml": "/xl/workbook.xml", "sharedStrings+xml": f"/{_TEXTS}"}


class CostlyWorkbookError(Exception):
    """A workbook that costs more to read than any honest one."""


def check_cost(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that costs too much. May raise what zipfile and XML parsers raise.

    Raises:
        CostlyWorkbookError: if it does.
    """
    for entry in archive.infolist():
        name = entry.filename.lower()
        with archive.open(entry) as stream:
            if name.startswith(_SHEETS):
                _check_marks(stream, MAX_MARKS, MAX_ROW_MARKS)
            else:
                most = MAX_TEXT_MARKS if name == _TEXTS else MAX_OTHER_MARKS
                _check_marks(stream, most, most)
    for entry in archive.infolist():
        if entry.filename.lower() == _CONTENT_TYPES:
            _check_names(archive.read(entry))


def _check_marks(stream: IO[bytes], most: int, most_of_a_row: int) -> None:
    found = of_this_row = 0
    rest = b""
    while chunk := stream.read(_CHUNK_BYTES):
        # What follows the last mark may be the beginning of a row.
        window, mark, rest = (rest + chunk).rpartition(b"<")
        rest = mark + rest
        if len(rest) > _CHUNK_BYTES:
            # Text without end, or octets that are no XML: nothing of it can begin a row.
            rest = rest[:1]
        for place, row in enumerate(_ROW.split(window)):
            marks = row.count(b"<")
            of_this_row = marks + 1 if place else of_this_row + marks
            found += marks + bool(place)
            if found > most or of_this_row > most_of_a_row:
                raise CostlyWorkbookError


def _check_names(content_types: bytes) -> None:
    for declared in fromstring(content_types):
        name = (declared.get("PartName") or "").lower()
        for ending, expected in _NAMES.items():
            if name and (declared.get("ContentType") or "").endswith(ending) and name != expected:
                raise CostlyWorkbookError
