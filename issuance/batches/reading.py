"""Reading the lines of a batch, one at a time, whatever the size of the file.

* NDJSON: one JSON object a line, ``{"fields": {…}, "holders": […]}``, UTF-8.
* CSV: the first row names fields by their name or their Chinese label, and holders as
  ``holder1.name``, ``holder1.code``, ``holder1.code_type`` or 持证主体1名称, 持证主体1证件号码,
  持证主体1证件类型. UTF-8, or GB 18030 as domestic spreadsheets write it. A column 问题, which our
  own error files have, is passed over; so is a star behind a name.
* XLSX: the first sheet of a workbook, with the same first row (`workbook`).

A line that cannot be read is one problem of that line; the others are read.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from issuance.batches.rows import Form
from issuance.batches.workbook import Cell, WorkbookError, rows_of

MAX_LINE_BYTES: Final = 256 * 1024
MAX_COLUMNS: Final = 400
REASON_COLUMN: Final = "问题"
"""Of an error file: what is wrong with the row."""
HOLDER_LABELS: Final = {"名称": "name", "证件号码": "code", "证件类型": "code_type"}
_HOLDER_COLUMN = re.compile(r"holder([1-9][0-9]?)\.(name|code|code_type)")
_HOLDER_LABEL = re.compile(r"持证主体([1-9][0-9]?)(名称|证件号码|证件类型)")
_REPLACEMENT: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line as it was read."""

    number: int
    """As a clerk counts, from 1."""
    data: Mapping[str, Any] | None
    """As an application carries it; None when it cannot be read."""
    problem: str | None = None
    """Code of why not."""


def read_lines(parts: Iterable[bytes], form: Form, labels: Mapping[str, str]) -> Iterator[RawLine]:
    """Yield the lines of a file that arrives in `parts`; blank ones are passed over.

    `labels` gives a field's name for its Chinese label.
    """
    if form is Form.NDJSON:
        yield from _read_json(parts)
    elif form is Form.XLSX:
        yield from _read_workbook(parts, labels)
    else:
        yield from _read_table(_rows(parts), labels)


def _read_workbook(parts: Iterable[bytes], labels: Mapping[str, str]) -> Iterator[RawLine]:
    last = 0
    try:
        for line in _read_table(rows_of(parts), labels):
            last = line.number
            yield line
    except WorkbookError as error:
        # No row is wrong, but the file from here on; lines read before stand.
        yield RawLine(last + 1, None, error.code)


def _read_json(parts: Iterable[bytes]) -> Iterator[RawLine]:
    for number, line in enumerate(_lines(parts), start=1):
        if line is None:
            yield RawLine(number, None, "data.line.too_long")
        elif line.strip():
            yield _json_line(number, line)


def _json_line(number: int, line: bytes) -> RawLine:
    try:
        data = orjson.loads(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)
    except orjson.JSONDecodeError:
        return RawLine(number, None, "data.line.not_json")
    if not isinstance(data, dict):
        return RawLine(number, None, "data.line.not_json")
    return RawLine(number, data)


def _read_table(rows: Iterator[list[Cell] | None], labels: Mapping[str, str]) -> Iterator[RawLine]:
    heading = next(rows, None)
    names = [_column_name(str(cell), labels) for cell in (heading or [])]
    sound = bool(names) and all(names) and len(set(names)) == len(names) <= MAX_COLUMNS
    for number, row in enumerate(rows, start=2):
        if row is None:
            yield RawLine(number, None, "data.line.not_a_row")
        elif any(not isinstance(cell, str) or cell.strip() for cell in row):
            readable = sound and len(row) <= len(names)
            yield _table_line(number, dict(zip(names, row, strict=False)) if readable else None)


def _column_name(heading: str, labels: Mapping[str, str]) -> str:
    """Return the name of a field or of a holder's member that a heading stands for."""
    name = heading.strip().removesuffix("*").strip()
    if found := _HOLDER_LABEL.fullmatch(name):
        return f"holder{found[1]}.{HOLDER_LABELS[found[2]]}"
    return labels.get(name, name)


def _table_line(number: int, cells: dict[str, Cell] | None) -> RawLine:
    if cells is None:
        return RawLine(number, None, "data.line.columns")
    if any(_REPLACEMENT in cell for cell in cells.values() if isinstance(cell, str)):
        return RawLine(number, None, "data.line.encoding")
    holders: dict[int, dict[str, Cell]] = {}
    fields = {}
    for name, cell in cells.items():
        found = _HOLDER_COLUMN.fullmatch(name)
        if name == REASON_COLUMN or (isinstance(cell, str) and not cell.strip()):
            continue
        if found:
            holders.setdefault(int(found[1]), {})[found[2]] = cell
        else:
            fields[name] = cell
    data: dict[str, Any] = {"fields": fields}
    if holders:
        data["holders"] = [holders[place] for place in sorted(holders)]
    return RawLine(number, data)


def _rows(parts: Iterable[bytes]) -> Iterator[list[Cell] | None]:
    """Yield the rows of a table; None for one that cannot be read."""
    reader = csv.reader(_text_lines(parts))
    while True:
        try:
            yield [*next(reader)]
        except StopIteration:
            return
        except csv.Error:
            yield None


def _text_lines(parts: Iterable[bytes]) -> Iterator[str]:
    encoding = None
    for line in _lines(parts):
        if line is None:
            yield f"{_REPLACEMENT}\n"
            continue
        if encoding is None:
            line = line.removeprefix(codecs.BOM_UTF8)
        if encoding is None and not line.isascii():
            encoding = "utf-8" if _is_utf8(line) else "gb18030"
        yield line.decode(encoding or "ascii", errors="replace") + "\n"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lines(parts: Iterable[bytes]) -> Iterator[bytes | None]:
    """Yield lines without their ends; None for one that is too long."""
    kept, skipping = b"", False
    for part in parts:
        *complete, rest = (kept + part).split(b"\n")
        for line in complete:
            yield None if skipping or len(line) > MAX_LINE_BYTES else line.removesuffix(b"\r")
            skipping = False
        skipping = skipping or len(rest) > MAX_LINE_BYTES
        kept = b"" if skipping else rest
    if skipping or kept:
        yield None if skipping else kept.removesuffix(b"\r")
