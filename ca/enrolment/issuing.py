"""Signing what was approved: plan → commit → sign → commit (docs/adr/0002-plan-then-sign.md).

A process that dies anywhere finds the approved enrolment, and the same plan, again. Where
the key is not at hand, an offline root or a signer that refuses the web server certificates,
the enrolment stays approved until somebody who can sign continues it (`resume`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ca import register
from ca import repository as register_rows
from ca.enrolment import decisions, repository
from ca.enrolment.model import Enrolment, EnrolmentKey
from ca.enrolment.ports import EnrolmentServices, Person
from ca.enrolment.states import EnrolmentState, Step, after
from ca.errors import (
    CAError,
    KeyMismatchError,
    PurposeError,
    SignerRefusedError,
    SignerUnavailableError,
    UnknownCertificateError,
    UnknownEnrolmentError,
    UnknownKeyError,
)
from ca.escrow import repository as escrow
from sealkit.asn1 import certificate_builder

ISSUER = "system"
"""In whose name audit records of signing stand: the persons have decided before."""
_NOT_HERE = (PurposeError, SignerRefusedError, SignerUnavailableError, UnknownKeyError)


@dataclass(frozen=True, slots=True)
class Resumed:
    """What became of an approved enrolment."""

    key: EnrolmentKey
    waits_for: str | None
    """Code of the error that still stops it."""


def finish(
    session: Session, services: EnrolmentServices, key: EnrolmentKey, *, at: datetime
) -> Enrolment:
    """Sign an approved enrolment's certificate and return it, issued.

    Commits `session`; the approval must be committed before. One that is not approved, or
    is issued already, comes back as it is.

    Raises:
        UnknownEnrolmentError: if there is none.
        LintError: if the stored plan no longer satisfies its profile.
        KeyMismatchError: if the stored plan is for another key or name than was decided on.
        CAError: if the key cannot be used here; the enrolment stays approved.
    """
    found = repository.find(session, key, lock=True)
    if found is None:
        raise UnknownEnrolmentError(str(key))
    if found.state is not EnrolmentState.APPROVED or found.serial is None:
        return found
    _require_as_decided(session, found, found.serial)
    pair = escrow.key_of_pair(session, key.authority, found.serial)
    certificate, *_others = register.sign_all_planned(
        session,
        authority_name=key.authority,
        serials=[found.serial, *([pair.serial] if pair else [])],
        signer=services.signer(key.authority),
        at=at,
    )
    repository.set_issued(session, key, after(Step.ISSUE, found.state, str(key)), at)
    services.audit.record(
        session,
        actor=ISSUER,
        act="enrolment.issue",
        subject=str(key),
        at=at,
        detail={"serial": f"{found.serial:x}", "fingerprint": certificate.fingerprint.hex()},
    )
    # What was signed is in the register before anybody is given it.
    session.commit()
    issued = repository.find(session, key)
    assert issued is not None  # it was just changed
    return issued


def _require_as_decided(session: Session, found: Enrolment, serial: int) -> None:
    """What lies in a database between decision and signature is not trusted for it."""
    row = register_rows.registered(session, authority=found.key.authority, serial=serial)
    subject = certificate_builder.name(dict(found.subject))
    if row is None or row.purpose != found.purpose or subject + found.spki not in row.tbs:
        raise KeyMismatchError(f"the plan of {found.key} is not what was decided on")


def finish_if_possible(
    session: Session, services: EnrolmentServices, key: EnrolmentKey, *, at: datetime
) -> Enrolment:
    """As `finish`, but where the key is not at hand return the enrolment, approved.

    Raises:
        UnknownEnrolmentError, LintError: as `finish`.
    """
    try:
        return finish(session, services, key, at=at)
    except _NOT_HERE:
        session.rollback()
        found = repository.find(session, key)
        if found is None:
            raise
        return found


def certificate_of(session: Session, key: EnrolmentKey, *, person: Person) -> bytes:
    """Return the certificate of an enrolment, DER.

    Raises:
        NotEntitledError, UnknownEnrolmentError: if there is none for the caller.
        UnknownCertificateError: if none was issued yet.
    """
    found = decisions.find(session, key, person=person)
    return _certificate(session, key, found.serial or 0)


def encryption_of(session: Session, key: EnrolmentKey, *, person: Person) -> tuple[bytes, bytes]:
    """Return the encryption certificate of a pair, and its private key for the holder alone.

    Both DER; the key is an SM2EnvelopedKey that the signing key opens.

    Raises:
        NotEntitledError, UnknownEnrolmentError: if there is none for the caller.
        UnknownCertificateError: if none was issued, or the enrolment is for no pair.
    """
    found = decisions.find(session, key, person=person)
    kept = escrow.key_of_pair(session, key.authority, found.serial or 0)
    if kept is None:
        raise UnknownCertificateError(key.authority, 0)
    return _certificate(session, key, kept.serial), kept.envelope


def _certificate(session: Session, key: EnrolmentKey, serial: int) -> bytes:
    row = register_rows.registered(session, authority=key.authority, serial=serial)
    if row is None or row.certificate is None:
        raise UnknownCertificateError(key.authority, serial)
    return row.certificate


def resume(session: Session, services: EnrolmentServices, *, at: datetime) -> tuple[Resumed, ...]:
    """Sign whatever is approved and not issued, and say what became of each."""
    resumed = []
    for key in repository.unfinished(session):
        try:
            finish(session, services, key, at=at)
        except CAError as error:
            session.rollback()
            resumed.append(Resumed(key, error.code))
        else:
            resumed.append(Resumed(key, None))
    return tuple(resumed)
