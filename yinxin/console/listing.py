"""Lists page by page, by key: a page begins after the last line of the one before."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from yinxin.problems import RequestRefusedError

PAGE_LINES: Final = 25
_ID: Final = re.compile(r"[0-9A-Za-z._:-]{1,64}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last line that was shown: its time, and its id among lines of the same time."""

    at: datetime
    id: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some lines of a list."""

    lines: tuple[T, ...]
    more: str | None
    """Address of the next page."""
    first: str | None
    """Address of the first page, where this is a later one."""


def cursor_of(after: str) -> Cursor | None:
    """Read where to go on; None for an empty text.

    Raises:
        RequestRefusedError: for anything that no page of ours gave.
    """
    if not after:
        return None
    at, _, line = after.partition("~")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        raise RequestRefusedError("request.invalid") from error
    if instant.tzinfo is None or not _ID.fullmatch(line):
        raise RequestRefusedError("request.invalid")
    return Cursor(instant, line)


def page_of(
    found: Sequence[T], key: Callable[[T], Cursor], path: str, after: str, **query: str
) -> Page[T]:
    """Cut `found`, of which one line more than a page was asked for, into a page."""
    lines = tuple(found[:PAGE_LINES])
    more = None
    if len(found) > PAGE_LINES:
        more = f"{path}?{urlencode(query | {'after': str(key(lines[-1]))})}"
    first = f"{path}?{urlencode(query)}" if after else None
    return Page(lines, more, first)
