"""Objections (异议): lodged on a licence, accepted, examined, decided by another person.

* Lodged by the holder, or for the holder at a counter or by the issuer itself; the same
  objection lodged again while it is open is the same objection.
* Accepting marks the licence as disputed: its slot says 0x0C, or 0x0D where its effect is
  stayed. The mark names no content and ends with the decision or the correction.
* Who decides neither submitted, reviewed, minted nor corrected the licence, nor lodged or
  accepted the objection.
* Every open step has a deadline in working days. Overdue is visible; it decides nothing.
* Upholding states the values that the licence shall have; they are validated at once, so
  that a correction cannot fail on them later.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance import objection_repository, repository, status
from issuance.claims import (
    Claim,
    StoredDecision,
    check_claim,
    require_reasons,
    sealed_claim,
    sealed_decision,
)
from issuance.entitlement import (
    AUDITOR,
    CASE_OFFICER,
    CLERK,
    HOLDER,
    OPERATOR,
    REVIEWER,
    require_role,
)
from issuance.errors import (
    NotEntitledError,
    TransitionError,
    UnknownLicenceError,
    UnknownObjectionError,
)
from issuance.objection_repository import Objection, step_objection
from issuance.objection_states import (
    OPEN,
    Capacity,
    ObjectionState,
    ObjectionType,
)
from issuance.personal_data import canonical, holder_index
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition
from issuance.states import IN_FORCE
from issuance.working_days import deadline
from sealkit.sm import sm3

INTAKE_DAYS: Final = 1
DECISION_DAYS: Final = 5
CORRECTION_DAYS: Final = 1
_URGENT: Final[Mapping[ObjectionType, int]] = {
    ObjectionType.IMPERSONATION: 3,
    ObjectionType.UNAUTHORISED_USE: 3,
    ObjectionType.LOAD_FAIL: 1,
    ObjectionType.SEAL: 1,
}
"""Working days to a decision where it is not `DECISION_DAYS`: standards/e-licence, 11.3."""

_ID_BYTES: Final = 10
_STEPS: Final = {"upheld": "uphold", "partly_upheld": "uphold_in_part", "dismissed": "dismiss"}


def lodge_objection(
    session: Session,
    services: IssuanceServices,
    identifier: str,
    claim: Claim,
    *,
    capacity: Capacity,
    actor: Actor,
    at: datetime,
) -> Objection:
    """Lodge an objection on a published edition and return it with its number and deadline.

    Raises:
        UnknownLicenceError: if there is no such licence, or it is not the caller's own.
        NotEntitledError: if the caller may not lodge in that capacity.
        InvalidObjectionError: listing what is wrong with the claim.
        TransitionError: if the licence has ended or was superseded.
    """
    edition = _objectionable(session, services, identifier, capacity, actor)
    check_claim(services.kinds[edition.kind], claim)
    index = _claim_index(services, edition, claim, actor)
    for earlier in objection_repository.objections_on(session, edition.issuer_code, edition.serial):
        if earlier.claim_index == index and earlier.state in OPEN:
            return earlier
    objection_id = f"O{secrets.token_hex(_ID_BYTES)}"
    due = deadline(at, INTAKE_DAYS)
    objection = Objection(
        issuer_code=edition.issuer_code,
        id=objection_id,
        serial=edition.serial,
        version=edition.version,
        type=claim.type,
        state=ObjectionState.SUBMITTED,
        fields=tuple(claim.values),
        sealed_claim=sealed_claim(services.vault, edition.issuer_code, objection_id, claim),
        claim_index=index,
        capacity=capacity,
        lodged_by=actor.id,
        lodged_at=at,
        due_at=due.at,
        due_provisional=due.provisional,
    )
    objection_repository.add_objection(session, objection)
    record_act(session, services, objection, actor, "objection.lodge", at)
    return objection


def accept_objection(
    session: Session, services: IssuanceServices, objection_id: str, *, actor: Actor, at: datetime
) -> Objection:
    """Accept an objection for examination and mark its licence as disputed.

    Raises:
        NotEntitledError: if the caller handles no objections.
        UnknownObjectionError: if it is none of the caller's department.
        TransitionError: if it was accepted already, or is over.
    """
    found = handled_objection(session, objection_id, "accept an objection", actor)
    days = _URGENT.get(found.type, DECISION_DAYS)
    due = deadline(at, days)
    accepted = step_objection(
        session,
        found,
        "accept",
        actor=actor.id,
        at=at,
        due_at=due.at,
        due_provisional=due.provisional,
    )
    mark_dispute(session, accepted, at=at)
    record_act(session, services, accepted, actor, "objection.accept", at)
    return accepted


def refuse_intake(
    session: Session,
    services: IssuanceServices,
    objection_id: str,
    *,
    reasons: str,
    actor: Actor,
    at: datetime,
) -> Objection:
    """Refuse to examine an objection, such as one about the administrative act itself.

    Raises:
        NotEntitledError, UnknownObjectionError, TransitionError: as `accept_objection`.
        InvalidObjectionError: without reasons.
    """
    found = handled_objection(session, objection_id, "refuse an objection", actor)
    require_reasons(reasons)
    box = sealed_decision(services.vault, found, StoredDecision(reasons, {}, None))
    refused = step_objection(
        session,
        found,
        "refuse_intake",
        actor=actor.id,
        at=at,
        decided_by=actor.id,
        decided_at=at,
        sealed_decision=box,
        due_at=None,
    )
    record_act(session, services, refused, actor, "objection.refuse_intake", at)
    return refused


def withdraw_objection(
    session: Session, services: IssuanceServices, objection_id: str, *, actor: Actor, at: datetime
) -> Objection:
    """Take an objection back before it is decided; only who lodged it may.

    Raises:
        UnknownObjectionError: if it is none of the caller's.
        TransitionError: if it was decided already.
    """
    found = objection_repository.find_objection(session, objection_id)
    if found.lodged_by != actor.id:
        raise UnknownObjectionError
    withdrawn = step_objection(
        session, found, "withdraw", actor=actor.id, at=at, due_at=None, due_provisional=False
    )
    mark_dispute(session, withdrawn, at=at)
    record_act(session, services, withdrawn, actor, "objection.withdraw", at)
    return withdrawn


def find_objection(session: Session, objection_id: str, *, actor: Actor) -> Objection:
    """Return an objection to who lodged it, or to the issuer's own people.

    Raises:
        UnknownObjectionError: if there is none that concerns the caller.
    """
    found = objection_repository.find_objection(session, objection_id)
    of_issuer = found.issuer_code == actor.department and not actor.roles.isdisjoint(
        (CLERK, REVIEWER, OPERATOR, AUDITOR)
    )
    if found.lodged_by != actor.id and not of_issuer:
        raise UnknownObjectionError
    return found


def open_objections(session: Session, *, actor: Actor, limit: int) -> list[Objection]:
    """Return what waits for a step in the caller's department, the one due first first.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read objections", CLERK, REVIEWER, OPERATOR, AUDITOR)
    return objection_repository.open_objections(session, actor.department, limit=limit)


