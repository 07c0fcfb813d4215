"""Applications of a department, by state and page by page: what a list shows, masked.

Lines of a batch are not among them: they are decided with it, and a batch shows its lines.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import RowMapping, select, tuple_
from sqlalchemy.orm import Session

from issuance.entitlement import AUDITOR, CLERK, OPERATOR, REVIEWER, require_role
from issuance.ports import Actor
from issuance.states import ApplicationState
from issuance.tables import applications

OPEN: Final = frozenset(
    {ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.APPROVED}
)
"""States in which somebody has to act; their lists begin with the oldest."""


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """One application as a list shows it."""

    id: str
    kind: str
    state: ApplicationState
    holders_masked: str
    submitted_by: str
    submitted_at: datetime


def list_applications(
    session: Session,
    state: ApplicationState,
    *,
    actor: Actor,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> tuple[ApplicationLine, ...]:
    """Return applications of the caller's department in one state.

    Open ones come oldest first, others newest first. `after` is time and id of the last one
    that was seen.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read applications", CLERK, REVIEWER, OPERATOR, AUDITOR)
    columns = applications.c
    key = tuple_(columns.submitted_at, columns.id)
    shown = [columns[name] for name in ApplicationLine.__slots__]
    query = select(*shown).where(
        columns.issuer_code == actor.department,
        columns.state == state.value,
        columns.batch_id.is_(None),
    )
    if after is not None:
        last = (after[0].isoformat(), after[1])
        query = query.where(key > last if state in OPEN else key < last)
    order = (columns.submitted_at, columns.id)
    query = query.order_by(*(order if state in OPEN else (column.desc() for column in order)))
    rows = session.execute(query.limit(limit)).mappings()
    return tuple(_line(row) for row in rows)


def _line(row: RowMapping) -> ApplicationLine:
    members = dict(row)
    members["state"] = ApplicationState(row["state"])
    members["submitted_at"] = datetime.fromisoformat(row["submitted_at"])
    return ApplicationLine(**members)
