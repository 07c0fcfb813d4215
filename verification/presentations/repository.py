"""Every query of presentations."""

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from verification.certificate_free.consent_repository import stored_instant
from verification.presentations.states import ALLOWED, PresentationState
from verification.tables import presentations

KEPT: Final = timedelta(days=1)
"""How long a presentation stays after its end, so that a late scan is told why it fails."""

_INSTANTS: Final = ("opened_at", "expires_at", "scanned_at", "decided_at")
_LISTS: Final = ("asked", "agreed")


@dataclass(frozen=True, slots=True)
class Presentation:
    """One showing of a licence, as it is kept: no name, no number, no field value."""

    region: str
    id: str
    """SM3 of the reference, hexadecimal."""
    licence: str
    """Identifier of the edition shown."""
    shown_by: str
    """Whose phone: an account, or the link to this licence."""
    opened_at: datetime
    expires_at: datetime
    state: PresentationState = PresentationState.SHOWN
    transaction: str | None = None
    """SM3 of the transaction that the scan began, hexadecimal."""
    organisation: str = ""
    operator: str = ""
    purpose: str = ""
    asked: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    scanned_at: datetime | None = None
    decided_at: datetime | None = None


def add(session: Session, opened: Presentation) -> None:
    """Store a presentation; close what the same phone showed, forget what is long over."""
    phone = (presentations.c.region == opened.region, presentations.c.shown_by == opened.shown_by)
    session.execute(
        delete(presentations).where(
            *phone, presentations.c.expires_at < stored_instant(opened.opened_at - KEPT)
        )
    )
    session.execute(
        update(presentations)
        .where(*phone, presentations.c.state == PresentationState.SHOWN.value)
        .values(state=PresentationState.CLOSED.value)
    )
    session.execute(insert(presentations).values(_row(opened)))


def find(session: Session, region: str, presentation_id: str) -> Presentation | None:
    """Return one presentation."""
    return _first(session, region, presentations.c.id == presentation_id)


def find_transaction(session: Session, region: str, transaction: str) -> Presentation | None:
    """Return the presentation that a scan's transaction belongs to."""
    return _first(session, region, presentations.c.transaction == transaction)


def waiting_for(session: Session, region: str, shown_by: str, at: datetime) -> Presentation | None:
    """Return the newest presentation of a phone that was scanned and waits for its holder."""
    return _first(
        session,
        region,
        presentations.c.shown_by == shown_by,
        presentations.c.state == PresentationState.SCANNED.value,
        presentations.c.expires_at > stored_instant(at),
    )


def move(session: Session, found: Presentation, to: PresentationState, **changes: Any) -> bool:
    """Move a presentation on; False if it has moved since `found` was read, or may not."""
    if to not in ALLOWED[found.state]:
        return False
    moved = session.execute(
        update(presentations)
        .where(
            presentations.c.region == found.region,
            presentations.c.id == found.id,
            presentations.c.state == found.state.value,
        )
        .values(_stored({"state": to, **changes}))
        .returning(presentations.c.id)
    ).first()
    return moved is not None


def _first(session: Session, region: str, *conditions: Any) -> Presentation | None:
    query = (
        select(presentations)
        .where(presentations.c.region == region, *conditions)
        .order_by(presentations.c.opened_at.desc())
        .limit(1)
    )
    row = session.execute(query).mappings().first()
    return _presentation(row) if row else None


def _row(found: Presentation) -> dict[str, Any]:
    return _stored({entry.name: getattr(found, entry.name) for entry in fields(found)})


def _stored(members: dict[str, Any]) -> dict[str, Any]:
    stored = dict(members)
    for name in _INSTANTS:
        if stored.get(name):
            stored[name] = stored_instant(stored[name])
    for name in _LISTS:
        if name in stored:
            stored[name] = json.dumps(stored[name])
    return stored | {"state": stored["state"].value}


def _presentation(row: RowMapping) -> Presentation:
    members = dict(row)
    for name in _INSTANTS:
        members[name] = datetime.fromisoformat(members[name]) if members[name] else None
    for name in _LISTS:
        members[name] = tuple(json.loads(members[name]))
    members["state"] = PresentationState(members["state"])
    return Presentation(**members)
