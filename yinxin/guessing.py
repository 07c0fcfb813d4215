"""Whoever guesses identifiers is slowed down, and learns nothing from it.

Only identifiers that the register does not have count, per client: a case officer who reads
licences is never slowed. Past the limit the register gives that client no answer, whether
the identifier exists or not, so the verdict is `cannot_say` and tells nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from verification.errors import SourceUnavailableError
from verification.ports import RegisterEntry, RegisterSource

MISSES: Final = 60
"""Identifiers that do not exist, which one client may ask for before it must wait."""
ONE_FORGIVEN_EVERY: Final = timedelta(seconds=10)
MAX_CLIENTS: Final = 50_000
"""Remembered at a time; the one that asked longest ago is forgotten first."""


@dataclass(frozen=True, slots=True)
class _Guesser:
    misses: float
    at: datetime


class Guesses:
    """How often each client asked for what does not exist."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, _Guesser] = OrderedDict()
        self._lock = threading.Lock()

    def exceeded(self, client: str, *, at: datetime) -> bool:
        """Say whether `client` must wait."""
        with self._lock:
            return self._misses(client, at) >= MISSES

    def missed(self, client: str, *, at: datetime) -> None:
        """Count an identifier that does not exist."""
        with self._lock:
            misses = min(self._misses(client, at) + 1, MISSES)
            self._clients[client] = _Guesser(misses, at)
            self._clients.move_to_end(client)
            if len(self._clients) > MAX_CLIENTS:
                self._clients.popitem(last=False)

    def _misses(self, client: str, at: datetime) -> float:
        known = self._clients.get(client)
        if known is None:
            return 0.0
        return max(0.0, known.misses - (at - known.at) / ONE_FORGIVEN_EVERY)


class GuardedRegister:
    """A `RegisterSource` that stops answering a client who guesses."""

    def __init__(
        self,
        register: RegisterSource,
        guesses: Guesses,
        client: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._register = register
        self._guesses = guesses
        self._client = client
        self._clock = clock

    def entry(self, identifier: str) -> RegisterEntry | None:
        """Return what the register has.

        Raises:
            SourceUnavailableError: if the client must wait, or the register does not answer.
        """
        at = self._clock()
        if self._guesses.exceeded(self._client, at=at):
            raise SourceUnavailableError("this client asked for too much that does not exist")
        found = self._register.entry(identifier)
        if found is None:
            self._guesses.missed(self._client, at=at)
        return found
