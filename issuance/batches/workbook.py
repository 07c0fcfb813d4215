"""Reading the rows of an XLSX workbook, bounded before a foreign library sees a byte of it.

* What the container declares is looked at first: size, entries, what they unpack to; then what
  its XML would cost (`issuance.batches.workbook_size`). Encrypted files, macros and links to
  other files are refused with their own sentence.
* Then openpyxl reads the first sheet row by row (XML through defusedxml). Whatever it trips
  over is one problem of the file.
* A cell becomes the text that a clerk sees: days as ISO, whole numbers without a fraction.
  Formulas, errors and truth values are no text, nor are numbers beyond fifteen digits, which
  spreadsheets have changed already: such a cell comes as False and is its field's problem.
"""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from issuance.batches.workbook_size import CostlyWorkbookError, check_cost

Cell = str | bool
"""Text, or False for what is none."""

MAX_FILE_BYTES: Final = 32 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 192 * 1024 * 1024
"""Of all entries together; a hundred thousand rows of twenty columns take about 100 MB."""
MAX_SHARED_BYTES: Final = 48 * 1024 * 1024
"""Of every entry that is read at once: all but the sheets."""
MAX_ENTRIES: Final = 500
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 250
MAX_CELL_CHARACTERS: Final = 8_000
EXACT_BELOW: Final = 10**15
"""Spreadsheets keep numbers to fifteen digits."""
_OLE: Final = b"\xd0\xcf\x11\xe0"
"""What encrypted workbooks and those before 2007 begin with."""

# openpyxl raises whatever its code meets in a file that is not what it should be; errors of XML
# are syntax errors, whichever parser is installed.
_LIBRARY_ERRORS: Final = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, ArithmeticError,
    NotImplementedError, EOFError, OSError, RuntimeError, SyntaxError, zlib.error,
    zipfile.BadZipFile, InvalidFileException,
)  # fmt: skip


class WorkbookError(Exception):
    """A file that cannot be read as a workbook; carries the stable code of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def rows_of(parts: Iterable[bytes]) -> Iterator[list[Cell]]:
    """Yield the rows of the first sheet, blank ones as empty lists, up to the last with text.

    Raises:
        WorkbookError: if it cannot be read, or holds more than is taken.
    """
    content = _whole(parts)
    _examine(content)
    try:
        yield from _read(content)
    except _LIBRARY_ERRORS as error:
        raise WorkbookError("data.workbook.malformed") from error


def _whole(parts: Iterable[bytes]) -> bytes:
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > MAX_FILE_BYTES:
            raise WorkbookError("data.workbook.too_large")
    return bytes(content)


def _examine(content: bytes) -> None:
    if content.startswith(_OLE):
        raise WorkbookError("data.workbook.encrypted")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _examine_entries(archive.infolist())
            check_cost(archive)
    except CostlyWorkbookError as error:
        raise WorkbookError("data.workbook.too_large") from error
    except _LIBRARY_ERRORS as error:
        raise WorkbookError("data.workbook.malformed") from error


def _examine_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(names) != len(set(names)):
        raise WorkbookError("data.workbook.malformed")
    if len(names) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise WorkbookError("data.workbook.too_large")
    for name, entry in zip(names, entries, strict=True):
        if name.startswith("xl/externallinks/"):
            raise WorkbookError("data.workbook.links")
        if name.endswith("vbaproject.bin"):
            raise WorkbookError("data.workbook.macros")
        if not name.startswith("xl/worksheets/") and entry.file_size > MAX_SHARED_BYTES:
            raise WorkbookError("data.workbook.too_large")


def _read(content: bytes) -> Iterator[list[Cell]]:
    with warnings.catch_warnings():
        # It warns of extensions that it leaves out; none of them holds text of a cell.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False, data_only=False)
    sheet = book.worksheets[0]
    # What a sheet says of its own size is its maker's word; rows are counted as they come.
    sheet.reset_dimensions()
    blank = 0
    rows = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1)
    for number, row in enumerate(rows, start=1):
        cells = _trimmed([_cell(found) for found in row])
        if not cells:
            blank += 1
            continue
        if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise WorkbookError("data.workbook.too_large")
        yield from ([] for _ in range(blank))
        blank = 0
        yield cells


def _cell(found: Any) -> Cell:
    value = found.value
    if value is None:
        return ""
    if isinstance(value, str):
        # "f" and "e": a formula, and what stands where one failed.
        is_text = found.data_type not in ("f", "e") and len(value) <= MAX_CELL_CHARACTERS
        return value if is_text else False
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return _number(value)


def _number(value: Any) -> Cell:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if not abs(value) < EXACT_BELOW:
        return False
    return str(int(value)) if value == int(value) else format(value, ".15g")


def _trimmed(cells: list[Cell]) -> list[Cell]:
    while cells and (cells[-1] == "" or (isinstance(cells[-1], str) and not cells[-1].strip())):
        cells.pop()
    return cells
