"""Deciding about requests (审批): distinct persons, and never who submitted.

What can issue or seal takes two approvals, see `ca.profiles`. With the last one the
certificate is planned in the same transaction: a request whose certificate would break a
rule is not approved.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from ca.enrolment import planning, repository
from ca.enrolment.entitlement import require_approver, require_sight
from ca.enrolment.model import Decision, Enrolment, EnrolmentKey, Way
from ca.enrolment.ports import EnrolmentServices, Person
from ca.enrolment.states import Step, after
from ca.errors import (
    InvalidSubmissionError,
    NotEntitledError,
    SeparationOfDutiesError,
    UnknownEnrolmentError,
)
from sealkit.asn1.x509 import parse_certificate


def find(session: Session, key: EnrolmentKey, *, person: Person) -> Enrolment:
    """Return an enrolment that the caller may see.

    Raises:
        NotEntitledError, UnknownEnrolmentError: if there is none for the caller.
    """
    found = repository.find(session, key)
    if found is None:
        raise UnknownEnrolmentError(str(key))
    require_sight(person, found)
    return found


def approve(
    session: Session,
    services: EnrolmentServices,
    key: EnrolmentKey,
    *,
    person: Person,
    at: datetime,
    note: str = "",
    fingerprint: bytes | None = None,
) -> Enrolment:
    """Approve a request; the last approval that it needs plans its certificate.

    `fingerprint` is SM3 of the other region's certificate, as the approver has it from there;
    needed for a cross-certificate only.

    Raises:
        NotEntitledError, UnknownEnrolmentError: as for any decision.
        EnrolmentTransitionError: if it was decided already.
        SeparationOfDutiesError: if the caller submitted it, or approved it before.
        InvalidSubmissionError: if a cross-certificate's fingerprint is absent or another.
        PredecessorError: if the earlier certificate no longer holds.
        LintError: if the certificate would break a rule now.
    """
    require_approver(person)
    found = _decidable(session, key, Step.APPROVE)
    _require_other_person(found, person)
    if found.way is Way.CROSS and fingerprint != parse_certificate(found.request).fingerprint:
        raise InvalidSubmissionError("compare the fingerprint with the other region's")
    _decide(session, services, found, Step.APPROVE, person, note, at)
    if len(found.decisions) + 1 >= found.approvals_needed:
        planning.plan(session, services, found, at=at)
    return find(session, key, person=person)


def reject(
    session: Session,
    services: EnrolmentServices,
    key: EnrolmentKey,
    *,
    person: Person,
    at: datetime,
    note: str,
) -> Enrolment:
    """Reject a request; one person is enough, and says why.

    Raises:
        NotEntitledError, UnknownEnrolmentError, EnrolmentTransitionError,
        SeparationOfDutiesError: as `approve`.
    """
    require_approver(person)
    found = _decidable(session, key, Step.REJECT)
    _require_other_person(found, person)
    _decide(session, services, found, Step.REJECT, person, note, at)
    repository.set_state(session, key, after(Step.REJECT, found.state, str(key)))
    return find(session, key, person=person)


def withdraw(
    session: Session,
    services: EnrolmentServices,
    key: EnrolmentKey,
    *,
    person: Person,
    at: datetime,
    note: str,
) -> Enrolment:
    """Withdraw a request that one has submitted oneself.

    Raises:
        UnknownEnrolmentError, EnrolmentTransitionError: as `approve`.
        NotEntitledError: if somebody else submitted it.
    """
    find(session, key, person=person)
    found = _decidable(session, key, Step.WITHDRAW)
    if found.submitted_by != person.id:
        raise NotEntitledError(f"{person.id} has not submitted this")
    _decide(session, services, found, Step.WITHDRAW, person, note, at)
    repository.set_state(session, key, after(Step.WITHDRAW, found.state, str(key)))
    return find(session, key, person=person)


def _decidable(session: Session, key: EnrolmentKey, step: Step) -> Enrolment:
    found = repository.find(session, key, lock=True)
    if found is None:
        raise UnknownEnrolmentError(str(key))
    after(step, found.state, str(key))
    return found


def _require_other_person(found: Enrolment, person: Person) -> None:
    if found.submitted_by == person.id:
        raise SeparationOfDutiesError(f"{person.id} has submitted it")
    if any(decision.person == person.id for decision in found.decisions):
        raise SeparationOfDutiesError(f"{person.id} has decided already")


def _decide(
    session: Session,
    services: EnrolmentServices,
    found: Enrolment,
    step: Step,
    person: Person,
    note: str,
    at: datetime,
) -> None:
    decision = Decision(person.id, step.value, note, at)
    if not repository.add_decision(session, found.key, decision):
        raise SeparationOfDutiesError(f"{person.id} has decided already")
    services.audit.record(
        session,
        actor=person.id,
        act=f"enrolment.{step.value}",
        subject=str(found.key),
        at=at,
        detail={"purpose": found.purpose, "way": found.way.value},
    )
