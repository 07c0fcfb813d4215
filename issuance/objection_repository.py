"""Objections and their steps as rows and values. Nothing here commits."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.orm import Session

from issuance.errors import TransitionError, UnknownObjectionError
from issuance.objection_states import (
    MARKED,
    OBJECTION_STEPS,
    OPEN,
    Capacity,
    ObjectionState,
    ObjectionType,
)
from issuance.register_rows import EditionKey
from issuance.states import after
from issuance.tables import objection_events, objections

_TIMES: Final = ("lodged_at", "due_at", "decided_at")


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection, its claim and decision sealed."""

    issuer_code: str
    id: str
    serial: str
    version: int
    """The edition it is about."""
    type: ObjectionType
    state: ObjectionState
    fields: tuple[str, ...]
    """Names of the fields said to be wrong."""
    sealed_claim: bytes = field(repr=False)
    claim_index: bytes = field(repr=False)
    """Keyed digest of who claims what: tells a repeated objection from another."""
    capacity: Capacity
    lodged_by: str
    lodged_at: datetime
    due_at: datetime | None
    """When the step that is due now must be done; None when none is."""
    due_provisional: bool
    """Whether the calendar of that year was not known when it was set."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    sealed_decision: bytes | None = field(default=None, repr=False)
    corrected_version: int | None = None

    @property
    def edition_key(self) -> EditionKey:
        """The edition it is about."""
        return EditionKey(self.issuer_code, self.serial, self.version)

    def is_overdue(self, at: datetime) -> bool:
        """Return whether the step that is due now should have been done before `at`."""
        return self.due_at is not None and at > self.due_at


@dataclass(frozen=True, slots=True)
class ObjectionEvent:
    """One step in the handling of an objection."""

    sequence: int
    at: datetime
    actor: str
    step: str
    state_after: str


def add_objection(session: Session, objection: Objection) -> None:
    """Store a new objection."""
    session.execute(insert(objections).values(**_plain(objection)))
    _add_event(session, objection, "lodge", objection.lodged_by, objection.lodged_at)


def find_objection(session: Session, objection_id: str) -> Objection:
    """Return an objection, whoever's it is.

    Raises:
        UnknownObjectionError: if there is none.
    """
    query = select(objections).where(objections.c.id == objection_id)
    row = session.execute(query).mappings().first()
    if row is None:
        raise UnknownObjectionError
    return _objection(row)


def objections_on(session: Session, issuer_code: str, serial: str) -> list[Objection]:
    """Return every objection on a licence, oldest first."""
    query = (
        select(objections)
        .where(objections.c.issuer_code == issuer_code, objections.c.serial == serial)
        .order_by(objections.c.lodged_at, objections.c.id)
    )
    return [_objection(row) for row in session.execute(query).mappings()]


def is_disputed(session: Session, issuer_code: str, serial: str) -> bool:
    """Return whether an objection on a licence is being examined or corrected."""
    return any(entry.state in MARKED for entry in objections_on(session, issuer_code, serial))


def overdue(session: Session, issuer_code: str, *, at: datetime) -> list[Objection]:
    """Return an issuer's objections whose due step was not done before `at`, oldest first."""
    query = (
        select(objections)
        .where(objections.c.issuer_code == issuer_code, objections.c.due_at < at.isoformat())
        .order_by(objections.c.due_at)
    )
    return [_objection(row) for row in session.execute(query).mappings()]


def open_objections(session: Session, issuer_code: str, *, limit: int) -> list[Objection]:
    """Return an issuer's objections that wait for a step, the one that is due first first."""
    query = (
        select(objections)
        .where(
            objections.c.issuer_code == issuer_code,
            objections.c.state.in_([state.value for state in OPEN]),
        )
        .order_by(objections.c.due_at.is_(None), objections.c.due_at, objections.c.id)
        .limit(limit)
    )
    return [_objection(row) for row in session.execute(query).mappings()]


def step_objection(
    session: Session,
    found: Objection,
    step: str,
    *,
    actor: str,
    at: datetime,
    **changes: Any,
) -> Objection:
    """Take an objection one step further, record the step, and return it.

    Raises:
        TransitionError: if its state does not allow the step, naming the state.
    """
    subject = f"objection {found.id}"
    state = after(OBJECTION_STEPS, step, found.state, subject)
    stepped = replace(found, state=state, **changes)
    done = session.execute(
        update(objections)
        .where(
            objections.c.issuer_code == found.issuer_code,
            objections.c.id == found.id,
            objections.c.state == found.state.value,
        )
        .values(**_plain(stepped))
        .returning(objections.c.id)
    ).first()
    if done is None:
        raise TransitionError(subject, "changed meanwhile", step)
    _add_event(session, stepped, step, actor, at)
    return stepped


def finish_correction(
    session: Session,
    issuer_code: str,
    objection_id: str,
    *,
    version: int,
    actor: str,
    at: datetime,
) -> None:
    """Note that the edition an objection led to is published."""
    found = find_objection(session, objection_id)
    if found.issuer_code != issuer_code:
        raise UnknownObjectionError
    step_objection(
        session,
        found,
        "finish_correction",
        actor=actor,
        at=at,
        corrected_version=version,
        due_at=None,
        due_provisional=False,
    )


def events_of(session: Session, objection: Objection) -> list[ObjectionEvent]:
    """Return every step of an objection, first to last."""
    query = (
        select(objection_events)
        .filter_by(issuer_code=objection.issuer_code, objection_id=objection.id)
        .order_by(objection_events.c.sequence)
    )
    return [
        ObjectionEvent(
            row["sequence"],
            datetime.fromisoformat(row["at"]),
            row["actor"],
            row["step"],
            row["state_after"],
        )
        for row in session.execute(query).mappings()
    ]


def _add_event(session: Session, objection: Objection, step: str, actor: str, at: datetime) -> None:
    last = session.execute(
        select(func.max(objection_events.c.sequence)).filter_by(
            issuer_code=objection.issuer_code, objection_id=objection.id
        )
    ).scalar()
    session.execute(
        insert(objection_events).values(
            issuer_code=objection.issuer_code,
            objection_id=objection.id,
            sequence=(last or 0) + 1,
            at=at.isoformat(),
            actor=actor,
            step=step,
            state_after=objection.state.value,
        )
    )


def _plain(objection: Objection) -> dict[str, Any]:
    members = asdict(objection) | {"fields": " ".join(objection.fields)}
    for name in ("type", "state", "capacity"):
        members[name] = members[name].value
    for name in _TIMES:
        members[name] = members[name].isoformat() if members[name] else None
    return members


def _objection(row: RowMapping) -> Objection:
    members = dict(row)
    for name in _TIMES:
        if members[name]:
            members[name] = datetime.fromisoformat(members[name])
    members |= {
        "type": ObjectionType(members["type"]),
        "state": ObjectionState(members["state"]),
        "capacity": Capacity(members["capacity"]),
        "fields": tuple(members["fields"].split()),
    }
    return Objection(**members)