def mark_dispute(session: Session, objection: Objection, *, at: datetime) -> None:
    """Set or end the licence's flag as its objections now stand, and what its slot says."""
    chain = repository.edition_chain(session, objection.issuer_code, objection.serial)
    disputed = objection_repository.is_disputed(session, objection.issuer_code, objection.serial)
    for edition in chain:
        if edition.state not in IN_FORCE or edition.disputed == disputed:
            continue
        if not repository.set_edition(session, edition, edition.state, disputed=disputed):
            raise TransitionError(f"licence {edition.identifier}", "changed meanwhile", "mark")
        status.publish_state(session, edition, edition.state, disputed=disputed, at=at)


def _objectionable(
    session: Session, services: IssuanceServices, identifier: str, capacity: Capacity, actor: Actor
) -> Edition:
    require_role(actor, "lodge an objection", HOLDER, CLERK, REVIEWER, CASE_OFFICER)
    edition = repository.edition_by_identifier(session, identifier)
    if edition is None or edition.published_at is None:
        raise UnknownLicenceError
    if HOLDER in actor.roles:
        _require_own(session, services, edition, actor)
    elif capacity is Capacity.HOLDER:
        raise NotEntitledError("lodge as the holder")
    elif capacity is Capacity.ISSUER and actor.department != edition.issuer_code:
        raise NotEntitledError("lodge as the issuer")
    if edition.state not in IN_FORCE:
        raise TransitionError(f"licence {identifier}", edition.state.value, "object to it")
    return edition


def _require_own(
    session: Session, services: IssuanceServices, edition: Edition, actor: Actor
) -> None:
    """Refuse a holder's objection on a licence that is not the holder's."""
    person = actor.identified_as
    indexes = repository.holder_indexes(session, edition.key)
    if person is None or holder_index(services.vault, person) not in indexes:
        raise UnknownLicenceError


def handled_objection(
    session: Session, objection_id: str, step: str, actor: Actor, *roles: str
) -> Objection:
    """Return an objection to one of the issuer's people who may do `step`.

    Raises:
        NotEntitledError: if the caller has none of `roles`, by default clerk or reviewer.
        UnknownObjectionError: if it is none of the caller's department.
    """
    require_role(actor, step, *(roles or (CLERK, REVIEWER)))
    found = objection_repository.find_objection(session, objection_id)
    if found.issuer_code != actor.department:
        raise UnknownObjectionError
    return found


def _claim_index(services: IssuanceServices, edition: Edition, claim: Claim, actor: Actor) -> bytes:
    content = canonical(
        {"type": claim.type.value, "statement": claim.statement, "values": dict(claim.values)}
    )
    return services.vault.blind_index(
        f"objection:{edition.identifier}:{actor.id}:{sm3.digest(content).hex()}"
    )


def record_act(
    session: Session,
    services: IssuanceServices,
    objection: Objection,
    actor: Actor,
    act: str,
    at: datetime,
) -> None:
    """Record an act on an objection in the audit trail."""
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=objection.id,
        at=at,
        detail={"type": objection.type.value, "issuer": objection.issuer_code},
    )
