"""Deadlines in working days of the issuing region (工作日), from calendars in `calendars/`.

A calendar file lists, for one year, the holidays and the days of rest that are worked;
each entry says how sure we are of it. A year without a file counts Monday to Friday, and
what was computed with it is provisional. The day of an event is not counted; a deadline is
the end of the last day, 24:00 in Beijing.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Final

from issuance.errors import CalendarFileError

DIRECTORY: Final = Path(__file__).parent / "calendars"
BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
SURENESS: Final = ("law", "memory")
"""``law``: a statutory holiday; ``memory``: an arrangement of the year, to be checked."""


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """What deviates from Monday to Friday in one year."""

    rest: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant by which something must be done."""

    at: datetime
    """UTC; the end of a day in Beijing."""
    provisional: bool
    """Whether the calendar of a year it spans is not known yet."""


def deadline(since: datetime, working_days: int, directory: Path = DIRECTORY) -> Deadline:
    """Return the end of the `working_days`-th working day after that of `since`."""
    years = load_calendars(directory)
    day = since.astimezone(BEIJING).date()
    provisional = False
    left = working_days
    while left:
        day += timedelta(days=1)
        provisional = provisional or day.year not in years
        left -= is_working_day(day, years)
    end = datetime.combine(day + timedelta(days=1), time(), BEIJING)
    return Deadline(end.astimezone(since.tzinfo), provisional)


def is_working_day(day: date, years: Mapping[int, WorkingYear]) -> bool:
    """Return whether `day` is worked."""
    year = years.get(day.year)
    if year and day in year.rest:
        return False
    return day.weekday() < 5 or (year is not None and day in year.worked)


@cache
def load_calendars(directory: Path = DIRECTORY) -> Mapping[int, WorkingYear]:
    """Return every calendar by its year.

    Raises:
        CalendarFileError: for the first mistake, naming file and entry.
    """
    return {int(path.stem): _read(path) for path in sorted(directory.glob("[0-9]*.toml"))}


def _read(path: Path) -> WorkingYear:
    try:
        members = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CalendarFileError(f"{path.name}: mend the notation: {error}") from error
    return WorkingYear(_days(path, members, "rest"), _days(path, members, "worked"))


def _days(path: Path, members: Mapping[str, Any], name: str) -> frozenset[date]:
    days: set[date] = set()
    for entry in members.get(name, []):
        first, last = entry.get("from"), entry.get("to", entry.get("from"))
        if not (type(first) is type(last) is date and first <= last):
            raise CalendarFileError(f"{path.name}: {name}: give from and to as dates, in order")
        if entry.get("sureness") not in SURENESS or str(first.year) != path.stem:
            raise CalendarFileError(
                f"{path.name}: {name} {first}: give sureness as one of {', '.join(SURENESS)},"
                " and only days of the file's year"
            )
        days |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return frozenset(days)
