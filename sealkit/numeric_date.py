"""NumericDate: seconds since 1970-01-01 UTC, as CWT and JWT claims carry time."""

from datetime import UTC, datetime
from typing import Any, Final

from sealkit.errors import MalformedError

LATEST: Final = 221_845_392_000  # year 9000: sums of a time and a period stay in the calendar


def from_datetime(at: datetime) -> int:
    """Return whole seconds; `at` is aware.

    Raises:
        MalformedError: if it is not between 1970 and the year 9000.
    """
    seconds = int(at.timestamp())
    if not 0 <= seconds <= LATEST:
        raise MalformedError("a time is outside 1970 to 9000")
    return seconds


def to_datetime(seconds: Any) -> datetime:
    """Return the aware UTC time of a claim.

    Raises:
        MalformedError: if `seconds` is not an integer between 1970 and the year 9000.
    """
    if type(seconds) is not int or not 0 <= seconds <= LATEST:
        raise MalformedError("a time claim is not a number of seconds")
    return datetime.fromtimestamp(seconds, UTC)
