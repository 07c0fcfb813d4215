"""Every query on escrow. Nothing here commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ca.escrow.model import EscrowedKey, Recovery, RecoveryDecision, RecoveryState
from ca.escrow.tables import escrowed_keys, recoveries, recovery_decisions


def add_key(session: Session, key: EscrowedKey, at: datetime) -> None:
    """Store a sealed key."""
    session.execute(
        insert(escrowed_keys).values(
            authority=key.authority,
            serial=_text(key.serial),
            signing_serial=_text(key.signing_serial),
            box=key.box,
            envelope=key.envelope,
            kept_at=at.isoformat(),
        )
    )


def find_key(session: Session, authority: str, serial: int) -> EscrowedKey | None:
    """Return the key of an encryption certificate."""
    query = select(escrowed_keys).where(
        escrowed_keys.c.authority == authority, escrowed_keys.c.serial == _text(serial)
    )
    return _key(session.execute(query).first())


def key_of_pair(session: Session, authority: str, signing_serial: int) -> EscrowedKey | None:
    """Return the encryption key that goes with a signing certificate."""
    query = select(escrowed_keys).where(
        escrowed_keys.c.authority == authority,
        escrowed_keys.c.signing_serial == _text(signing_serial),
    )
    return _key(session.execute(query).first())


def add_recovery(session: Session, recovery: Recovery) -> None:
    """Store a wish to recover a key."""
    session.execute(
        insert(recoveries).values(
            authority=recovery.authority,
            id=recovery.id,
            state=recovery.state.value,
            serial=_text(recovery.serial),
            recipient=_text(recovery.recipient),
            reason=recovery.reason,
            requested_by=recovery.requested_by,
            requested_at=recovery.requested_at.isoformat(),
        )
    )


def find_recovery(
    session: Session, authority: str, recovery_id: str, *, lock: bool = False
) -> Recovery | None:
    """Return one recovery with its decisions; locked, nobody else decides meanwhile."""
    query = select(recoveries).where(
        recoveries.c.authority == authority, recoveries.c.id == recovery_id
    )
    row = session.execute(query.with_for_update() if lock else query).first()
    if row is None:
        return None
    return Recovery(
        authority=row.authority,
        id=row.id,
        state=RecoveryState(row.state),
        serial=int(row.serial, 16),
        recipient=int(row.recipient, 16),
        reason=row.reason,
        requested_by=row.requested_by,
        requested_at=datetime.fromisoformat(row.requested_at),
        envelope=row.envelope,
        decisions=_decisions(session, authority, recovery_id),
    )


def add_decision(session: Session, recovery: Recovery, decision: RecoveryDecision) -> bool:
    """Store what a person decided; False when that person has decided already."""
    try:
        with session.begin_nested():
            session.execute(
                insert(recovery_decisions).values(
                    authority=recovery.authority,
                    recovery=recovery.id,
                    person=decision.person,
                    decision=decision.decision,
                    note=decision.note,
                    at=decision.at.isoformat(),
                )
            )
    except IntegrityError:
        return False
    return True


def set_recovery(
    session: Session, recovery: Recovery, state: RecoveryState, envelope: bytes | None = None
) -> None:
    """Change the state, and keep what is delivered."""
    session.execute(
        update(recoveries)
        .where(recoveries.c.authority == recovery.authority, recoveries.c.id == recovery.id)
        .values(state=state.value, envelope=envelope)
    )


def _decisions(session: Session, authority: str, recovery_id: str) -> tuple[RecoveryDecision, ...]:
    query = (
        select(recovery_decisions)
        .where(
            recovery_decisions.c.authority == authority,
            recovery_decisions.c.recovery == recovery_id,
        )
        .order_by(recovery_decisions.c.at, recovery_decisions.c.person)
    )
    return tuple(
        RecoveryDecision(row.person, row.decision, row.note, datetime.fromisoformat(row.at))
        for row in session.execute(query)
    )


def _key(row: Row[Any] | None) -> EscrowedKey | None:
    if row is None:
        return None
    return EscrowedKey(
        row.authority, int(row.serial, 16), int(row.signing_serial, 16), row.box, row.envelope
    )


def _text(serial: int) -> str:
    return f"{serial:040x}"
