"""Work done again and again in the background, that one failure does not end."""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ca.errors import CAError
from mutual_recognition.errors import MutualRecognitionError
from sealkit.errors import SealkitError

EXPECTED = (CAError, MutualRecognitionError, SealkitError, SQLAlchemyError, OSError, ValueError)
"""What may pass by itself: a busy database, a full disk, a damaged file, a sleeping key."""
_STOP_SECONDS = 30

log = structlog.get_logger()


class Freshness:
    """Calls `work` at every `interval` until it is stopped."""

    def __init__(self, work: Callable[[], None], interval: timedelta) -> None:
        self._work = work
        self._interval = interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="freshness", daemon=True)

    def start(self) -> None:
        """Begin; the first call comes after one interval."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further call, and wait for one that is under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(self._interval.total_seconds()):
            try:
                self._work()
            except EXPECTED as error:
                log.error("freshness.failed", error=type(error).__name__)
