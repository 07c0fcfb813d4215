"""The way of an ending: proposed, then confirmed or declined by somebody else.

What is confirmed is irrevocable: an ended licence never returns, and a mistaken ending is
repaired by a new edition. So no single person can end a licence, and whoever issued it may
not be who confirms that its grant was unlawful.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance import notices, repository, status
from issuance.change_entries import sign_changes
from issuance.edition_steps import step_edition
from issuance.endings import repository as kept
from issuance.endings.rows import (
    CAUSES,
    ENDING_STEPS,
    REASON_CODES,
    Cause,
    Ending,
    EndingState,
    Way,
)
from issuance.entitlement import (
    AUDITOR,
    CLERK,
    REVIEWER,
    require_other_person,
    require_role,
)
from issuance.errors import (
    DataProblem,
    InvalidDataError,
    TransitionError,
    UnknownEndingError,
    UnknownLicenceError,
)
from issuance.lifecycle import find_licence
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition, EditionKey
from issuance.sentences import sentence
from issuance.states import EDITION_STEPS, after

MAX_ENDINGS: Final = 200
_ID_BYTES: Final = 12


def propose(
    session: Session,
    services: IssuanceServices,
    identifier: str,
    *,
    way: Way,
    cause: Cause,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Ending:
    """Propose to end a licence; the licence stays as it is. The same proposal again is one.

    Raises:
        NotEntitledError: if the caller is neither clerk nor reviewer.
        UnknownLicenceError: if the caller's department has no such licence.
        InvalidDataError: if the cause is not one of this way.
        TransitionError: if the licence cannot end, or another proposal on it is open.
    """
    require_role(actor, way.value, CLERK, REVIEWER)
    found = find_licence(session, identifier, actor=actor)
    if cause not in CAUSES[way]:
        zh, en = sentence("data.ending.cause", {}, {})
        raise InvalidDataError([DataProblem("cause", "data.ending.cause", zh, en)])
    subject = f"licence {found.identifier}"
    after(EDITION_STEPS, way.value, found.state, subject)
    earlier = kept.open_ending(session, found.issuer_code, found.serial)
    if earlier is not None:
        same = (earlier.way, earlier.cause, earlier.legal_basis, earlier.proposed_by)
        if same == (way, cause, legal_basis, actor.id):
            return earlier
        raise TransitionError(subject, f"proposed to {earlier.way.value}", way.value)
    ending = Ending(
        issuer_code=found.issuer_code,
        id=f"E{secrets.token_hex(_ID_BYTES)}",
        serial=found.serial,
        version=found.version,
        identifier=found.identifier,
        way=way,
        cause=cause,
        legal_basis=legal_basis,
        state=EndingState.PROPOSED,
        proposed_by=actor.id,
        proposed_at=at,
    )
    kept.add_ending(session, ending)
    _record(session, services, ending, "propose", actor, at)
    return ending


def find_ending(session: Session, ending_id: str, *, actor: Actor) -> Ending:
    """Return an ending of the caller's department.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownEndingError: if there is none.
    """
    require_role(actor, "read endings", CLERK, REVIEWER, AUDITOR)
    found = kept.ending(session, actor.department, ending_id)
    if found is None:
        raise UnknownEndingError
    return found


def proposed_endings(session: Session, *, actor: Actor) -> tuple[Ending, ...]:
    """Return what waits for a decision in the caller's department, oldest first.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read endings", CLERK, REVIEWER, AUDITOR)
    return kept.endings_in(session, actor.department, EndingState.PROPOSED, limit=MAX_ENDINGS)


def confirm(
    session: Session,
    services: IssuanceServices,
    ending_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> Ending:
    """End the licence as proposed; the same confirmation again changes nothing.

    Raises:
        NotEntitledError: if the caller is no reviewer.
        UnknownEndingError: if the caller's department has no such proposal.
        SeparationOfDutiesError: if the caller proposed it, or decides about own work.
        TransitionError: if it was decided otherwise, or the licence has changed since.
    """
    require_role(actor, "confirm an ending", REVIEWER)
    found = find_ending(session, ending_id, actor=actor)
    if found.state is EndingState.CONFIRMED and found.decided_by == actor.id:
        return found
    edition = _edition(session, found)
    earlier = {"propose": found.proposed_by}
    if found.way is Way.REVOKE:
        earlier |= {"submit": edition.submitted_by, "review": edition.reviewed_by}
    require_other_person(actor, "confirm", earlier)
    confirmed = _decided(session, services, found, "confirm", None, actor, at)
    ended = step_edition(
        session,
        services,
        edition,
        found.way.value,
        actor=actor.id,
        at=at,
        reason_code=REASON_CODES[found.way],
        legal_basis=found.legal_basis,
    )
    sign_changes(session, services, at=at)
    status.publish_state(session, ended, ended.state, disputed=ended.disputed, at=at)
    repository.free_numbers(session, ended.issuer_code, ended.serial)
    act = f"licence.{found.way.value}"
    notices.tell_holders(session, ended, act, at=at)
    relied = services.reliance.organisations(session, ended.identifier)
    notices.tell_organisations(session, ended, act, relied, at=at)
    return confirmed


def decline(
    session: Session,
    services: IssuanceServices,
    ending_id: str,
    *,
    reasons: str,
    actor: Actor,
    at: datetime,
) -> Ending:
    """Leave the licence as it is, with reasons.

    Raises:
        NotEntitledError, UnknownEndingError: as `confirm`.
        SeparationOfDutiesError: if the caller proposed it; that is a withdrawal.
        TransitionError: if it was decided.
    """
    require_role(actor, "decline an ending", REVIEWER)
    found = find_ending(session, ending_id, actor=actor)
    require_other_person(actor, "decline", {"propose": found.proposed_by})
    return _decided(session, services, found, "decline", reasons, actor, at)


def withdraw(
    session: Session,
    services: IssuanceServices,
    ending_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> Ending:
    """Take a proposal back; only who made it may.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownEndingError: if it is not the caller's own.
        TransitionError: if it was decided.
    """
    found = find_ending(session, ending_id, actor=actor)
    if found.proposed_by != actor.id:
        raise UnknownEndingError
    return _decided(session, services, found, "withdraw", None, actor, at)


def _decided(
    session: Session,
    services: IssuanceServices,
    found: Ending,
    step: str,
    reasons: str | None,
    actor: Actor,
    at: datetime,
) -> Ending:
    subject = f"ending {found.id}"
    state = after(ENDING_STEPS, step, found.state, subject)
    changes = {"decided_by": actor.id, "decided_at": at, "reasons": reasons}
    if not kept.set_ending(session, found, state=state.value, **changes):
        raise TransitionError(subject, "changed meanwhile", step)
    _record(session, services, found, step, actor, at)
    return replace(found, state=state, decided_by=actor.id, decided_at=at, reasons=reasons)


def _edition(session: Session, found: Ending) -> Edition:
    key = EditionKey(found.issuer_code, found.serial, found.version)
    edition = repository.edition(session, key)
    if edition is None:
        raise UnknownLicenceError
    return edition


def _record(
    session: Session,
    services: IssuanceServices,
    found: Ending,
    step: str,
    actor: Actor,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=f"ending.{step}",
        subject=found.identifier,
        at=at,
        detail={"ending": found.id, "way": found.way.value, "cause": found.cause.value},
    )
