"""What waits for somebody, shown on the console's first page by role.

A queue looks with a limit: its number is exact up to `MOST`, and says so beyond.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from issuance import application_lists
from issuance.endings import deciding as endings
from issuance.entitlement import CLERK, REVIEWER
from issuance.routes import Call
from issuance.states import ApplicationState

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


def waiting_for(call: Call) -> tuple[Line, ...]:
    """Return every queue of the caller's roles, with what is in it."""
    mine = [queue for queue in QUEUES if not queue.roles.isdisjoint(call.actor.roles)]
    return tuple(_line(queue, queue.look(call)) for queue in mine)


def _line(queue: Queue, found: tuple[Waiting, ...]) -> Line:
    count = f"{MOST}+" if len(found) > MOST else str(len(found))
    return Line(queue, count, found[:SHOWN])


def _applications(state: ApplicationState) -> Callable[[Call], tuple[Waiting, ...]]:
    def look(call: Call) -> tuple[Waiting, ...]:
        found = application_lists.list_applications(
            call.session, state, actor=call.actor, limit=MOST + 1
        )
        return tuple(
            Waiting(
                f"/console/applications/{entry.id}",
                call.services.kinds[entry.kind].name_zh,
                entry.holders_masked,
                entry.submitted_at,
            )
            for entry in found
        )

    return look


def _endings(call: Call) -> tuple[Waiting, ...]:
    found = endings.proposed_endings(call.session, actor=call.actor)
    return tuple(
        Waiting(f"/console/endings/{entry.id}", entry.identifier, "", entry.proposed_at)
        for entry in found[: MOST + 1]
    )


def _by_state(key: str, role: str, state: ApplicationState) -> Queue:
    path = f"/console/applications?state={state.value}"
    return Queue(key, frozenset({role}), path, _applications(state))


QUEUES: Final = (
    _by_state("to_review", REVIEWER, ApplicationState.SUBMITTED),
    _by_state("returned", CLERK, ApplicationState.RETURNED),
    _by_state("to_mint", CLERK, ApplicationState.APPROVED),
    Queue("endings", frozenset({REVIEWER}), "/console/endings", _endings),
)
