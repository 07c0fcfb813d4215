"""Dates: issued, in force, not yet run out.

A licence is valid on its last day until 24:00 Beijing time (standards/e-licence, 7).
"""

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from sealkit.record import LONG_TERM
from verification.checks.chain import SigningTime
from verification.checks.sources import CLOCK_SKEW, Outcomes
from verification.report import Finding, Severity

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def check_dates(valid_from: str, valid_until: str, *, at: datetime) -> Outcomes:
    """The licence is in force at `at`. Dates are ISO, the last day included."""
    evidence = {"valid_from": valid_from, "valid_until": valid_until}
    try:
        begins = _midnight(valid_from)
        ends = _end(valid_until)
    except ValueError:
        yield Finding("licence.dates_malformed", Severity.ERROR, evidence)
        return
    if ends is not None and ends <= begins:
        yield Finding("licence.dates_malformed", Severity.ERROR, evidence)
    if at < begins:
        yield Finding("licence.not_yet_valid", Severity.ERROR, evidence)
    if ends is not None and at >= ends:
        yield Finding("licence.expired", Severity.ERROR, evidence)


def check_issued(signed_at: datetime | None, *, at: datetime) -> Outcomes:
    """The licence had been signed at `at`."""
    # A difference of times is always in the calendar, their sum with a period is not.
    if signed_at is not None and signed_at - at > CLOCK_SKEW:
        evidence = {"signed_at": signed_at.isoformat(), "at": at.isoformat()}
        yield Finding("licence.not_yet_issued", Severity.ERROR, evidence)


def check_seal_period(begins: datetime, ends: datetime, *, signing: SigningTime) -> Outcomes:
    """The seal was valid when it was used (standards/ofd-and-seal, 2.9 step 6)."""
    evidence = {
        "valid_from": begins.isoformat(),
        "valid_until": ends.isoformat(),
        "signing_time": signing.at.isoformat(),
    }
    if signing.at < begins:
        yield Finding("seal.not_yet_valid", Severity.ERROR, evidence)
    if signing.at > ends:
        yield Finding("seal.expired", Severity.ERROR, evidence)


def _midnight(day: str) -> datetime:
    if not _ISO_DATE.fullmatch(day):
        raise ValueError("dates are YYYY-MM-DD")
    return datetime.combine(date.fromisoformat(day), time(), BEIJING)


def _end(valid_until: str) -> datetime | None:
    # `LONG_TERM` is the last day of the calendar, so there is always a next one.
    return None if valid_until == LONG_TERM else _midnight(valid_until) + timedelta(days=1)
