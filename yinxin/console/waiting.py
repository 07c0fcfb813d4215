"""What waits for somebody, shown on the console's first page by role.

A queue looks with a limit: its number is exact up to `MOST`, and says so beyond. What queues
there are stands in `console.queues`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from issuance.routes import Call

MOST: Final = 50
SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits."""

    path: str
    what: str
    """Such as a kind's name; no personal data that is not masked."""
    who: str
    since: datetime
    due: datetime | None = None
    """When it has to be done, where there is a time."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One sort of things that wait, for some roles."""

    key: str
    """Words are at ``console.queue.<key>``."""
    roles: frozenset[str]
    path: str
    """Where all of them are listed."""
    look: Callable[[Call], tuple[Waiting, ...]]
    """The first of them, one more than `MOST` at most, the most urgent one first."""


@dataclass(frozen=True, slots=True)
class Line:
    """A queue as somebody sees it."""

    queue: Queue
    count: str
    """A number, with ``+`` where there are more than were looked at."""
    first: tuple[Waiting, ...]
    at: datetime

    def is_overdue(self, entry: Waiting) -> bool:
        """Say whether it should have been done by now."""
        return entry.due is not None and entry.due < self.at


def waiting_for(call: Call, queues: Iterable[Queue]) -> tuple[Line, ...]:
    """Return every one of `queues` of the caller's roles, with what is in it."""
    mine = [queue for queue in queues if not queue.roles.isdisjoint(call.actor.roles)]
    return tuple(_line(call, queue, queue.look(call)) for queue in mine)


def _line(call: Call, queue: Queue, found: tuple[Waiting, ...]) -> Line:
    count = f"{MOST}+" if len(found) > MOST else str(len(found))
    return Line(queue, count, found[:SHOWN], call.at)
