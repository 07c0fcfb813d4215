"""Use codes (用证码): what a search hands out instead of data (standards/e-licence, 8.1).

128 random bits, of which only the SM3 is kept; bound to one licence, organisation, operator,
item, case and set of fields; good once and for 24 hours; the holder can take it back.
"""

import base64
import json
import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from sealkit.record import Holder
from sealkit.sm import sm3
from verification.certificate_free.consent_repository import stored_instant
from verification.certificate_free.consents import require_holder
from verification.certificate_free.questions import index_of
from verification.errors import ExpiredUseCodeError, SpentUseCodeError, UnknownUseCodeError
from verification.ports import Actor, VerificationServices
from verification.tables import use_codes

GOOD_FOR: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=30)
ORIGINAL: Final = "original"
"""Stands among the fields of a code that fetches the sealed file itself."""


@dataclass(frozen=True, slots=True)
class UseCode:
    """One use code as it is kept."""

    region: str
    id: str
    """SM3 of the code, hexadecimal."""
    holder: bytes
    """Keyed digest."""
    licence: str
    organisation: str
    operator: str
    item: str
    case_number: str
    purpose: str
    basis: str
    basis_reference: str
    fields: tuple[str, ...]
    """Names of the licence's fields that it fetches."""
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    withdrawn_at: datetime | None = None


def new_use_code() -> str:
    """Return a random code."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=")


def id_of(code: str) -> str:
    """Return under what a code is kept."""
    return sm3.digest(code.strip().encode()).hex()


def add(session: Session, code: UseCode) -> None:
    """Store a code, and forget those of its holder that are long over."""
    session.execute(
        delete(use_codes).where(
            use_codes.c.region == code.region,
            use_codes.c.holder == code.holder,
            use_codes.c.expires_at < stored_instant(code.issued_at - KEPT),
        )
    )
    row = {entry.name: getattr(code, entry.name) for entry in fields(code)}
    row |= {"fields": json.dumps(code.fields)}
    row |= {name: stored_instant(row[name]) for name in ("issued_at", "expires_at")}
    session.execute(insert(use_codes).values(row))


def spent(
    session: Session,
    code: str,
    *,
    operator: str,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> UseCode:
    """Return the code of the caller and spend it in this transaction.

    Raises:
        UnknownUseCodeError: if there is none of this organisation and operator, or its holder
            took it back.
        ExpiredUseCodeError: if its time is over.
        SpentUseCodeError: if it was used.
    """
    found = _find(session, services.region, id_of(code))
    if found is None or (found.organisation, found.operator) != (actor.department, operator):
        raise UnknownUseCodeError
    if found.withdrawn_at is not None:
        raise UnknownUseCodeError
    if at >= found.expires_at:
        raise ExpiredUseCodeError
    taken = session.execute(
        update(use_codes)
        .where(
            use_codes.c.region == found.region,
            use_codes.c.id == found.id,
            use_codes.c.used_at.is_(None),
            use_codes.c.withdrawn_at.is_(None),
        )
        .values(used_at=stored_instant(at))
        .returning(use_codes.c.id)
    ).first()
    if taken is None:
        raise SpentUseCodeError
    return found


def codes_of(session: Session, *, actor: Actor, services: VerificationServices) -> list[UseCode]:
    """Return the codes that fetch the caller's own licences, newest first.

    Raises:
        HolderOnlyError: if the caller is no holder.
    """
    query = (
        select(use_codes)
        .where(
            use_codes.c.region == services.region,
            use_codes.c.holder == _own(actor, services),
        )
        .order_by(use_codes.c.issued_at.desc(), use_codes.c.id)
    )
    return [_code(row) for row in session.execute(query).mappings()]


def withdraw(
    session: Session,
    code_id: str,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> UseCode:
    """Take back a code that fetches one of the caller's licences; again changes nothing.

    Raises:
        HolderOnlyError: if the caller is no holder.
        UnknownUseCodeError: if there is no such code of the caller's licences.
    """
    found = _find(session, services.region, code_id)
    if found is None or found.holder != _own(actor, services):
        raise UnknownUseCodeError
    if found.withdrawn_at is None:
        session.execute(
            update(use_codes)
            .where(use_codes.c.region == found.region, use_codes.c.id == code_id)
            .values(withdrawn_at=stored_instant(at))
        )
        services.audit.record(
            session, actor=actor.id, act="use_code.withdrawn", subject=code_id, at=at, detail={}
        )
    return _find(session, services.region, code_id) or found


def _own(actor: Actor, services: VerificationServices) -> bytes:
    holder: Holder = require_holder(actor)
    return index_of(holder, services)


def _find(session: Session, region: str, code_id: str) -> UseCode | None:
    query = select(use_codes).where(use_codes.c.region == region, use_codes.c.id == code_id)
    row = session.execute(query).mappings().first()
    return _code(row) if row else None


def _code(row: RowMapping) -> UseCode:
    members: dict[str, Any] = dict(row)
    for name in ("issued_at", "expires_at", "used_at", "withdrawn_at"):
        members[name] = datetime.fromisoformat(members[name]) if members[name] else None
    return UseCode(**members | {"fields": tuple(json.loads(members["fields"]))})
