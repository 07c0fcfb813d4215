"""Every query of codes shown at counters and of requests for consent."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.orm import Session

from verification.certificate_free.consent_repository import stored_instant
from verification.tables import consent_requests, shown_codes

KEPT: Final = timedelta(days=1)
"""How long a code stays after its end, so that a late scan is told why it does not count."""


class RequestState(StrEnum):
    """Where a request for consent stands."""

    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code on a holder's phone, as it is kept."""

    region: str
    id: str
    """SM3 of the code, hexadecimal."""
    holder: bytes
    """Keyed digest of who shows it."""
    shown_at: datetime
    expires_at: datetime
    scanned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """What a counter asks a holder to allow (a scan transaction)."""

    region: str
    id: str
    """SM3 of the transaction, hexadecimal."""
    holder: bytes
    organisation: str
    operator: str
    item: str
    fields: tuple[str, ...]
    case_number: str
    asked_at: datetime
    expires_at: datetime
    state: RequestState = RequestState.WAITING
    decided_at: datetime | None = None


def add_code(session: Session, code: ShownCode) -> None:
    """Store a code that a phone shows, and forget old ones of its holder."""
    session.execute(
        delete(shown_codes).where(
            shown_codes.c.region == code.region,
            shown_codes.c.holder == code.holder,
            shown_codes.c.expires_at < stored_instant(code.shown_at - KEPT),
        )
    )
    session.execute(
        insert(shown_codes).values(
            region=code.region,
            id=code.id,
            holder=code.holder,
            shown_at=stored_instant(code.shown_at),
            expires_at=stored_instant(code.expires_at),
        )
    )


def live_codes(session: Session, region: str, holder: bytes, at: datetime) -> int:
    """Return how many codes of a holder could be scanned at `at`."""
    query = select(func.count()).where(
        shown_codes.c.region == region,
        shown_codes.c.holder == holder,
        shown_codes.c.scanned_at.is_(None),
        shown_codes.c.expires_at > stored_instant(at),
    )
    return session.scalars(query).one()


def find_code(session: Session, region: str, code_id: str) -> ShownCode | None:
    """Return one shown code."""
    query = select(shown_codes).where(shown_codes.c.region == region, shown_codes.c.id == code_id)
    row = session.execute(query).mappings().first()
    if row is None:
        return None
    return ShownCode(
        region=row["region"],
        id=row["id"],
        holder=row["holder"],
        shown_at=datetime.fromisoformat(row["shown_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        scanned_at=_instant(row["scanned_at"]),
    )


def scan(session: Session, code: ShownCode, at: datetime) -> bool:
    """Mark a code as scanned; return False if it was before."""
    found = session.execute(
        update(shown_codes)
        .where(
            shown_codes.c.region == code.region,
            shown_codes.c.id == code.id,
            shown_codes.c.scanned_at.is_(None),
        )
        .values(scanned_at=stored_instant(at))
        .returning(shown_codes.c.id)
    ).first()
    return found is not None


def add_request(session: Session, request: ConsentRequest) -> None:
    """Store a request for consent."""
    session.execute(
        insert(consent_requests).values(
            region=request.region,
            id=request.id,
            holder=request.holder,
            organisation=request.organisation,
            operator=request.operator,
            item=request.item,
            fields=json.dumps(request.fields),
            case_number=request.case_number,
            asked_at=stored_instant(request.asked_at),
            expires_at=stored_instant(request.expires_at),
            state=request.state.value,
        )
    )


def find_request(session: Session, region: str, request_id: str) -> ConsentRequest | None:
    """Return one request."""
    query = select(consent_requests).where(
        consent_requests.c.region == region, consent_requests.c.id == request_id
    )
    row = session.execute(query).mappings().first()
    return _request(row) if row else None


def waiting_requests(
    session: Session, region: str, holder: bytes, at: datetime
) -> list[ConsentRequest]:
    """Return what a holder is asked to allow at `at`, newest first."""
    query = (
        select(consent_requests)
        .where(
            consent_requests.c.region == region,
            consent_requests.c.holder == holder,
            consent_requests.c.state == RequestState.WAITING.value,
            consent_requests.c.expires_at > stored_instant(at),
        )
        .order_by(consent_requests.c.asked_at.desc(), consent_requests.c.id)
    )
    return [_request(row) for row in session.execute(query).mappings()]


def decide(session: Session, request: ConsentRequest, state: RequestState, at: datetime) -> bool:
    """Decide a request that still waits; return False if it was decided before."""
    found = session.execute(
        update(consent_requests)
        .where(
            consent_requests.c.region == request.region,
            consent_requests.c.id == request.id,
            consent_requests.c.state == RequestState.WAITING.value,
        )
        .values(state=state.value, decided_at=stored_instant(at))
        .returning(consent_requests.c.id)
    ).first()
    return found is not None


def _request(row: RowMapping) -> ConsentRequest:
    return ConsentRequest(
        region=row["region"],
        id=row["id"],
        holder=row["holder"],
        organisation=row["organisation"],
        operator=row["operator"],
        item=row["item"],
        fields=tuple(json.loads(row["fields"])),
        case_number=row["case_number"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        state=RequestState(row["state"]),
        decided_at=_instant(row["decided_at"]),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
