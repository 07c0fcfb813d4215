"""The certificate register as operators look at it: which certificates, in what state."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from ca.repository import revocation_in
from ca.tables import certificates, revocations
from sealkit.asn1.crl import Revocation
from sealkit.asn1.x509 import Certificate, parse_certificate


class CertificateState(StrEnum):
    """What a certificate is worth at an instant."""

    PLANNED = "planned"
    """In the register, not yet signed."""
    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """One certificate of the register."""

    authority: str
    serial: int
    purpose: str
    """Name of the profile."""
    subject: str
    state: CertificateState
    certificate: Certificate | None
    """None while planned."""
    revocation: Revocation | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which certificates are looked for; what is None or empty does not choose."""

    authority: str | None = None
    serial: int | None = None
    purpose: str | None = None
    subject: str = ""
    """Part of the subject's name."""
    states: frozenset[CertificateState] = frozenset()
    ends_within: timedelta | None = None
    """Valid ones that end within this time."""


def listed(session: Session, wanted: Wanted, *, at: datetime) -> tuple[ListedCertificate, ...]:
    """Return the certificates of the register that are wanted, by authority and subject."""
    query = (
        select(
            *(certificates.c[name] for name in ("authority", "serial", "purpose", "subject")),
            certificates.c.certificate,
            *(revocations.c[name] for name in ("revoked_at", "reason", "invalid_since")),
        )
        .outerjoin(
            revocations,
            and_(
                revocations.c.authority == certificates.c.authority,
                revocations.c.serial == certificates.c.serial,
            ),
        )
        .order_by(certificates.c.authority, certificates.c.subject, certificates.c.planned_at)
    )
    for column, value in (
        (certificates.c.authority, wanted.authority),
        (certificates.c.purpose, wanted.purpose),
    ):
        query = query if value is None else query.where(column == value)
    if wanted.serial is not None:
        query = query.where(certificates.c.serial == f"{wanted.serial:040x}")
    if wanted.subject:
        query = query.where(certificates.c.subject.contains(wanted.subject, autoescape=True))
    found = []
    for row in session.execute(query):
        certificate = parse_certificate(row.certificate) if row.certificate else None
        revocation = revocation_in(cast(Row[Any], row)) if row.revoked_at else None
        entry = ListedCertificate(
            row.authority,
            int(row.serial, 16),
            row.purpose,
            row.subject,
            state_of(certificate, revocation, at),
            certificate,
            revocation,
        )
        if _is_wanted(entry, wanted, at):
            found.append(entry)
    return tuple(found)


def state_of(
    certificate: Certificate | None, revocation: Revocation | None, at: datetime
) -> CertificateState:
    """Return what a certificate of the register is worth at `at`."""
    if revocation is not None:
        return CertificateState.REVOKED
    if certificate is None:
        return CertificateState.PLANNED
    if at < certificate.not_before:
        return CertificateState.NOT_YET_VALID
    return CertificateState.VALID if at <= certificate.not_after else CertificateState.ENDED


def _is_wanted(entry: ListedCertificate, wanted: Wanted, at: datetime) -> bool:
    if wanted.states and entry.state not in wanted.states:
        return False
    if wanted.ends_within is None:
        return True
    return (
        entry.state is CertificateState.VALID
        and entry.certificate is not None
        and entry.certificate.not_after <= at + wanted.ends_within
    )
