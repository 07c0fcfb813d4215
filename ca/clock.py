"""Whether the clock may be trusted to stamp with (EN 319 421: within a second of UTC, or stop).

* Two clocks are watched against each other: that of the day, which somebody can set, and the
  time since the machine started, which nobody can. When they part by more than the accuracy,
  the clock is in doubt.
* A reference outside, such as a time server, confirms the clock for a while, and takes the
  doubt away; it also brings the doubt, when it disagrees.
* Where references are needed, a clock that none has confirmed lately is in doubt too.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

CONFIRMED_FOR: Final = timedelta(minutes=10)
"""How long a reading of a reference counts."""


class ClockState(StrEnum):
    """What can be said of the clock."""

    CONFIRMED = "confirmed"
    """A reference agreed lately, and nothing has moved since."""
    UNVERIFIED = "unverified"
    """Nothing has moved; no reference is asked. For development."""
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class ClockStanding:
    """The state of the clock, and why."""

    state: ClockState
    reason: str
    """``ok``, ``jumped``, ``reference_differs`` or ``no_reference``."""

    @property
    def is_sound(self) -> bool:
        """Whether it may stamp."""
        return self.state is not ClockState.DOUBTFUL


@dataclass(frozen=True, slots=True)
class _Reading:
    at: datetime
    uptime: timedelta


class ClockWatch:
    """Watches one machine's clock. Safe among threads."""

    def __init__(self, *, accuracy: timedelta, needs_reference: bool) -> None:
        """Watch for differences above `accuracy`."""
        self._accuracy = accuracy
        self._needs_reference = needs_reference
        self._good: _Reading | None = None
        """The last reading that was known to be right, or the first of all."""
        self._confirmed: timedelta | None = None
        """Uptime when a reference agreed last."""
        self._doubt: str | None = None
        self._lock = threading.Lock()

    def standing(self, *, at: datetime, uptime: timedelta) -> ClockStanding:
        """Return what can be said of the clock that says `at`.

        `uptime` is read at the same moment from a clock that nobody can set.
        """
        with self._lock:
            if self._good is None:
                self._good = _Reading(at, uptime)
            drift = (at - self._good.at) - (uptime - self._good.uptime)
            if abs(drift) > self._accuracy:
                self._doubt = self._doubt or "jumped"
            if self._doubt:
                return ClockStanding(ClockState.DOUBTFUL, self._doubt)
            if not self._needs_reference and self._confirmed is None:
                return ClockStanding(ClockState.UNVERIFIED, "ok")
            if self._confirmed is None or uptime - self._confirmed > CONFIRMED_FOR:
                return ClockStanding(ClockState.DOUBTFUL, "no_reference")
            return ClockStanding(ClockState.CONFIRMED, "ok")

    def compare(self, offset: timedelta, *, at: datetime, uptime: timedelta) -> None:
        """Take the reading of a reference: our clock is `offset` ahead of it.

        `at` and `uptime` are our own at that moment.
        """
        with self._lock:
            if abs(offset) > self._accuracy:
                self._doubt = "reference_differs"
                return
            self._doubt = None
            self._confirmed = uptime
            self._good = _Reading(at, uptime)
