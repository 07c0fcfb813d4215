"""Proposals to suspend many licences, and what became of each line. Nothing here commits."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.orm import Session

from issuance.states import EditionState
from issuance.suspensions.tables import suspension_lines, suspensions
from issuance.tables import editions


class SuspensionState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Outcome(StrEnum):
    """What became of one line."""

    WAITING = "waiting"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    """Its licence is unknown, or not in a state to be suspended."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """A proposal to suspend many licences of one department."""

    issuer_code: str
    id: str
    state: SuspensionState
    legal_basis: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reasons: str | None = None


@dataclass(frozen=True, slots=True)
class SuspensionLine:
    """One licence of a proposal."""

    position: int
    identifier: str
    """As it was asked for; of the newest edition where a query found it."""
    outcome: Outcome
    problem: str | None = None
    """Stable code of why it was refused."""
    state: str | None = None
    """Of the licence, where that is why it was refused."""


def add_suspension(session: Session, made: Suspension, lines: Iterable[SuspensionLine]) -> None:
    """Store a proposal with its lines."""
    row = asdict(made) | {"state": made.state.value, "proposed_at": made.proposed_at.isoformat()}
    session.execute(insert(suspensions).values(**row))
    key = {"issuer_code": made.issuer_code, "suspension_id": made.id}
    session.execute(
        insert(suspension_lines),
        [key | asdict(line) | {"outcome": line.outcome.value} for line in lines],
    )


def suspension(session: Session, issuer_code: str, suspension_id: str) -> Suspension | None:
    """Return one proposal of an issuer."""
    query = select(suspensions).where(
        suspensions.c.issuer_code == issuer_code, suspensions.c.id == suspension_id
    )
    row = session.execute(query).mappings().first()
    return _suspension(row) if row else None


def suspensions_in(
    session: Session, issuer_code: str, state: SuspensionState, *, limit: int
) -> tuple[Suspension, ...]:
    """Return proposals of an issuer in one state, oldest first."""
    query = (
        select(suspensions)
        .where(suspensions.c.issuer_code == issuer_code, suspensions.c.state == state.value)
        .order_by(suspensions.c.proposed_at, suspensions.c.id)
        .limit(limit)
    )
    return tuple(_suspension(row) for row in session.execute(query).mappings())


def lines_of(session: Session, found: Suspension) -> tuple[SuspensionLine, ...]:
    """Return the lines of a proposal in their order."""
    query = (
        select(suspension_lines)
        .where(
            suspension_lines.c.issuer_code == found.issuer_code,
            suspension_lines.c.suspension_id == found.id,
        )
        .order_by(suspension_lines.c.position)
    )
    return tuple(
        SuspensionLine(
            row["position"],
            row["identifier"],
            Outcome(row["outcome"]),
            row["problem"],
            row["state"],
        )
        for row in session.execute(query).mappings()
    )


def decide(
    session: Session,
    found: Suspension,
    state: SuspensionState,
    *,
    by: str,
    at: datetime,
    reasons: str | None = None,
) -> bool:
    """Note the decision on a proposal that nobody decided meanwhile."""
    done = session.execute(
        update(suspensions)
        .where(
            suspensions.c.issuer_code == found.issuer_code,
            suspensions.c.id == found.id,
            suspensions.c.state == SuspensionState.PROPOSED.value,
        )
        .values(state=state.value, decided_by=by, decided_at=at.isoformat(), reasons=reasons)
        .returning(suspensions.c.id)
    ).first()
    return done is not None


def set_line(session: Session, found: Suspension, line: SuspensionLine) -> None:
    """Note what became of a line."""
    session.execute(
        update(suspension_lines)
        .where(
            suspension_lines.c.issuer_code == found.issuer_code,
            suspension_lines.c.suspension_id == found.id,
            suspension_lines.c.position == line.position,
        )
        .values(outcome=line.outcome.value, problem=line.problem, state=line.state)
    )


def active_of_kind(
    session: Session, issuer_code: str, kind: str, first: str, last: str, *, limit: int
) -> tuple[str, ...]:
    """Return identifiers of active editions of a kind issued from `first` to `last`, ISO days."""
    query = (
        select(editions.c.identifier)
        .where(
            editions.c.issuer_code == issuer_code,
            editions.c.kind == kind,
            editions.c.state == EditionState.ACTIVE.value,
            editions.c.issued_on >= first,
            editions.c.issued_on <= last,
        )
        .order_by(editions.c.serial, editions.c.version)
        .limit(limit)
    )
    return tuple(session.execute(query).scalars())


def active_by_number(session: Session, issuer_code: str, index: bytes) -> str | None:
    """Return the identifier of the edition in force with a licence number, by keyed digest."""
    query = select(editions.c.identifier).where(
        editions.c.issuer_code == issuer_code,
        editions.c.number_index == index,
        editions.c.state.in_((EditionState.ACTIVE.value, EditionState.SUSPENDED.value)),
    )
    return session.execute(query).scalars().first()


def _suspension(row: RowMapping) -> Suspension:
    members = {entry.name: row[entry.name] for entry in fields(Suspension)}
    for name in ("proposed_at", "decided_at"):
        members[name] = members[name] and datetime.fromisoformat(members[name])
    return Suspension(**members | {"state": SuspensionState(row["state"])})
