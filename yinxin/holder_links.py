"""Links by which a holder opens a licence on the phone: unguessable, expiring, kept as a hash."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, insert, select
from sqlalchemy.orm import Session

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
