"""The service's clock, watched: asked at each timestamp, compared with references in between."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from ca.clock import ClockStanding, ClockWatch
from ca.timestamp import ACCURACY
from yinxin.audit import AuditChain
from yinxin.db import Database
from yinxin.settings import Environment, Settings
from yinxin.time_references import (
    NoReadingError,
    Reference,
    TimeServer,
    first_reading,
    kernel_reading,
)

CHECK_EVERY: Final = timedelta(seconds=30)

log = structlog.get_logger()


def uptime() -> timedelta:
    """Return the time since the machine started, sleep included; nobody can set it."""
    return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


class WatchedClock:
    """Says whether the clock is sound, and records when that changes."""

    def __init__(
        self,
        watch: ClockWatch,
        references: Sequence[Reference],
        database: Database,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        uptime: Callable[[], timedelta] = uptime,
    ) -> None:
        self._watch = watch
        self._references = references
        self._database = database
        self._now = now
        self._uptime = uptime
        self._recorded: ClockStanding | None = None

    def is_sound(self) -> bool:
        """Say whether the clock may stamp at this moment."""
        return self.standing().is_sound

    def standing(self) -> ClockStanding:
        """Return what can be said of the clock at this moment."""
        return self._watch.standing(at=self._now(), uptime=self._uptime())

    def check(self) -> None:
        """Compare with the references, and record when the standing changed."""
        self.standing()  # a jump is noticed also when a reference is silent
        try:
            offset = first_reading(self._references)
        except NoReadingError:
            pass  # an earlier confirmation runs out by itself
        else:
            self._watch.compare(offset, at=self._now(), uptime=self._uptime())
        self._record(self.standing())

    def _record(self, standing: ClockStanding) -> None:
        if standing == self._recorded:
            return
        with self._database.writing() as session:
            AuditChain().record(
                session,
                actor="clock",
                act=f"clock.{standing.state}",
                subject="clock",
                at=self._now(),
                detail={"reason": standing.reason},
            )
        self._recorded = standing
        log.info("clock.changed", state=standing.state.value, reason=standing.reason)


def watched_clock(settings: Settings, database: Database) -> WatchedClock:
    """Return the clock of a service as its settings say."""
    references: list[Reference] = [TimeServer.named(name) for name in settings.time_servers]
    if settings.kernel_clock:
        references.append(kernel_reading)
    production = settings.environment is Environment.PRODUCTION
    watch = ClockWatch(accuracy=ACCURACY, needs_reference=production or bool(references))
    return WatchedClock(watch, references, database)
