"""The way of a proposal to suspend many licences.

    proposed → confirmed | declined

* The lines are fixed when it is proposed: a list of identifiers, of licence numbers of a kind,
  or all active licences of a kind issued between two days. At most a thousand.
* Another person confirms. Every line is then suspended by the rules of one licence, or refused
  with the reason; a bad line stops no other.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance import lifecycle, personal_data
from issuance.change_entries import sign_changes
from issuance.entitlement import (
    AUDITOR,
    CLERK,
    REVIEWER,
    department_of,
    require_other_person,
    require_role,
)
from issuance.errors import (
    DataProblem,
    InvalidDataError,
    TransitionError,
    UnknownKindError,
    UnknownLicenceError,
    UnknownSuspensionError,
)
from issuance.ports import Actor, IssuanceServices
from issuance.sentences import sentence
from issuance.suspensions import rows
from issuance.suspensions.rows import Outcome, Suspension, SuspensionLine, SuspensionState

MOST_LINES: Final = 1000
"""Suspended in one transaction."""
_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which licences: one of the three ways."""

    licences: Sequence[str] = ()
    kind: str | None = None
    numbers: Sequence[str] = ()
    """Of the kind."""
    issued_from: date | None = None
    issued_until: date | None = None


def propose(
    session: Session,
    services: IssuanceServices,
    chosen: Chosen,
    *,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Suspension:
    """Propose to suspend licences of the caller's department; nothing changes yet.

    Raises:
        NotEntitledError: if the caller is neither clerk nor reviewer.
        UnknownKindError: if there is no such kind.
        InvalidDataError: if the choice is empty, too large, or none of the three ways.
    """
    require_role(actor, "suspend", CLERK, REVIEWER)
    department = department_of(services.departments, actor)
    identifiers = _identifiers(session, services, chosen, department.code)
    if not 1 <= len(identifiers) <= MOST_LINES:
        raise InvalidDataError([_problem("licences", "data.suspension.lines")])
    made = Suspension(
        issuer_code=department.code,
        id=f"P{secrets.token_hex(_ID_BYTES)}",
        state=SuspensionState.PROPOSED,
        legal_basis=legal_basis,
        proposed_by=actor.id,
        proposed_at=at,
    )
    lines = [
        SuspensionLine(position, identifier, Outcome.WAITING)
        for position, identifier in enumerate(identifiers, start=1)
    ]
    rows.add_suspension(session, made, lines)
    _record(session, services, made, "propose", len(lines), actor, at)
    return made


def find_suspension(session: Session, suspension_id: str, *, actor: Actor) -> Suspension:
    """Return a proposal of the caller's department.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownSuspensionError: if there is none.
    """
    require_role(actor, "read suspensions", CLERK, REVIEWER, AUDITOR)
    found = rows.suspension(session, actor.department, suspension_id)
    if found is None:
        raise UnknownSuspensionError
    return found


def proposed_suspensions(session: Session, *, actor: Actor, limit: int) -> tuple[Suspension, ...]:
    """Return what waits for a decision in the caller's department, oldest first.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read suspensions", CLERK, REVIEWER, AUDITOR)
    return rows.suspensions_in(session, actor.department, SuspensionState.PROPOSED, limit=limit)


def confirm(
    session: Session, services: IssuanceServices, suspension_id: str, *, actor: Actor, at: datetime
) -> Suspension:
    """Suspend every line that can be; again by the same person, nothing changes.

    Raises:
        NotEntitledError: if the caller is no reviewer.
        SeparationOfDutiesError: if the caller proposed it.
        UnknownSuspensionError: if there is none in the caller's department.
        TransitionError: if it was decided otherwise.
    """
    found = _decidable(session, suspension_id, actor)
    if found.state is SuspensionState.CONFIRMED and found.decided_by == actor.id:
        return found
    _decide(session, found, SuspensionState.CONFIRMED, actor, at)
    done = 0
    for line in rows.lines_of(session, found):
        result = _suspended(session, services, found, line, actor, at)
        done += result.outcome is Outcome.SUSPENDED
        rows.set_line(session, found, result)
    if done:
        sign_changes(session, services, at=at)
    _record(session, services, found, "confirm", done, actor, at)
    return find_suspension(session, suspension_id, actor=actor)


def decline(
    session: Session,
    services: IssuanceServices,
    suspension_id: str,
    *,
    reasons: str,
    actor: Actor,
    at: datetime,
) -> Suspension:
    """Leave the licences as they are, with reasons.

    Raises:
        NotEntitledError, SeparationOfDutiesError, UnknownSuspensionError, TransitionError:
            as `confirm`.
    """
    found = _decidable(session, suspension_id, actor)
    _decide(session, found, SuspensionState.DECLINED, actor, at, reasons)
    _record(session, services, found, "decline", 0, actor, at)
    return find_suspension(session, suspension_id, actor=actor)


def _identifiers(
    session: Session, services: IssuanceServices, chosen: Chosen, issuer_code: str
) -> list[str]:
    dated = chosen.issued_from is not None and chosen.issued_until is not None
    ways = [
        bool(chosen.licences),
        bool(chosen.kind and chosen.numbers),
        bool(chosen.kind) and dated,
    ]
    if sum(ways) != 1:
        raise InvalidDataError([_problem("licences", "data.suspension.choice")])
    if chosen.licences:
        return list(dict.fromkeys(chosen.licences))
    kind = str(chosen.kind)
    if kind not in services.kinds:
        raise UnknownKindError
    if chosen.numbers:
        return [
            _by_number(session, services, issuer_code, kind, number)
            for number in dict.fromkeys(chosen.numbers)
        ]
    first, last = str(chosen.issued_from), str(chosen.issued_until)
    return list(rows.active_of_kind(session, issuer_code, kind, first, last, limit=MOST_LINES + 1))


def _by_number(
    session: Session, services: IssuanceServices, issuer_code: str, kind: str, number: str
) -> str:
    """Return the identifier of a number; the number itself is not kept where there is none."""
    index = personal_data.number_index(services.vault, kind, number.strip())
    return rows.active_by_number(session, issuer_code, index) or "-"


def _decidable(session: Session, suspension_id: str, actor: Actor) -> Suspension:
    require_role(actor, "decide on a suspension", REVIEWER)
    found = find_suspension(session, suspension_id, actor=actor)
    require_other_person(actor, "confirm", {"propose": found.proposed_by})
    return found


def _decide(
    session: Session,
    found: Suspension,
    state: SuspensionState,
    actor: Actor,
    at: datetime,
    reasons: str | None = None,
) -> None:
    if not rows.decide(session, found, state, by=actor.id, at=at, reasons=reasons):
        raise TransitionError(f"suspension {found.id}", found.state.value, state.value)


def _suspended(
    session: Session,
    services: IssuanceServices,
    found: Suspension,
    line: SuspensionLine,
    actor: Actor,
    at: datetime,
) -> SuspensionLine:
    try:
        with session.begin_nested():
            lifecycle.suspend_one_of_many(
                session,
                services,
                line.identifier,
                legal_basis=found.legal_basis,
                actor=actor,
                at=at,
            )
    except (UnknownLicenceError, TransitionError) as error:
        state = error.state if isinstance(error, TransitionError) else None
        return replace(line, outcome=Outcome.REFUSED, problem=error.code, state=state)
    return replace(line, outcome=Outcome.SUSPENDED)


def _record(
    session: Session,
    services: IssuanceServices,
    found: Suspension,
    step: str,
    lines: int,
    actor: Actor,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=f"suspension.{step}",
        subject=found.id,
        at=at,
        detail={"issuer": found.issuer_code, "lines": str(lines)},
    )


def _problem(place: str, code: str) -> DataProblem:
    zh, en = sentence(code, {"most": MOST_LINES}, {"most": MOST_LINES})
    return DataProblem(place, code, zh, en)
