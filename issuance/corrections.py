"""Corrections (更正): an upheld objection becomes a new edition of the licence.

The new edition has the same serial, the next version and reason 04; it takes the way of
every edition through `issuance.mint`. When it is published the old one is superseded, the
objection is corrected and everybody who relied on the old one is told, in one transaction.
Correcting twice gives the same edition.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from issuance import repository
from issuance.claims import decision_of
from issuance.decisions import corrected_data, edition_to_correct
from issuance.entitlement import CLERK, OPERATOR, REVIEWER
from issuance.errors import TransitionError
from issuance.mint import CORRECTED, Draft, finish, plan_edition
from issuance.objection_repository import Objection, step_objection
from issuance.objections import handled_objection, record_act
from issuance.ports import Actor, IssuanceServices
from issuance.publishing import OBJECTION_SOURCE
from issuance.register_rows import Edition, Plan


def correct(
    session: Session, services: IssuanceServices, objection_id: str, *, actor: Actor, at: datetime
) -> Edition:
    """Carry out the decision on an upheld objection and return the new edition.

    Commits `session` several times; nothing else may be pending in it.

    Raises:
        NotEntitledError, UnknownObjectionError: if it is not the caller's to correct.
        TransitionError: if the objection is not upheld, or the licence has ended.
        SealNotUsableError, RefusedByVerifierError, RenderError: as `mint`; the plan stays.
    """
    found = handled_objection(
        session, objection_id, "correct a licence", actor, CLERK, REVIEWER, OPERATOR
    )
    source = f"{OBJECTION_SOURCE}{found.id}"
    plan = repository.plan_of_source(session, found.issuer_code, source)
    if plan is None:
        plan = _plan_correction(session, services, found, source, actor=actor, at=at)
        # Durable before anything is signed, as in minting.
        session.commit()
    return finish(session, services, plan.key, at=at)


def _plan_correction(
    session: Session,
    services: IssuanceServices,
    found: Objection,
    source: str,
    *,
    actor: Actor,
    at: datetime,
) -> Plan:
    begun = step_objection(session, found, "begin_correction", actor=actor.id, at=at)
    decision = decision_of(services.vault, begun)
    if decision is None:
        raise TransitionError(f"objection {found.id}", found.state.value, "correct")
    previous = edition_to_correct(session, begun)
    draft = Draft(
        source=source,
        application_id=previous.application_id,
        kind=services.kinds[previous.kind],
        department=services.departments[previous.issuer_code],
        data=corrected_data(session, services, begun, decision, at=at),
        submitted_by=found.lodged_by,
        reviewed_by=found.decided_by or "",
        reason_code=CORRECTED,
        previous=previous,
    )
    plan = plan_edition(session, services, draft, actor=actor, at=at)
    record_act(session, services, begun, actor, "objection.correct", at)
    return plan
