"""Queries on frozen days. Nothing here commits, and a row is never changed."""

from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from issuance.tables import status_days, status_lists
from sealkit.status_day import FrozenDay


def beginnings(session: Session) -> list[tuple[str, int, datetime]]:
    """Return each list as issuer and number, and since when its changes are kept."""
    query = select(status_lists).order_by(status_lists.c.issuer_code, status_lists.c.list_number)
    return [
        (row.issuer_code, row.list_number, datetime.fromisoformat(row.complete_from))
        for row in session.execute(query)
    ]


def days_frozen(session: Session, issuer_code: str, list_number: int) -> frozenset[date]:
    """Return the days of a list that are frozen."""
    query = select(status_days.c.day).filter_by(issuer_code=issuer_code, list_number=list_number)
    return frozenset(date.fromisoformat(day) for day in session.execute(query).scalars())


def frozen_day(session: Session, issuer_code: str, list_number: int, day: date) -> FrozenDay | None:
    """Return the frozen list of a day."""
    query = select(status_days.c.token, status_days.c.proof).filter_by(
        issuer_code=issuer_code, list_number=list_number, day=day.isoformat()
    )
    row = session.execute(query).first()
    return FrozenDay(row.token, row.proof) if row else None


def add_day(
    session: Session,
    issuer_code: str,
    list_number: int,
    day: date,
    *,
    version: int,
    frozen: FrozenDay,
    log_index: int,
    at: datetime,
) -> None:
    """Store the frozen list of a day; a second one for the same day is an IntegrityError."""
    session.execute(
        insert(status_days).values(
            issuer_code=issuer_code,
            list_number=list_number,
            day=day.isoformat(),
            version=version,
            token=frozen.token,
            log_index=log_index,
            proof=frozen.proof,
            frozen_at=at.isoformat(),
        )
    )
