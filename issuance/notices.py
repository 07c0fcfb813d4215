"""Notices (通知): who has to be told what about a licence, until it was delivered.

A notice holds no personal data: a holder is a keyed digest, to be matched when the holder
next signs in. The same recipient is told of the same event once.
"""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, select, update
from sqlalchemy.orm import Session

from issuance import repository
from issuance.prepared import added
from issuance.register_rows import Edition
from issuance.tables import notices

ORGANISATION: Final = "organisation"
HOLDER: Final = "holder"
_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Notice:
    """One recipient to be told of one event."""

    issuer_code: str
    id: str
    recipient_kind: str
    """`ORGANISATION` or `HOLDER`."""
    recipient: str
    """USCC, or a holder's keyed digest in hexadecimal digits."""
    event: str
    """``licence.published``, ``licence.corrected`` and the like."""
    identifier: str
    """The edition that the event is about."""
    created_at: datetime
    delivered_at: datetime | None = None


def tell_holders(session: Session, edition: Edition, event: str, *, at: datetime) -> None:
    """Leave a notice for every holder of an edition."""
    for index in repository.holder_indexes(session, edition.key):
        _add(session, edition, HOLDER, index.hex(), event, at)


def tell_organisations(
    session: Session, edition: Edition, event: str, organisations: Iterable[str], *, at: datetime
) -> None:
    """Leave a notice for each of `organisations`, by USCC."""
    for code in organisations:
        _add(session, edition, ORGANISATION, code, event, at)


def undelivered(session: Session, *, limit: int = 1000) -> list[Notice]:
    """Return notices still to be delivered, oldest first."""
    query = (
        select(notices)
        .where(notices.c.delivered_at.is_(None))
        .order_by(notices.c.created_at, notices.c.id)
        .limit(limit)
    )
    return [_notice(row) for row in session.execute(query).mappings()]


def notices_for(session: Session, organisation: str) -> list[Notice]:
    """Return the notices of an organisation, newest first."""
    query = (
        select(notices)
        .where(notices.c.recipient_kind == ORGANISATION, notices.c.recipient == organisation)
        .order_by(notices.c.created_at.desc())
    )
    return [_notice(row) for row in session.execute(query).mappings()]


def mark_delivered(session: Session, notice: Notice, *, at: datetime) -> None:
    """Note that a notice was delivered."""
    session.execute(
        update(notices)
        .where(notices.c.issuer_code == notice.issuer_code, notices.c.id == notice.id)
        .values(delivered_at=at.isoformat())
    )


def _add(
    session: Session, edition: Edition, kind: str, recipient: str, event: str, at: datetime
) -> None:
    notice_id = f"N{secrets.token_hex(_ID_BYTES)}"
    notice = Notice(edition.issuer_code, notice_id, kind, recipient, event, edition.identifier, at)
    # One told of it already is not told again: unique in edition, event, recipient and time.
    added(session, notices, asdict(notice) | {"created_at": at.isoformat()})


def _notice(row: RowMapping) -> Notice:
    members: dict[str, Any] = dict(row)
    for name in ("created_at", "delivered_at"):
        if members[name]:
            members[name] = datetime.fromisoformat(members[name])
    return Notice(**members)
