"""Serial numbers of timestamps: each is greater than all before it, whatever is killed.

A number is the time of the stamp in microseconds above 64 random bits. Before a time that
was not set aside is used, the seconds that follow it are set aside durably, so that a
service that starts again, even with an earlier clock, goes on above them. A commit is
needed every few seconds, not for every stamp.
"""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from sqlalchemy.orm import Session

from ca import repository

RANDOM_BITS: Final = 64
"""Two processes of one service may stamp within the same microsecond."""

_SET_ASIDE: Final = int(timedelta(seconds=5) / timedelta(microseconds=1))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class TimestampSerials:
    """The serial numbers of one service, for all threads of a process."""

    def __init__(
        self, writing: Callable[[], AbstractContextManager[Session]], service: str
    ) -> None:
        """Take what opens a writing transaction, committed at its end, and the service's name."""
        self._writing = writing
        self._service = service
        self._lock = Lock()
        self._last = 0
        self._limit = 0

    def next(self, at: datetime) -> int:
        """Return the number of a stamp that is made `at`."""
        with self._lock:
            tick = max(self._last + 1, (at - _EPOCH) // timedelta(microseconds=1))
            if tick > self._limit:
                tick = self._set_more_aside(tick)
            self._last = tick
        return tick << RANDOM_BITS | secrets.randbits(RANDOM_BITS)

    def _set_more_aside(self, tick: int) -> int:
        with self._writing() as session:
            used = repository.stamped_until(session, service=self._service)
            if not self._limit:
                # What the process before us set aside it may have used.
                tick = max(tick, used + 1)
            limit = max(used, tick + _SET_ASIDE)
            repository.set_stamped_until(session, service=self._service, until=limit)
        self._limit = limit
        return tick
