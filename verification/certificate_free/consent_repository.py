"""Every query of consents. Instants are kept as UTC in whole seconds, so that texts compare."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, RowMapping, func, insert, select, update
from sqlalchemy.orm import Session

from verification.tables import consent_requests, consent_uses, consents


class Through(StrEnum):
    """How a consent came about."""

    BEFOREHAND = "beforehand"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent (授权) as it is kept."""

    region: str
    id: str
    """SM3 of its code, hexadecimal."""
    holder: bytes
    """Keyed digest of who gave it."""
    items: tuple[str, ...]
    fields: tuple[str, ...]
    organisations: tuple[str, ...]
    given_at: datetime
    given_through: Through
    valid_from: datetime
    expires_at: datetime
    uses: int
    uses_left: int
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentUse:
    """What one use was spent on."""

    organisation: str
    case_number: str
    item: str
    check_id: str
    at: datetime


def stored_instant(at: datetime) -> str:
    """Return an instant as the rows keep it."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def add(session: Session, consent: Consent) -> None:
    """Store a new consent."""
    session.execute(
        insert(consents).values(
            region=consent.region,
            id=consent.id,
            holder=consent.holder,
            items=json.dumps(consent.items),
            fields=json.dumps(consent.fields),
            organisations=json.dumps(consent.organisations),
            given_at=stored_instant(consent.given_at),
            given_through=consent.given_through.value,
            valid_from=stored_instant(consent.valid_from),
            expires_at=stored_instant(consent.expires_at),
            uses=consent.uses,
            uses_left=consent.uses_left,
        )
    )


def find(session: Session, region: str, consent_id: str) -> Consent | None:
    """Return one consent."""
    query = select(consents).where(consents.c.region == region, consents.c.id == consent_id)
    row = session.execute(query).mappings().first()
    return _consent(row) if row else None


def of_holder(session: Session, region: str, holder: bytes) -> list[Consent]:
    """Return a holder's consents, newest first."""
    query = (
        select(consents)
        .where(consents.c.region == region, consents.c.holder == holder)
        .order_by(consents.c.given_at.desc(), consents.c.id)
    )
    return [_consent(row) for row in session.execute(query).mappings()]


def live_consents(session: Session, region: str, holder: bytes, at: datetime) -> int:
    """Return how many consents of a holder have uses left at `at`."""
    query = select(func.count()).where(
        consents.c.region == region,
        consents.c.holder == holder,
        consents.c.withdrawn_at.is_(None),
        consents.c.uses_left > 0,
        consents.c.expires_at > stored_instant(at),
    )
    return session.scalars(query).one()


def withdraw(session: Session, consent: Consent, at: datetime) -> None:
    """Mark a consent as taken back."""
    session.execute(update(consents).where(_is(consent)).values(withdrawn_at=stored_instant(at)))


def uses_of_consent(session: Session, consent: Consent) -> list[ConsentUse]:
    """Return what a consent was used for, oldest first."""
    query = (
        select(consent_uses)
        .where(consent_uses.c.region == consent.region, consent_uses.c.consent_id == consent.id)
        .order_by(consent_uses.c.at, consent_uses.c.check_id)
    )
    return [
        ConsentUse(
            organisation=row["organisation"],
            case_number=row["case_number"],
            item=row["item"],
            check_id=row["check_id"],
            at=datetime.fromisoformat(row["at"]),
        )
        for row in session.execute(query).mappings()
    ]


def is_spent_on(
    session: Session, consent: Consent, *, organisation: str, case_number: str, item: str
) -> bool:
    """Tell whether a use was spent on this item of this case already."""
    query = select(consent_uses.c.check_id).where(
        consent_uses.c.region == consent.region,
        consent_uses.c.consent_id == consent.id,
        consent_uses.c.organisation == organisation,
        consent_uses.c.case_number == case_number,
        consent_uses.c.item == item,
    )
    return session.execute(query).first() is not None


def take_use(session: Session, consent: Consent, use: ConsentUse) -> bool:
    """Take one use and note what for; return False if there is none to take.

    One statement takes the use and asks whether there is one, so that of two transactions at
    once only one gets the last.
    """
    taken = session.execute(
        update(consents)
        .where(_is(consent), consents.c.uses_left > 0, consents.c.withdrawn_at.is_(None))
        .values(uses_left=consents.c.uses_left - 1)
        .returning(consents.c.id)
    ).first()
    if taken is None:
        return False
    session.execute(
        insert(consent_uses).values(
            region=consent.region,
            consent_id=consent.id,
            organisation=use.organisation,
            case_number=use.case_number,
            item=use.item,
            check_id=use.check_id,
            at=stored_instant(use.at),
        )
    )
    return True


def case_asked_for(session: Session, consent: Consent) -> str | None:
    """Return the one case that a consent given at a counter is for; None for any other."""
    if consent.given_through is not Through.COUNTER:
        return None
    query = select(consent_requests.c.case_number).where(
        consent_requests.c.region == consent.region, consent_requests.c.id == consent.id
    )
    found: str = session.scalars(query).one()
    return found


def _is(consent: Consent) -> ColumnElement[bool]:
    return (consents.c.region == consent.region) & (consents.c.id == consent.id)


def _consent(row: RowMapping) -> Consent:
    withdrawn_at = row["withdrawn_at"]
    return Consent(
        region=row["region"],
        id=row["id"],
        holder=row["holder"],
        items=tuple(json.loads(row["items"])),
        fields=tuple(json.loads(row["fields"])),
        organisations=tuple(json.loads(row["organisations"])),
        given_at=datetime.fromisoformat(row["given_at"]),
        given_through=Through(row["given_through"]),
        valid_from=datetime.fromisoformat(row["valid_from"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        uses=row["uses"],
        uses_left=row["uses_left"],
        withdrawn_at=datetime.fromisoformat(withdrawn_at) if withdrawn_at else None,
    )
