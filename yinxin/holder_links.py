"""Links by which a holder opens a licence on the phone: unguessable, expiring, kept as a hash.

A lost phone or a link sent on opens nothing once the link is revoked: its row is removed, and the
audit chain says when, by whom, and how many. It never comes back; a new one may be made.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, func, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from sealkit.sm import sm3

metadata = MetaData()

links = Table(
    "holder_links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("issuer_code", String(18), nullable=False),
    Column("serial", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
)

LIFE = timedelta(days=365)
_TOKEN_BYTES = 16
_MAX_TOKEN_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class HolderLink:
    """What a link opens."""

    issuer_code: str
    serial: str
    """The licence; the page shows its newest edition."""


def create(session: Session, link: HolderLink, *, at: datetime) -> str:
    """Make a link to a licence and return its token; only its hash is kept."""
    token = base64.b32encode(secrets.token_bytes(_TOKEN_BYTES)).decode().rstrip("=").lower()
    session.execute(
        insert(links).values(
            token_hash=sm3.digest(token.encode()),
            issuer_code=link.issuer_code,
            serial=link.serial,
            expires_at=(at + LIFE).isoformat(),
        )
    )
    return token


def find(session: Session, token: str, *, at: datetime) -> HolderLink | None:
    """Return what `token` opens at `at`, or None."""
    if len(token) > _MAX_TOKEN_CHARACTERS:
        return None
    row = session.execute(
        select(links).where(links.c.token_hash == sm3.digest(token.encode()))
    ).first()
    if row is None or datetime.fromisoformat(row.expires_at) <= at:
        return None
    return HolderLink(row.issuer_code, row.serial)


def count(session: Session, link: HolderLink, *, at: datetime) -> int:
    """Return how many links open the licence at `at`."""
    query = select(func.count()).select_from(links).where(*_of(link))
    return session.execute(query.where(links.c.expires_at > at.isoformat())).scalar_one()


def revoke(session: Session, token: str) -> int:
    """Make `token` open nothing from now on; return how many links that were, 0 or 1."""
    if len(token) > _MAX_TOKEN_CHARACTERS:
        return 0
    own = links.c.token_hash == sm3.digest(token.encode())
    return len(session.execute(delete(links).where(own).returning(links.c.serial)).all())


def revoke_all(session: Session, link: HolderLink) -> int:
    """Make every link to the licence open nothing from now on; return how many those were."""
    return len(session.execute(delete(links).where(*_of(link)).returning(links.c.serial)).all())


def _of(link: HolderLink) -> tuple[ColumnElement[bool], ...]:
    return links.c.issuer_code == link.issuer_code, links.c.serial == link.serial
