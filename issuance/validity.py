"""From when until when a licence is valid, as its kind derives it from its fields."""

import re
from collections.abc import Mapping
from datetime import date

from issuance.kind import Kind
from sealkit.record import LONG_TERM


def valid_from(kind: Kind, fields: Mapping[str, str], issued_on: str) -> str:
    """Return the first day, ISO: of the first field that has one, else the day of issue."""
    return next((fields[name] for name in kind.validity.from_fields if name in fields), issued_on)


def valid_until(kind: Kind, fields: Mapping[str, str]) -> str:
    """Return the last day, ISO, or `LONG_TERM`.

    A text may name an end for each of several rights: the licence lasts as long as one of
    them does.
    """
    value = fields.get(kind.validity.until_field or "")
    if value is None:
        return LONG_TERM
    if kind.validity.until_pattern is None:
        return value
    days = [_day(*map(int, found)) for found in re.findall(kind.validity.until_pattern, value)]
    return max((day for day in days if day), default=LONG_TERM)


def has_impossible_end(kind: Kind, fields: Mapping[str, str]) -> bool:
    """Return whether the text that says until when names a day that does not exist."""
    pattern = kind.validity.until_pattern
    value = fields.get(kind.validity.until_field or "", "")
    found = re.findall(pattern, value) if pattern else []
    return not all(_day(*map(int, parts)) for parts in found)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
