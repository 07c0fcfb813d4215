"""Sessions of the console: a token in a cookie that counts on console paths and nowhere else.

* The token is of a type of its own: in an Authorization header it is nothing, and a bearer
  token in the cookie is nothing either.
* It holds for an hour. Signing out ends it before: the table keeps the digests of tokens that
  ended early until they would have run out anyway.
* Forms carry a keyed digest of session and address, so that a form made elsewhere, for
  another session or for another address is refused.
"""

import hmac
import re
from datetime import datetime
from typing import Final

from fastapi import Request
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, delete, insert, select
from sqlalchemy.orm import Session

from issuance.ports import Actor, Vault
from sealkit.sm import sm3
from yinxin.context import Context
from yinxin.identity import TOKEN_LIFE
from yinxin.settings import Environment, Settings

HOME: Final = "/console"
COOKIE: Final = "yinxin_console"
TOKEN_TYPE: Final = "yinxin-console+jwt"
_MAX_ADDRESS: Final = 400  # characters
# Told by what it may be: no host, no empty step, none of dots alone, nothing that browsers mend.
_ADDRESS: Final = re.compile(
    r"/console(?:/(?!\.+(?:[/?]|$))[0-9A-Za-z._:~-]+)*(?:\?[0-9A-Za-z._:~%&=+-]*)?", re.ASCII
)

metadata = MetaData()

ended_sessions = Table(
    "console_ended_sessions",
    metadata,
    Column("session_digest", LargeBinary(32), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)
"""Sessions that were ended before their time; `expires_at` is in seconds since 1970."""


def is_console(path: str) -> bool:
    """Say whether `path` is the console's."""
    return path == HOME or path.startswith(f"{HOME}/")


def actor_of(request: Request, context: Context, *, at: datetime) -> Actor | None:
    """Return who has signed in to the console, or None."""
    token = request.cookies.get(COOKIE, "")
    actor = context.identities.actor(token, at=at, typ=TOKEN_TYPE) if token else None
    if actor is None:
        return None
    with context.database.reading() as session:
        return None if is_ended(session, token) else actor


def end(session: Session, token: str, *, at: datetime) -> None:
    """Make `token` count no more; what would have run out by itself is forgotten."""
    now = int(at.timestamp())
    session.execute(delete(ended_sessions).where(ended_sessions.c.expires_at < now))
    if not is_ended(session, token):
        until = int((at + TOKEN_LIFE).timestamp())
        row = {"session_digest": _digest(token), "expires_at": until}
        session.execute(insert(ended_sessions).values(**row))


def is_ended(session: Session, token: str) -> bool:
    """Say whether somebody signed out of this session."""
    found = select(ended_sessions.c.expires_at).where(
        ended_sessions.c.session_digest == _digest(token)
    )
    return session.execute(found).first() is not None


def form_token(vault: Vault, token: str, address: str) -> str:
    """Return what a form of this session that is sent to `address` carries."""
    return vault.blind_index(f"console.form:{_digest(token).hex()}:{address}").hex()


def is_own_form(vault: Vault, token: str, address: str, carried: str) -> bool:
    """Say whether what a form carried is what we gave it."""
    expected = form_token(vault, token, address)
    return bool(token) and hmac.compare_digest(expected.encode(), carried.encode())


def is_secure(settings: Settings) -> bool:
    """Say whether the cookie may travel over https only."""
    in_production = settings.environment is Environment.PRODUCTION
    return in_production or settings.public_url.startswith("https://")


def own_address(wanted: str) -> str:
    """Return `wanted` if it is an address of the console, else the console's home."""
    allowed = len(wanted) <= _MAX_ADDRESS and _ADDRESS.fullmatch(wanted)
    return wanted if allowed and not wanted.startswith(f"{HOME}/sign-") else HOME


def _digest(token: str) -> bytes:
    return sm3.digest(token.encode())
