"""Every query of the lists by partition and of the OCSP answers signed in advance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, bindparam, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from ca.repository import revocation_in
from ca.tables import certificates, ocsp_answers, partition_lists, revocations
from sealkit.asn1.crl import Revocation

_PAIR: Final = (
    partition_lists.c.number,
    partition_lists.c.partitions,
    partition_lists.c.this_update,
    partition_lists.c.next_update,
    partition_lists.c.revoked,
    partition_lists.c.base,
    partition_lists.c.delta,
)

_ANSWER: Final = (
    select(
        ocsp_answers.c.revoked,
        ocsp_answers.c.this_update,
        ocsp_answers.c.next_update,
        ocsp_answers.c.answer,
    )
    .outerjoin(
        revocations,
        and_(
            revocations.c.authority == ocsp_answers.c.authority,
            revocations.c.serial == ocsp_answers.c.serial,
        ),
    )
    .where(
        ocsp_answers.c.authority == bindparam("authority"),
        ocsp_answers.c.serial == bindparam("serial"),
        ocsp_answers.c.form == bindparam("form"),
        ocsp_answers.c.next_update > bindparam("at"),
        or_(ocsp_answers.c.revoked, revocations.c.serial.is_(None)),
    )
)
# An answer signed before a revocation may be stored after it; this query leaves it out.
_STANDING: Final = (
    select(
        certificates.c.certificate.is_not(None).label("issued"),
        revocations.c.revoked_at,
        revocations.c.reason,
        revocations.c.invalid_since,
    )
    .outerjoin(
        revocations,
        and_(
            revocations.c.authority == certificates.c.authority,
            revocations.c.serial == certificates.c.serial,
        ),
    )
    .where(
        certificates.c.authority == bindparam("authority"),
        certificates.c.serial == bindparam("serial"),
    )
)


@dataclass(frozen=True, slots=True)
class ListHead:
    """What is known of the newest lists of a partition without reading them."""

    partition: int
    number: int
    partitions: int
    """How many the authority had."""
    this_update: datetime
    revoked: int
    """How many certificates the base lists."""


@dataclass(frozen=True, slots=True)
class ListPair:
    """A base list and the delta made with it."""

    number: int
    partitions: int
    """How many the authority had."""
    this_update: datetime
    next_update: datetime
    """Of the base."""
    revoked: int
    """How many certificates the base lists."""
    base: bytes
    delta: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An OCSP answer signed in advance."""

    serial: int
    form: str
    revoked: bool
    this_update: datetime
    next_update: datetime
    answer: bytes


def newest_heads(session: Session, authority: str) -> dict[int, ListHead]:
    """Return the newest lists of every partition that has any."""
    newest = (
        select(partition_lists.c.partition, func.max(partition_lists.c.number).label("number"))
        .where(partition_lists.c.authority == authority)
        .group_by(partition_lists.c.partition)
        .subquery()
    )
    query = select(
        partition_lists.c.partition,
        partition_lists.c.number,
        partition_lists.c.partitions,
        partition_lists.c.this_update,
        partition_lists.c.revoked,
    ).join(
        newest,
        and_(
            partition_lists.c.partition == newest.c.partition,
            partition_lists.c.number == newest.c.number,
        ),
    )
    rows = session.execute(query.where(partition_lists.c.authority == authority))
    return {
        row.partition: ListHead(
            row.partition,
            row.number,
            row.partitions,
            datetime.fromisoformat(row.this_update),
            row.revoked,
        )
        for row in rows
    }


def newest_pair(session: Session, authority: str, partition: int) -> ListPair | None:
    """Return the pair with the highest number."""
    query = _pairs(authority, partition).order_by(partition_lists.c.number.desc()).limit(1)
    return _pair(session.execute(query).first())


def oldest_living_pair(
    session: Session, authority: str, partition: int, *, at: datetime
) -> ListPair | None:
    """Return the pair with the lowest number whose base has not ended at `at`."""
    query = (
        _pairs(authority, partition)
        .where(partition_lists.c.next_update > at.isoformat())
        .order_by(partition_lists.c.number)
        .limit(1)
    )
    return _pair(session.execute(query).first())


