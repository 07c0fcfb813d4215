"""Queries on erasures. Nothing here commits."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.orm import Session

from issuance.erasures.rows import Erasure, ErasureState
from issuance.erasures.tables import erasures
from issuance.register_rows import NO_SALT, EditionKey
from issuance.sealing import PROOF
from issuance.tables import edition_files, plans

_TIMES: Final = ("proposed_at", "decided_at")


def add_erasure(session: Session, erasure: Erasure) -> None:
    """Store a proposal."""
    session.execute(insert(erasures).values(**_plain(asdict(erasure))))


def erasure(session: Session, issuer_code: str, erasure_id: str) -> Erasure | None:
    """Return one erasure of an issuer."""
    query = select(erasures).filter_by(issuer_code=issuer_code, id=erasure_id)
    row = session.execute(query).mappings().first()
    return _erasure(row) if row else None


def erasure_of(session: Session, key: EditionKey, states: Iterable[ErasureState]) -> Erasure | None:
    """Return the erasure of an edition that is in one of these states."""
    query = (
        select(erasures)
        .filter_by(issuer_code=key.issuer_code, serial=key.serial, version=key.version)
        .where(erasures.c.state.in_([state.value for state in states]))
    )
    row = session.execute(query).mappings().first()
    return _erasure(row) if row else None


def erasures_in(session: Session, issuer_code: str, *, limit: int) -> tuple[Erasure, ...]:
    """Return the erasures of an issuer, newest first."""
    query = (
        select(erasures)
        .filter_by(issuer_code=issuer_code)
        .order_by(erasures.c.proposed_at.desc(), erasures.c.id)
        .limit(limit)
    )
    return tuple(_erasure(row) for row in session.execute(query).mappings())


def to_destroy(session: Session, *, limit: int) -> tuple[Erasure, ...]:
    """Return confirmed erasures of every issuer whose file is still to be removed."""
    query = select(erasures).filter_by(state=ErasureState.CONFIRMED.value).limit(limit)
    return tuple(_erasure(row) for row in session.execute(query).mappings())


def set_erasure(session: Session, found: Erasure, **changes: Any) -> bool:
    """Change an erasure that is still in the state it was found in."""
    done = session.execute(
        update(erasures)
        .filter_by(issuer_code=found.issuer_code, id=found.id, state=found.state.value)
        .values(**_plain(changes))
        .returning(erasures.c.id)
    ).first()
    return done is not None


def forget_opening(session: Session, key: EditionKey) -> str | None:
    """Destroy the salt of an edition and the row of its proof; return the key of that file."""
    of_edition = {"issuer_code": key.issuer_code, "serial": key.serial, "version": key.version}
    session.execute(update(plans).filter_by(**of_edition).values(sealed_salt=NO_SALT))
    return session.execute(
        delete(edition_files).filter_by(**of_edition, form=PROOF).returning(edition_files.c.key)
    ).scalar()


def _erasure(row: RowMapping) -> Erasure:
    members = {field.name: row[field.name] for field in fields(Erasure)}
    for name in _TIMES:
        members[name] = members[name] and datetime.fromisoformat(members[name])
    return Erasure(**members | {"state": ErasureState(row["state"])})


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }
