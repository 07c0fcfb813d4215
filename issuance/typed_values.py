"""Values that are more than text: days, times, numbers, telephone numbers, lists.

Each reader returns the one form in which a value is kept, or says why it is none. A list
has one line for each entry and ``｜`` between the columns (printed: `render.printed_lists`).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Final

from issuance.kind import KindField

CELL_SEPARATOR: Final = "｜"
MAX_LIST_LINES: Final = 200
_BEIJING: Final = timezone(timedelta(hours=8))
_DATE_FORMS: Final = (
    re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII),
)
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_AREA = re.compile(r"[1-9]\d{5}", re.ASCII)
_PHONE = re.compile(r"(?:\+\d{1,3} ?)?\d(?:[\d -]{3,18})\d", re.ASCII)


class FieldValueError(Exception):
    """A value that its field does not take; carries the stable code of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def iso_day(text: str) -> str:
    """Return a day, written in any of the forms taken, as ISO.

    Raises:
        FieldValueError: if it is in none of them, or does not exist.
    """
    found = next((match for form in _DATE_FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        raise FieldValueError("data.date.form")
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError as error:
        raise FieldValueError("data.date.nonexistent") from error


def _time(field: KindField, text: str, at: datetime) -> str:
    """Return RFC 3339 to the minute, with ``+08:00``; a time without zone is Beijing's."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise FieldValueError("data.time.form")
    try:
        zone = found[3] or "+08:00"
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone(_BEIJING)
    except (ValueError, OverflowError) as error:
        raise FieldValueError("data.date.nonexistent") from error
    if field.not_future and moment > at:
        raise FieldValueError("data.date.future")
    return moment.isoformat(timespec="minutes")


def _integer(_field: KindField, text: str, _at: datetime) -> str:
    if not _INTEGER.fullmatch(text):
        raise FieldValueError("data.integer.form")
    return str(int(text))


def _number(_field: KindField, text: str, _at: datetime) -> str:
    if not _NUMBER.fullmatch(text):
        raise FieldValueError("data.number.form")
    return text.removeprefix("+")


def _phone(_field: KindField, text: str, _at: datetime) -> str:
    if not _PHONE.fullmatch(text):
        raise FieldValueError("data.phone.form")
    return text


def _area(_field: KindField, text: str, _at: datetime) -> str:
    if not _AREA.fullmatch(text):
        raise FieldValueError("data.area.form")
    return text


def _list(field: KindField, text: str, _at: datetime) -> str:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > MAX_LIST_LINES:
        raise FieldValueError("data.list.form")
    return "\n".join(_list_line(field, line) for line in lines)


def _list_line(field: KindField, line: str) -> str:
    cells = [cell.strip() for cell in re.split(r"[|｜\t]", line)]
    if len(cells) != len(field.columns) or not all(cells):
        raise FieldValueError("data.list.form")
    typed = zip(cells, field.columns, strict=True)
    return CELL_SEPARATOR.join(
        iso_day(cell) if column.type == "date" else cell for cell, column in typed
    )


READERS: Final[Mapping[str, Callable[[KindField, str, datetime], str]]] = MappingProxyType(
    {
        "datetime": _time,
        "integer": _integer,
        "number": _number,
        "phone": _phone,
        "list": _list,
        "area": _area,
    }
)
"""By type of field: from cleaned text to the form that is kept."""