def add_pair(session: Session, authority: str, partition: int, pair: ListPair) -> None:
    """Store a pair; IntegrityError if its number was used."""
    session.execute(
        insert(partition_lists).values(
            authority=authority,
            partition=partition,
            number=pair.number,
            partitions=pair.partitions,
            this_update=pair.this_update.isoformat(),
            next_update=pair.next_update.isoformat(),
            revoked=pair.revoked,
            base=pair.base,
            delta=pair.delta,
        )
    )


def drop_ended_pairs(session: Session, authority: str, partition: int, *, at: datetime) -> None:
    """Remove pairs whose base has ended; entries are never removed, so newer ones say more."""
    session.execute(
        delete(partition_lists).where(
            partition_lists.c.authority == authority,
            partition_lists.c.partition == partition,
            partition_lists.c.next_update <= at.isoformat(),
        )
    )


def standing(session: Session, authority: str, serial: int) -> Revocation | bool:
    """Return the revocation of a certificate; without one, whether it was ever issued."""
    row = session.execute(
        _STANDING, {"authority": authority, "serial": serial_text(serial)}
    ).first()
    if row is None:
        return False
    return bool(row.issued) if row.revoked_at is None else revocation_in(row)


def valid_answer(
    session: Session, authority: str, serial: int, form: str, *, at: datetime
) -> StoredAnswer | None:
    """Return the stored answer that may be served at `at`.

    Never one that says good of a certificate that is revoked by now: the same query looks.
    """
    row = session.execute(
        _ANSWER,
        {
            "authority": authority,
            "serial": serial_text(serial),
            "form": form,
            "at": at.isoformat(),
        },
    ).first()
    if row is None:
        return None
    this_update, next_update = map(datetime.fromisoformat, (row.this_update, row.next_update))
    return StoredAnswer(serial, form, row.revoked, this_update, next_update, row.answer)


def due_serials(
    session: Session, authority: str, *, made_before: datetime, after: int, limit: int
) -> list[int]:
    """Return serial numbers above `after`, in order, without answers made since a moment."""
    fresh = exists().where(
        ocsp_answers.c.authority == certificates.c.authority,
        ocsp_answers.c.serial == certificates.c.serial,
        ocsp_answers.c.this_update > made_before.isoformat(),
    )
    query = (
        select(certificates.c.serial)
        .where(
            certificates.c.authority == authority,
            certificates.c.serial > serial_text(after),
            certificates.c.certificate.is_not(None),
            ~fresh,
        )
        .order_by(certificates.c.serial)
        .limit(limit)
    )
    return [int(serial, 16) for serial in session.execute(query).scalars()]


def replace_answers(session: Session, authority: str, found: Iterable[StoredAnswer]) -> None:
    """Store answers in the place of those that their certificates have."""
    kept = tuple(found)
    rows = [
        {
            "authority": authority,
            "serial": serial_text(entry.serial),
            "form": entry.form,
            "revoked": entry.revoked,
            "this_update": entry.this_update.isoformat(),
            "next_update": entry.next_update.isoformat(),
            "answer": entry.answer,
        }
        for entry in kept
    ]
    if rows:
        drop_answers(session, authority, {entry.serial for entry in kept})
        session.execute(insert(ocsp_answers), rows)


def drop_answers(session: Session, authority: str, serials: Iterable[int]) -> None:
    """Remove the stored answers about certificates."""
    session.execute(
        delete(ocsp_answers).where(
            ocsp_answers.c.authority == authority,
            ocsp_answers.c.serial.in_([serial_text(serial) for serial in serials]),
        )
    )


def count_answers(session: Session, authority: str) -> int:
    """Return how many answers are stored."""
    query = select(func.count()).where(ocsp_answers.c.authority == authority)
    return session.execute(query).scalar_one()


def serial_text(serial: int) -> str:
    """Return a serial number as the tables have it: 40 digits, in their order."""
    return f"{serial:040x}"


def _pairs(authority: str, partition: int) -> Select[Any]:
    return select(*_PAIR).where(
        partition_lists.c.authority == authority, partition_lists.c.partition == partition
    )


def _pair(row: Row[Any] | None) -> ListPair | None:
    if row is None:
        return None
    this_update, next_update = map(datetime.fromisoformat, (row.this_update, row.next_update))
    return ListPair(
        row.number, row.partitions, this_update, next_update, row.revoked, row.base, row.delta
    )
