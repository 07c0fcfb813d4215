"""The certificate register: plan, then sign.

1. `plan_all` draws serial numbers, lints, and stores what will be signed; the caller commits.
2. `sign_all_planned` signs the stored bytes and stores the certificates; the caller commits.

A process that dies in between leaves a plan. Signing it again hands out one certificate,
never a second serial number, and no certificate leaves that the register does not know of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from ca import authority, repository
from ca.errors import SerialInUseError, UnknownCertificateError, UnknownProfileError
from ca.profiles import PROFILES
from ca.repository import PlannedCertificate, RegisteredCertificate
from sealkit.asn1.particulars import NOTHING_MORE, Particulars
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.signer import Signer


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """One certificate that is to be issued."""

    purpose: str
    """Name of the profile in `ca.profiles`."""

    subject: Mapping[str, str]
    """C, ST, L, O, OU, CN."""

    spki: bytes
    """DER SubjectPublicKeyInfo of the new key."""

    not_before: datetime
    """Start of validity, whole seconds."""

    not_after: datetime
    """End of validity, included."""

    particulars: Particulars = NOTHING_MORE
    """What the certificate says of its holder beyond that."""


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
    """Store one linted certificate that is to be signed and return its serial number.

    As `plan_all`, whose errors it has.
    """
    order = CertificateOrder(purpose, subject, spki, not_before, not_after)
    (serial,) = plan_all(
        session,
        [order],
        authority_name=authority_name,
        issuer=issuer,
        at=at,
        crl_address=crl_address,
        ocsp_address=ocsp_address,
    )
    return serial


def plan_all(
    session: Session,
    orders: Sequence[CertificateOrder],
    *,
    authority_name: str,
    issuer: Certificate,
    at: datetime,
    crl_address: Callable[[int], str] | None = None,
    ocsp_address: str | None = None,
) -> list[int]:
    """Store linted certificates that are to be signed and return their serial numbers.

    Args:
        session: open transaction.
        orders: what is to be issued.
        authority_name: of the issuer in the register.
        issuer: the authority's certificate.
        at: when it is planned.
        crl_address: gives, for the serial number drawn, where the revocation list that
            speaks of it is served; see `ca.revocation_answers.partitions`.
        ocsp_address: where the status of the certificates can be asked for.

    Raises:
        UnknownProfileError: if there is no such purpose.
        LintError: naming every rule that one of them breaks; nothing was stored.
    """
    planned = [_planned(order, issuer, crl_address, ocsp_address) for order in orders]
    if planned:
        repository.add_planned(session, authority=authority_name, planned=planned, at=at)
    return [entry.serial for entry in planned]


def sign_planned(
    session: Session, *, authority_name: str, serial: int, signer: Signer, at: datetime
) -> Certificate:
    """Return the certificate of one plan, signing it if that was not done yet.

    As `sign_all_planned`, whose errors it has.
    """
    (certificate,) = sign_all_planned(
        session, authority_name=authority_name, serials=[serial], signer=signer, at=at
    )
    return certificate


def sign_all_planned(
    session: Session, *, authority_name: str, serials: Sequence[int], signer: Signer, at: datetime
) -> list[Certificate]:
    """Return the certificates of plans, signing those that were not signed yet.

    Raises:
        UnknownCertificateError: if there is no such plan.
        LintError: if the stored bytes no longer satisfy their profile.
        KeyMismatchError: if `signer` is not the authority of the plan.
    """
    found = repository.all_registered(session, authority=authority_name, serials=serials)
    for serial in serials:
        if serial not in found:
            raise UnknownCertificateError(authority_name, serial)
    issuer = _authority(signer.certificate_der)
    made: dict[int, Certificate] = {}
    for serial in serials:
        row = found[serial]
        if row.certificate is None and serial not in made:
            # Linted again: what lies in a database between two steps is not trusted for it.
            prepared = authority.admit(row.tbs, PROFILES[row.purpose], issuer)
            made[serial] = authority.issue(prepared, signer)
    if made:
        issued = {serial: certificate.der for serial, certificate in made.items()}
        repository.set_issued(session, authority=authority_name, issued=issued, at=at)
    return [made.get(serial) or _kept(found[serial]) for serial in serials]


def _planned(
    order: CertificateOrder,
    issuer: Certificate,
    crl_address: Callable[[int], str] | None,
    ocsp_address: str | None,
) -> PlannedCertificate:
    if order.purpose not in PROFILES:
        raise UnknownProfileError(order.purpose)
    serial = authority.new_serial()
    prepared = authority.prepare(
        PROFILES[order.purpose],
        subject=dict(order.subject),
        spki=order.spki,
        issuer=issuer,
        not_before=order.not_before,
        not_after=order.not_after,
        serial=serial,
        crl_address=crl_address(serial) if crl_address else None,
        ocsp_address=ocsp_address,
        particulars=order.particulars,
    )
    subject = ",".join(f"{kind}={text}" for kind, text in order.subject.items())
    return PlannedCertificate(serial, order.purpose, subject, order.spki, prepared.tbs)


def _kept(row: RegisteredCertificate) -> Certificate:
    assert row.certificate is not None  # what is not in `made` was signed before
    return parse_certificate(row.certificate)


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
    planned = PlannedCertificate(
        serial, purpose, certificate.subject, certificate.spki, certificate.tbs
    )
    issued = {serial: certificate.der}
    repository.add_planned(session, authority=authority_name, planned=[planned], at=at)
    repository.set_issued(session, authority=authority_name, issued=issued, at=at)


@lru_cache(maxsize=16)
def _authority(der: bytes) -> Certificate:
    """Return an authority's certificate, read once for all that it signs."""
    return parse_certificate(der)
