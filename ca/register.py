"""The certificate register: plan, then sign.

1. `plan` draws the serial number, lints, and stores what will be signed; the caller commits.
2. `sign_planned` signs the stored bytes and stores the certificate; the caller commits.

A process that dies in between leaves a plan. Signing it again hands out one certificate,
never a second serial number, and no certificate leaves that the register does not know of.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from ca import authority, repository
from ca.errors import SerialInUseError, UnknownCertificateError, UnknownProfileError
from ca.profiles import PROFILES
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.signer import Signer


def plan(
    session: Session,
    *,
    authority_name: str,
    issuer: Certificate,
    purpose: str,
    subject: dict[str, str],
    spki: bytes,
    not_before: datetime,
    not_after: datetime,
    at: datetime,
    crl_address: Callable[[int], str] | None = None,
    ocsp_address: str | None = None,
) -> int:
    """Store a linted certificate that is to be signed and return its serial number.

    Args:
        session: open transaction.
        authority_name: of the issuer in the register.
        issuer: the authority's certificate.
        purpose: name of the profile in `ca.profiles`.
        subject: C, ST, L, O, OU, CN.
        spki: DER SubjectPublicKeyInfo of the new key.
        not_before: start of validity, whole seconds.
        not_after: end of validity, included.
        at: when it is planned.
        crl_address: gives, for the serial number drawn, where the revocation list that
            speaks of it is served; see `ca.revocation_answers.partitions`.
        ocsp_address: where the status of the certificate can be asked for.

    Raises:
        UnknownProfileError: if there is no such purpose.
        LintError: naming every rule it breaks; nothing was stored.
    """
    if purpose not in PROFILES:
        raise UnknownProfileError(purpose)
    serial = authority.new_serial()
    prepared = authority.prepare(
        PROFILES[purpose],
        subject=subject,
        spki=spki,
        issuer=issuer,
        not_before=not_before,
        not_after=not_after,
        serial=serial,
        crl_address=crl_address(serial) if crl_address else None,
        ocsp_address=ocsp_address,
    )
    repository.add_planned(
        session,
        authority=authority_name,
        serial=serial,
        purpose=purpose,
        subject=",".join(f"{kind}={text}" for kind, text in subject.items()),
        spki=spki,
        tbs=prepared.tbs,
        at=at,
    )
    return serial


def sign_planned(
    session: Session, *, authority_name: str, serial: int, signer: Signer, at: datetime
) -> Certificate:
    """Return the certificate of a plan, signing it if that was not done yet.

    Raises:
        UnknownCertificateError: if there is no such plan.
        LintError: if the stored bytes no longer satisfy their profile.
        KeyMismatchError: if `signer` is not the authority of the plan.
    """
    found = repository.registered(session, authority=authority_name, serial=serial)
    if found is None:
        raise UnknownCertificateError(authority_name, serial)
    if found.certificate is not None:
        return parse_certificate(found.certificate)
    issuer = _authority(signer.certificate_der)
    # Linted again: what lies in a database between two steps is not trusted for it.
    prepared = authority.admit(found.tbs, PROFILES[found.purpose], issuer)
    certificate = authority.issue(prepared, signer)
    repository.set_issued(
        session,
        authority=authority_name,
        serial=serial,
        certificate=certificate.der,
        at=at,
    )
    return certificate


def enrol(
    session: Session, *, authority_name: str, purpose: str, certificate: Certificate, at: datetime
) -> None:
    """Take a certificate into the register that was issued elsewhere, such as a ceremony.

    Enrolling the same certificate again changes nothing.

    Raises:
        SerialInUseError: if the serial number belongs to another certificate.
    """
    serial = certificate.serial
    found = repository.registered(session, authority=authority_name, serial=serial)
    if found is not None:
        if found.certificate != certificate.der:
            raise SerialInUseError(authority_name, serial)
        return
    repository.add_planned(
        session,
        authority=authority_name,
        serial=serial,
        purpose=purpose,
        subject=certificate.subject,
        spki=certificate.spki,
        tbs=certificate.tbs,
        at=at,
    )
    repository.set_issued(
        session, authority=authority_name, serial=serial, certificate=certificate.der, at=at
    )


@lru_cache(maxsize=16)
def _authority(der: bytes) -> Certificate:
    """Return an authority's certificate, read once for all that it signs."""
    return parse_certificate(der)
