"""What every rule may look at besides the document."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from verification.ports import LogSource, RegisterSource, StatusSource
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
