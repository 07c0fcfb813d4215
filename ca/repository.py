"""Every query of the certificate authority but those of the log (`ca.log_repository`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from ca.tables import certificates, revocation_lists, revocations, timestamp_serials
from sealkit.asn1.crl import Revocation
from sealkit.sm import sm3


@dataclass(frozen=True, slots=True)
class RegisteredCertificate:
    """One row of the certificate register."""

    purpose: str
    subject: str
    tbs: bytes
    certificate: bytes | None
    """None while planned and not yet signed."""


@dataclass(frozen=True, slots=True)
class PlannedCertificate:
    """What will be signed, as the register keeps it."""

    serial: int
    purpose: str
    subject: str
    spki: bytes
    tbs: bytes


# Built once: to put such a statement together costs as much as to perform it.
_ADD_PLANNED: Final = insert(certificates)
_SET_ISSUED: Final = (
    update(certificates)
    .where(
        certificates.c.authority == bindparam("of_authority"),
        certificates.c.serial == bindparam("of_serial"),
        certificates.c.certificate.is_(None),
    )
    .values(certificate=bindparam("signed"), issued_at=bindparam("signed_at"))
)
_REGISTERED: Final = select(
    certificates.c.serial,
    certificates.c.purpose,
    certificates.c.subject,
    certificates.c.tbs,
    certificates.c.certificate,
).where(
    certificates.c.authority == bindparam("of_authority"),
    certificates.c.serial.in_(bindparam("of_serials", expanding=True)),
)


def add_planned(
    session: Session, *, authority: str, planned: Sequence[PlannedCertificate], at: datetime
) -> None:
    """Store what will be signed; IntegrityError if a serial number was used."""
    session.execute(
        _ADD_PLANNED,
        [
            {
                "authority": authority,
                "serial": _serial_text(entry.serial),
                "purpose": entry.purpose,
                "subject": entry.subject,
                "spki_digest": sm3.digest(entry.spki),
                "tbs": entry.tbs,
                "planned_at": at.isoformat(),
            }
            for entry in planned
        ],
    )


def set_issued(
    session: Session, *, authority: str, issued: Mapping[int, bytes], at: datetime
) -> None:
    """Store the signed certificates, by serial number, of plans that have none yet."""
    session.execute(
        _SET_ISSUED,
        [
            {
                "of_authority": authority,
                "of_serial": _serial_text(serial),
                "signed": certificate,
                "signed_at": at.isoformat(),
            }
            for serial, certificate in issued.items()
        ],
    )


def registered(session: Session, *, authority: str, serial: int) -> RegisteredCertificate | None:
    """Return the row of a serial number."""
    return all_registered(session, authority=authority, serials=[serial]).get(serial)


def all_registered(
    session: Session, *, authority: str, serials: Sequence[int]
) -> Mapping[int, RegisteredCertificate]:
    """Return the rows of those of `serials` that the register knows."""
    wanted = [_serial_text(serial) for serial in serials]
    rows = session.execute(_REGISTERED, {"of_authority": authority, "of_serials": wanted})
    return {int(serial, 16): RegisteredCertificate(*values) for serial, *values in rows}


def add_revocation(
    session: Session,
    *,
    authority: str,
    serial: int,
    at: datetime,
    reason: int,
    invalid_since: datetime | None = None,
) -> None:
    """Store a revocation."""
    session.execute(
        insert(revocations).values(
            authority=authority,
            serial=_serial_text(serial),
            revoked_at=at.isoformat(),
            reason=reason,
            invalid_since=invalid_since.isoformat() if invalid_since else None,
        )
    )


def revocation(session: Session, *, authority: str, serial: int) -> Revocation | None:
    """Return the revocation of one certificate."""
    row = session.execute(
        select(revocations).where(
            revocations.c.authority == authority,
            revocations.c.serial == _serial_text(serial),
        )
    ).first()
    return revocation_in(row) if row else None


def all_revocations(session: Session, *, authority: str) -> Mapping[int, Revocation]:
    """Return every revocation of an authority, by serial number."""
    rows = session.execute(select(revocations).where(revocations.c.authority == authority))
    return {int(row.serial, 16): revocation_in(row) for row in rows}


def revocations_of(
    session: Session, *, authority: str, serials: Sequence[int]
) -> Mapping[int, Revocation]:
    """Return which of `serials` are revoked, and how."""
    query = select(revocations).where(
        revocations.c.authority == authority,
        revocations.c.serial.in_([_serial_text(serial) for serial in serials]),
    )
    return {int(row.serial, 16): revocation_in(row) for row in session.execute(query)}


def revocation_in(row: Row[Any]) -> Revocation:
    """Return the revocation of a row that has `revoked_at`, `reason` and `invalid_since`."""
    since = datetime.fromisoformat(row.invalid_since) if row.invalid_since else None
    # CRLReason unspecified(0) is never written into a list (RFC 5280, 5.3.1).
    return Revocation(datetime.fromisoformat(row.revoked_at), row.reason or None, since)


def count_revocations(session: Session, *, authority: str) -> int:
    """Return how many certificates of an authority are revoked."""
    query = select(func.count()).where(revocations.c.authority == authority)
    return session.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class StoredList:
    """One published revocation list."""

    number: int
    this_update: datetime
    next_update: datetime
    revoked: int
    """How many certificates it lists."""

    crl: bytes


def add_list(session: Session, *, authority: str, stored: StoredList) -> None:
    """Store a revocation list; IntegrityError if its number was used."""
    session.execute(
        insert(revocation_lists).values(
            authority=authority,
            number=stored.number,
            this_update=stored.this_update.isoformat(),
            next_update=stored.next_update.isoformat(),
            revoked=stored.revoked,
            crl=stored.crl,
        )
    )


def newest_list(session: Session, *, authority: str) -> StoredList | None:
    """Return the list with the highest number."""
    row = session.execute(
        select(
            revocation_lists.c.number,
            revocation_lists.c.this_update,
            revocation_lists.c.next_update,
            revocation_lists.c.revoked,
            revocation_lists.c.crl,
        )
        .where(revocation_lists.c.authority == authority)
        .order_by(revocation_lists.c.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    this_update, next_update = map(datetime.fromisoformat, (row.this_update, row.next_update))
    return StoredList(row.number, this_update, next_update, row.revoked, row.crl)


def stamped_until(session: Session, *, service: str) -> int:
    """Return what a timestamp service has set aside, microseconds since 1970; 0 at first."""
    query = select(timestamp_serials.c.last).where(timestamp_serials.c.service == service)
    return session.execute(query.with_for_update()).scalar() or 0


def set_stamped_until(session: Session, *, service: str, until: int) -> None:
    """Set aside the microseconds up to `until`."""
    known = update(timestamp_serials).where(timestamp_serials.c.service == service)
    if not session.execute(known.values(last=until)).rowcount:  # type: ignore[attr-defined]
        session.execute(insert(timestamp_serials).values(service=service, last=until))


def _serial_text(serial: int) -> str:
    return f"{serial:040x}"
