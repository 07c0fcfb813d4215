"""Who may act: accounts of people and systems, with their department and roles.

A secret is kept as a scrypt hash. Five failures in a row lock an account for fifteen
minutes; the failure is counted in a transaction of its own, so that a refused request
cannot take it back.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("department", String(18), nullable=False),
    Column("roles", String(256), nullable=False),
    Column("sealed_holder", LargeBinary),
    Column("salt", LargeBinary(16), nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", String(32)),
)

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


class CredentialsError(Exception):
    """Unknown account, wrong secret, or an account locked for now; it is not said which."""

    code = "identity.credentials"


@dataclass(frozen=True, slots=True)
class Account:
    """One who may act."""

    id: str
    name: str
    department: str
    """USCC of the department the account belongs to."""
    roles: frozenset[str]
    sealed_holder: bytes | None = field(default=None, repr=False)
    """The holder that the account is proven to be, in a box of the vault."""


def holder_context(account_id: str) -> str:
    """Return what an account's holder is sealed to."""
    return f"accounts.holder:{account_id}"


def add_account(session: Session, account: Account, secret: str) -> None:
    """Store a new account, or leave an existing one of the same id as it is."""
    if session.scalar(select(accounts.c.id).where(accounts.c.id == account.id)):
        return
    salt = secrets.token_bytes(16)
    session.execute(
        insert(accounts).values(
            id=account.id,
            # A holder's name is personal: it is in the box, and nowhere in the clear.
            name="" if account.sealed_holder else account.name,
            department=account.department,
            roles=" ".join(sorted(account.roles)),
            sealed_holder=account.sealed_holder,
            salt=salt,
            secret_hash=_hash(secret, salt),
            failures=0,
        )
    )


def find_account(session: Session, account_id: str) -> Account | None:
    """Return the account, or None."""
    row = session.execute(select(accounts).where(accounts.c.id == account_id)).first()
    return _account(row) if row else None


def authenticate(session: Session, account_id: str, secret: str, *, at: datetime) -> Account | None:
    """Return the account if the secret is right and it is not locked; count a failure if not.

    The caller commits in both cases, then raises `CredentialsError` for None. A service
    takes the two steps apart, so that hashing holds no write lock.
    """
    return note_attempt(session, account_id, secret_fits(session, account_id, secret), at=at)


def secret_fits(session: Session, account_id: str, secret: str) -> bool:
    """Tell whether the secret is the account's; as slow for accounts that do not exist."""
    row = session.execute(select(accounts).where(accounts.c.id == account_id)).first()
    if row is None:
        _hash(secret, bytes(16))
        return False
    return hmac.compare_digest(_hash(secret, row.salt), row.secret_hash)


def note_attempt(session: Session, account_id: str, fits: bool, *, at: datetime) -> Account | None:
    """Count an attempt and return the account if it may act: the secret fits, it is not locked."""
    row = session.execute(select(accounts).where(accounts.c.id == account_id)).first()
    if row is None or (row.locked_until and at < datetime.fromisoformat(row.locked_until)):
        return None
    failures = 0 if fits else row.failures + 1
    locked_until = (at + LOCKED_FOR).isoformat() if failures >= MAX_FAILURES else None
    if failures != row.failures or locked_until != row.locked_until:
        session.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(failures=0 if locked_until else failures, locked_until=locked_until)
        )
    return _account(row) if fits else None


def _account(row: Row[Any]) -> Account:
    return Account(
        row.id, row.name, row.department, frozenset(row.roles.split()), row.sealed_holder
    )


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, **_SCRYPT)
