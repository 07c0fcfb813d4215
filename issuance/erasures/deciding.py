"""The way of an erasure: proposed, confirmed or declined by somebody else, then destroyed.

* Only an edition that has no effect any more (superseded or ended) can have its opening erased:
  one in force must stay provable, and its next step needs the salt.
* Confirming destroys the sealed salt and takes the proof out of the register, in one
  transaction with the audit record. The proof's file is removed after that transaction, and
  again until it is done: a file removed first would be missing if the transaction failed.
* The log, its checkpoints, the licence's files, its state and its status slot stay as they are.

See docs/adr/0028-erasing-an-opening.md.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance.entitlement import (
    AUDITOR,
    CLERK,
    REVIEWER,
    require_other_person,
    require_role,
)
from issuance.erasures import repository as kept
from issuance.erasures.rows import ERASED, ERASURE_STEPS, Erasure, ErasureState
from issuance.errors import TransitionError, UnknownErasureError
from issuance.lifecycle import find_licence
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import EditionKey
from issuance.states import IN_FORCE, UNPUBLISHED, after

MAX_ERASURES: Final = 200
SYSTEM: Final = "system:erasure"
_ID_BYTES: Final = 12
_AT_ONCE: Final = 50


def propose(
    session: Session,
    services: IssuanceServices,
    identifier: str,
    *,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Erasure:
    """Propose to erase the opening of an edition; nothing changes yet. The same again is one.

    Raises:
        NotEntitledError: if the caller is neither clerk nor reviewer.
        UnknownLicenceError: if the caller's department has no such edition.
        TransitionError: if it still has effect, is erased, or another proposal is open.
    """
    require_role(actor, "propose an erasure", CLERK, REVIEWER)
    found = find_licence(session, identifier, actor=actor)
    subject = f"licence {found.identifier}"
    if found.state in IN_FORCE | UNPUBLISHED:
        raise TransitionError(subject, found.state.value, "erase")
    earlier = kept.erasure_of(session, found.key, ERASED | {ErasureState.PROPOSED})
    if earlier is not None:
        if (
            earlier.state is ErasureState.PROPOSED
            and earlier.proposed_by == actor.id
            and earlier.legal_basis == legal_basis
        ):
            return earlier
        raise TransitionError(subject, f"erasure {earlier.state.value}", "erase")
    erasure = Erasure(
        issuer_code=found.issuer_code,
        id=f"X{secrets.token_hex(_ID_BYTES)}",
        serial=found.serial,
        version=found.version,
        identifier=found.identifier,
        legal_basis=legal_basis,
        state=ErasureState.PROPOSED,
        proposed_by=actor.id,
        proposed_at=at,
    )
    kept.add_erasure(session, erasure)
    _record(session, services, erasure, "propose", actor.id, at)
    return erasure


def find_erasure(session: Session, erasure_id: str, *, actor: Actor) -> Erasure:
    """Return an erasure of the caller's department.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownErasureError: if there is none.
    """
    require_role(actor, "read erasures", CLERK, REVIEWER, AUDITOR)
    found = kept.erasure(session, actor.department, erasure_id)
    if found is None:
        raise UnknownErasureError
    return found


def list_erasures(session: Session, *, actor: Actor) -> tuple[Erasure, ...]:
    """Return the erasures of the caller's department, newest first.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read erasures", CLERK, REVIEWER, AUDITOR)
    return kept.erasures_in(session, actor.department, limit=MAX_ERASURES)


def confirm(
    session: Session, services: IssuanceServices, erasure_id: str, *, actor: Actor, at: datetime
) -> Erasure:
    """Destroy the salt; irrevocable. The same confirmation again changes nothing.

    Raises:
        NotEntitledError: if the caller is no reviewer.
        UnknownErasureError: if the caller's department has no such proposal.
        SeparationOfDutiesError: if the caller proposed it.
        TransitionError: if it was decided otherwise.
    """
    require_role(actor, "confirm an erasure", REVIEWER)
    found = find_erasure(session, erasure_id, actor=actor)
    if found.state in ERASED and found.decided_by == actor.id:
        return found
    require_other_person(actor, "confirm", {"propose": found.proposed_by})
    key = EditionKey(found.issuer_code, found.serial, found.version)
    state = after(ERASURE_STEPS, "confirm", found.state, f"erasure {found.id}")
    return _step(
        session,
        services,
        found,
        "confirm",
        actor.id,
        at,
        state=state,
        decided_by=actor.id,
        decided_at=at,
        proof_key=kept.forget_opening(session, key),
    )


def decline(
    session: Session,
    services: IssuanceServices,
    erasure_id: str,
    *,
    reasons: str,
    actor: Actor,
    at: datetime,
) -> Erasure:
    """Leave the opening as it is, with reasons.

    Raises:
        NotEntitledError, UnknownErasureError, SeparationOfDutiesError: as `confirm`.
        TransitionError: if it was decided.
    """
    require_role(actor, "decline an erasure", REVIEWER)
    found = find_erasure(session, erasure_id, actor=actor)
    require_other_person(actor, "decline", {"propose": found.proposed_by})
    state = after(ERASURE_STEPS, "decline", found.state, f"erasure {found.id}")
    changes = {"decided_by": actor.id, "decided_at": at, "reasons": reasons}
    return _step(session, services, found, "decline", actor.id, at, state=state, **changes)


def withdraw(
    session: Session, services: IssuanceServices, erasure_id: str, *, actor: Actor, at: datetime
) -> Erasure:
    """Take a proposal back; only who made it may.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownErasureError: if it is not the caller's own.
        TransitionError: if it was decided.
    """
    found = find_erasure(session, erasure_id, actor=actor)
    if found.proposed_by != actor.id:
        raise UnknownErasureError
    state = after(ERASURE_STEPS, "withdraw", found.state, f"erasure {found.id}")
    changes = {"decided_by": actor.id, "decided_at": at}
    return _step(session, services, found, "withdraw", actor.id, at, state=state, **changes)


def destroy_files(session: Session, services: IssuanceServices, *, at: datetime) -> int:
    """Remove the files of confirmed erasures from the store; return how many.

    A transaction that fails behind the removal is repeated: what is gone stays gone.
    """
    waiting = kept.to_destroy(session, limit=_AT_ONCE)
    for found in waiting:
        if found.proof_key is not None:
            services.files.remove(found.proof_key)
        _step(
            session,
            services,
            found,
            "destroy",
            SYSTEM,
            at,
            state=after(ERASURE_STEPS, "destroy", found.state, f"erasure {found.id}"),
            proof_key=None,
        )
    return len(waiting)


def _step(
    session: Session,
    services: IssuanceServices,
    found: Erasure,
    step: str,
    actor: str,
    at: datetime,
    **changes: object,
) -> Erasure:
    if not kept.set_erasure(session, found, **changes):
        raise TransitionError(f"erasure {found.id}", "changed meanwhile", step)
    _record(session, services, found, step, actor, at)
    return replace(found, **changes)  # type: ignore[arg-type]  # names are of `Erasure`


def _record(
    session: Session,
    services: IssuanceServices,
    found: Erasure,
    step: str,
    actor: str,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor,
        act=f"erasure.{step}",
        subject=found.identifier,
        at=at,
        detail={"erasure": found.id},
    )
