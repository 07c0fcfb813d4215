"""Recovering an encryption key (密钥恢复): asked for with a reason, approved by two others.

The key leaves in an envelope for a certificate that holds, and is never seen by who asks
or approves. Every step is a record in the audit chain.
"""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from ca import repository as register_rows
from ca.enrolment.entitlement import OPERATOR, require_approver
from ca.enrolment.ports import Person
from ca.errors import (
    NotEntitledError,
    PredecessorError,
    SeparationOfDutiesError,
    UnknownCertificateError,
    UnknownEnrolmentError,
)
from ca.escrow import repository
from ca.escrow.keeping import enveloped_for
from ca.escrow.model import APPROVALS, Recovery, RecoveryDecision, RecoveryState
from ca.escrow.ports import EscrowServices
from sealkit.asn1.x509 import Certificate, parse_certificate


def ask(
    session: Session,
    services: EscrowServices,
    *,
    authority: str,
    serial: int,
    recipient: int,
    reason: str,
    person: Person,
    at: datetime,
) -> Recovery:
    """Ask for the key of the encryption certificate `serial`, for the key of `recipient`.

    Raises:
        NotEntitledError: if the caller is no operator.
        UnknownCertificateError: if no key is kept under that number.
        PredecessorError: if the recipient's certificate does not hold, or is for no signing.
    """
    if OPERATOR not in person.roles:
        raise NotEntitledError(f"{person.id} may not ask for kept keys")
    if repository.find_key(session, authority, serial) is None:
        raise UnknownCertificateError(authority, serial)
    _holding(session, authority, recipient, at=at)
    recovery = Recovery(
        authority=authority,
        id=f"{at:%Y%m%d%H%M%S}{secrets.token_hex(5)}",
        state=RecoveryState.REQUESTED,
        serial=serial,
        recipient=recipient,
        reason=reason,
        requested_by=person.id,
        requested_at=at,
    )
    repository.add_recovery(session, recovery)
    _record(session, services, recovery, "request", person, at)
    return recovery


def find(session: Session, authority: str, recovery_id: str, *, person: Person) -> Recovery:
    """Return a recovery.

    Raises:
        NotEntitledError: if the caller neither asks nor decides.
        UnknownEnrolmentError: if there is none.
    """
    if OPERATOR not in person.roles:
        require_approver(person)
    return _found(session, authority, recovery_id)


def approve(
    session: Session,
    services: EscrowServices,
    authority: str,
    recovery_id: str,
    *,
    person: Person,
    at: datetime,
    note: str = "",
) -> Recovery:
    """Approve a recovery; the second approval puts the key into its envelope.

    Raises:
        NotEntitledError, UnknownEnrolmentError: as `find`.
        EnrolmentTransitionError: if it was decided already.
        SeparationOfDutiesError: if the caller asked for it, or approved before.
        PredecessorError: if the recipient's certificate no longer holds.
    """
    recovery = _decidable(session, authority, recovery_id, "approve", person)
    _decide(session, services, recovery, "approve", person, note, at)
    if len(recovery.decisions) + 1 >= APPROVALS:
        _deliver(session, services, recovery, at=at)
    return _found(session, authority, recovery_id)


def reject(
    session: Session,
    services: EscrowServices,
    authority: str,
    recovery_id: str,
    *,
    person: Person,
    at: datetime,
    note: str,
) -> Recovery:
    """Reject a recovery; one person is enough, and says why.

    Raises:
        NotEntitledError, UnknownEnrolmentError, EnrolmentTransitionError,
        SeparationOfDutiesError: as `approve`.
    """
    recovery = _decidable(session, authority, recovery_id, "reject", person)
    _decide(session, services, recovery, "reject", person, note, at)
    repository.set_recovery(session, recovery, recovery.after("reject"))
    return _found(session, authority, recovery_id)


def _deliver(
    session: Session, services: EscrowServices, recovery: Recovery, *, at: datetime
) -> None:
    authority = recovery.authority
    kept = repository.find_key(session, authority, recovery.serial)
    if kept is None or services.vault is None:
        raise UnknownCertificateError(authority, recovery.serial)
    recipient = _holding(session, authority, recovery.recipient, at=at)
    certified = _certificate(session, authority, recovery.serial)
    envelope = enveloped_for(services.vault, kept, certified.sm2_key, recipient.sm2_key)
    repository.set_recovery(session, recovery, recovery.after("approve"), envelope)
    services.audit.record(
        session,
        actor="system",
        act="key_recovery.deliver",
        subject=f"{authority}/{recovery.id}",
        at=at,
        detail={"serial": f"{recovery.serial:x}", "recipient": f"{recovery.recipient:x}"},
    )


def _holding(session: Session, authority: str, serial: int, *, at: datetime) -> Certificate:
    """Return a certificate of ours that holds now and is for signing, as a holder's is."""
    certificate = _certificate(session, authority, serial)
    revoked = register_rows.revocation(session, authority=authority, serial=serial)
    if revoked or not certificate.valid_at(at) or certificate.is_ca:
        raise PredecessorError("the recipient's certificate does not hold now")
    if "digital_signature" not in certificate.key_usage:
        raise PredecessorError("the recipient's certificate is for no signing")
    return certificate


def _certificate(session: Session, authority: str, serial: int) -> Certificate:
    row = register_rows.registered(session, authority=authority, serial=serial)
    if row is None or row.certificate is None:
        raise UnknownCertificateError(authority, serial)
    return parse_certificate(row.certificate)


def _found(session: Session, authority: str, recovery_id: str, *, lock: bool = False) -> Recovery:
    found = repository.find_recovery(session, authority, recovery_id, lock=lock)
    if found is None:
        raise UnknownEnrolmentError(f"{authority}/{recovery_id}")
    return found


def _decidable(
    session: Session, authority: str, recovery_id: str, step: str, person: Person
) -> Recovery:
    require_approver(person)
    recovery = _found(session, authority, recovery_id, lock=True)
    recovery.after(step)
    if person.id == recovery.requested_by:
        raise SeparationOfDutiesError(f"{person.id} has asked for it")
    return recovery


def _decide(
    session: Session,
    services: EscrowServices,
    recovery: Recovery,
    step: str,
    person: Person,
    note: str,
    at: datetime,
) -> None:
    decision = RecoveryDecision(person.id, step, note, at)
    if not repository.add_decision(session, recovery, decision):
        raise SeparationOfDutiesError(f"{person.id} has decided already")
    _record(session, services, recovery, step, person, at)


def _record(
    session: Session,
    services: EscrowServices,
    recovery: Recovery,
    step: str,
    person: Person,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=person.id,
        act=f"key_recovery.{step}",
        subject=f"{recovery.authority}/{recovery.id}",
        at=at,
        detail={"serial": f"{recovery.serial:x}"},
    )
