"""Queries on endings. Nothing here commits."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.orm import Session

from issuance.endings.rows import Cause, Ending, EndingState, Way
from issuance.tables import endings

_TIMES: Final = ("proposed_at", "decided_at")


def add_ending(session: Session, ending: Ending) -> None:
    """Store a proposal."""
    session.execute(insert(endings).values(**_plain(asdict(ending))))


def ending(session: Session, issuer_code: str, ending_id: str) -> Ending | None:
    """Return one ending of an issuer."""
    query = select(endings).where(endings.c.issuer_code == issuer_code, endings.c.id == ending_id)
    row = session.execute(query).mappings().first()
    return _ending(row) if row else None


def open_ending(session: Session, issuer_code: str, serial: str) -> Ending | None:
    """Return the proposal on a licence that is not decided yet."""
    query = select(endings).where(
        endings.c.issuer_code == issuer_code,
        endings.c.serial == serial,
        endings.c.state == EndingState.PROPOSED.value,
    )
    row = session.execute(query).mappings().first()
    return _ending(row) if row else None


def endings_in(
    session: Session, issuer_code: str, state: EndingState, *, limit: int
) -> tuple[Ending, ...]:
    """Return endings of an issuer in one state, oldest first."""
    query = (
        select(endings)
        .where(endings.c.issuer_code == issuer_code, endings.c.state == state.value)
        .order_by(endings.c.proposed_at, endings.c.id)
        .limit(limit)
    )
    return tuple(_ending(row) for row in session.execute(query).mappings())


def set_ending(session: Session, found: Ending, **changes: Any) -> bool:
    """Change an ending that is still in the state it was found in."""
    done = session.execute(
        update(endings)
        .where(
            endings.c.issuer_code == found.issuer_code,
            endings.c.id == found.id,
            endings.c.state == found.state.value,
        )
        .values(**_plain(changes))
        .returning(endings.c.id)
    ).first()
    return done is not None


def _ending(row: RowMapping) -> Ending:
    members = {field.name: row[field.name] for field in fields(Ending)}
    for name in _TIMES:
        members[name] = members[name] and datetime.fromisoformat(members[name])
    return Ending(
        **members
        | {
            "way": Way(row["way"]),
            "cause": Cause(row["cause"]),
            "state": EndingState(row["state"]),
        }
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }
