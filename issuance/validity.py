"""From when until when a licence is valid, as its kind derives it from its fields."""

import re
from collections.abc import Mapping
from datetime import date

from issuance.kind import Kind
from sealkit.record import LONG_TERM


def valid_from(kind: Kind, fields: Mapping[str, str], issued_on: str) -> str:
    """Return the first day, ISO: of the first field that has one, else the day of issue."""
    return next((fields[name] for name in kind.validity.from_fields if name in fields), issued_on)


def valid_until(kind: Kind, fields: Mapping[str, str], issued_on: str) -> str:
    """Return the last day, ISO, or `LONG_TERM`.

    A text may name an end for each of several rights: the licence lasts as long as one of
    them does. A day that the fields give counts; where they give none, the kind's rule does.
    """
    value = fields.get(kind.validity.until_field or "")
    if value is None:
        return latest_end(kind, fields, issued_on)
    if kind.validity.until_pattern is None:
        return value
    days = [_day(*map(int, found)) for found in re.findall(kind.validity.until_pattern, value)]
    return max((day for day in days if day), default=LONG_TERM)


def latest_end(kind: Kind, fields: Mapping[str, str], issued_on: str) -> str:
    """Return the last day that the kind's rule allows, ISO, or `LONG_TERM`."""
    first = date.fromisoformat(valid_from(kind, fields, issued_on))
    born = fields.get(kind.validity.birth_field or "")
    years = kind.validity.longest(date.fromisoformat(born) if born else None, first)
    if years is None or first.year + years > date.max.year:
        return LONG_TERM
    return _years_later(first, years).isoformat()


def has_impossible_end(kind: Kind, fields: Mapping[str, str]) -> bool:
    """Return whether the text that says until when names a day that does not exist."""
    pattern = kind.validity.until_pattern
    value = fields.get(kind.validity.until_field or "", "")
    found = re.findall(pattern, value) if pattern else []
    return not all(_day(*map(int, parts)) for parts in found)


def _years_later(day: date, years: int) -> date:
    """Return the same day of a later year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
