"""A worker: works through batches in a thread of the service, or of a process of its own."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from issuance.batches.running import BatchRunner
from yinxin.files import FileNotStoredError
from yinxin.freshness import EXPECTED

LOOK_EVERY_SECONDS: Final = 1.0
"""How long a batch waits at most before its first chunk."""
GIVE_WAY_SECONDS: Final = 0.12
"""Between two chunks: who waits for SQLite's lock looks for it every tenth of a second, and would
else find it taken for as long as the batch lasts."""
_REST_SECONDS: Final = 15.0
_STOP_SECONDS: Final = 60

log = structlog.get_logger()


class BatchWorker:
    """Calls `runner.advance` while there is work, until it is stopped."""

    def __init__(self, runner: BatchRunner, clock: Callable[[], datetime]) -> None:
        self._runner = runner
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)

    def start(self) -> None:
        """Begin to look for work."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further chunk, and wait for the one under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        rest = 0.0
        while not self._stopping.wait(rest):
            try:
                goes_on = self._runner.advance(at=self._clock())
                rest = GIVE_WAY_SECONDS if goes_on else LOOK_EVERY_SECONDS
            except (*EXPECTED, FileNotStoredError) as error:
                log.error("batches.failed", error=type(error).__name__)
                rest = _REST_SECONDS
