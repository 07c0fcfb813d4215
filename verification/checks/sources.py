"""What every rule may look at besides the document."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sealkit.status_day import day_end
from verification.ports import LogSource, RegisterSource, StatusDaySource, StatusSource
from verification.report import Finding, Unchecked
from verification.trust import TrustStore

CLOCK_SKEW: Final = timedelta(seconds=30)  # how far apart two honest clocks may be

Outcomes = Iterator[Finding | Unchecked]
"""What a rule yields."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Trust material, outside sources and the time asked about."""

    trust: TrustStore
    status: StatusSource | None
    log: LogSource | None
    register: RegisterSource | None
    at: datetime
    code: str | None = None
    """The licence's code, when it is shown together with a file."""
    days: StatusDaySource | None = None
    """Frozen lists, for `valid_on`."""
    valid_on: date | None = None
    """The day in Beijing that is asked about, judged at its end; None asks about `at`.

    Signatures and certificates are judged by what is known at `at` all the same.
    """

    slip: str | None = None
    """A status slip that is shown beside the licence, as text."""

    @property
    def asked_at(self) -> datetime:
        """The instant at which dates and state are judged."""
        return self.at if self.valid_on is None else day_end(self.valid_on) - timedelta(seconds=1)
