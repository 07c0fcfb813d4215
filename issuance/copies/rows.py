"""Copies as the register keeps them. Nothing here commits."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from issuance.register_rows import EditionKey
from issuance.tables import annotated_copies


@dataclass(frozen=True, slots=True)
class MadeCopy:
    """One copy that was made."""

    issuer_code: str
    id: str
    serial: str
    version: int
    sealed_note: bytes
    """Box of the vault over the note: purpose and recipient are the holder's affair."""
    digest: bytes
    """SM3 over the file; the file itself is not kept."""
    made_by: str
    made_at: datetime
    expires_at: datetime


def add_copy(session: Session, copy: MadeCopy) -> None:
    """Store that a copy was made."""
    row = asdict(copy) | {
        "made_at": copy.made_at.isoformat(),
        "expires_at": copy.expires_at.isoformat(),
    }
    session.execute(insert(annotated_copies).values(**row))


def copies_of(session: Session, key: EditionKey, *, limit: int) -> tuple[MadeCopy, ...]:
    """Return the newest copies of all editions of a licence, newest first."""
    query = (
        select(annotated_copies)
        .where(
            annotated_copies.c.issuer_code == key.issuer_code,
            annotated_copies.c.serial == key.serial,
        )
        .order_by(annotated_copies.c.made_at.desc(), annotated_copies.c.id)
        .limit(limit)
    )
    found = []
    for row in session.execute(query).mappings():
        members = {entry.name: row[entry.name] for entry in fields(MadeCopy)}
        for name in ("made_at", "expires_at"):
            members[name] = datetime.fromisoformat(members[name])
        found.append(MadeCopy(**members))
    return tuple(found)


def count_since(session: Session, key: EditionKey, since: datetime) -> int:
    """Return how many copies of a licence were made since."""
    query = select(func.count()).where(
        annotated_copies.c.issuer_code == key.issuer_code,
        annotated_copies.c.serial == key.serial,
        annotated_copies.c.made_at >= since.isoformat(),
    )
    return session.execute(query).scalar_one()
