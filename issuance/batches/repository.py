"""Queries on batches and their lines. Nothing here commits."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from issuance.batches.rows import (
    MOVING,
    Batch,
    BatchLine,
    BatchState,
    Form,
    Hold,
    LineState,
)
from issuance.batches.tables import batch_lines, batches
from issuance.errors import DataProblem
from issuance.prepared import added, changed

_TIMES: Final = frozenset(
    {"submitted_at", "advanced_at", "reviewed_at", "finished_at", "file_erased_at"}
)
_LOOKED_AT: Final = 200
"""Batches at a time; what others hold is passed over."""


def add_batch(session: Session, batch: Batch) -> bool:
    """Store a batch; False when its idempotency key was taken meanwhile."""
    return added(session, batches, _plain(asdict(batch)))


def batch(session: Session, issuer_code: str, batch_id: str) -> Batch | None:
    """Return one batch of an issuer."""
    return _one(session, issuer_code=issuer_code, id=batch_id)


def batch_by_key(session: Session, issuer_code: str, key: str) -> Batch | None:
    """Return the batch that was sent with this idempotency key."""
    return _one(session, issuer_code=issuer_code, idempotency_key=key)


def batches_of(session: Session, issuer_code: str, *, limit: int) -> tuple[Batch, ...]:
    """Return the newest batches of an issuer, newest first."""
    query = (
        select(batches)
        .where(batches.c.issuer_code == issuer_code)
        .order_by(batches.c.submitted_at.desc(), batches.c.id)
        .limit(limit)
    )
    return tuple(_batch(row) for row in session.execute(query).mappings())


def count_moving(session: Session, issuer_code: str) -> int:
    """Return how many batches of an issuer the service has work to do on."""
    query = select(func.count()).where(
        batches.c.issuer_code == issuer_code, batches.c.state.in_(MOVING)
    )
    return session.execute(query).scalar_one()


def waiting(session: Session, *, tried_before: datetime) -> tuple[Batch, ...]:
    """Return batches with work to do, the one that was worked on least recently first.

    One that was stopped is passed over until its last attempt was before `tried_before`.
    """
    query = (
        select(batches)
        .where(
            batches.c.state.in_(MOVING),
            or_(
                batches.c.stopped_by.is_(None),
                batches.c.advanced_at < tried_before.isoformat(),
            ),
        )
        .order_by(batches.c.advanced_at, batches.c.id)
        .limit(_LOOKED_AT)
    )
    return tuple(_batch(row) for row in session.execute(query).mappings())


def batches_to_erase(session: Session, *, before: datetime, limit: int) -> tuple[Batch, ...]:
    """Return batches of every issuer that still have their file and came to rest before then."""
    rested = func.coalesce(batches.c.finished_at, batches.c.reviewed_at, batches.c.advanced_at)
    query = (
        select(batches)
        .where(
            batches.c.file_erased_at.is_(None),
            batches.c.state.not_in(MOVING),
            rested < before.isoformat(),
        )
        .order_by(batches.c.submitted_at, batches.c.id)
        .limit(limit)
    )
    return tuple(_batch(row) for row in session.execute(query).mappings())


def hold_file(session: Session, found: Batch, hold: Hold) -> bool:
    """Let one worker read the file of a batch; False while another does."""
    done = session.execute(
        update(batches)
        .where(_named(batches.c, found.issuer_code, found.id), _free(batches.c, hold))
        .values(held_by=hold.worker, held_until=hold.until.isoformat())
        .returning(batches.c.id)
    ).first()
    return done is not None


def hold_lines(session: Session, found: Batch, hold: Hold, *, limit: int) -> tuple[BatchLine, ...]:
    """Give ready lines that nobody holds to a worker, and return them."""
    of_batch = and_(
        batch_lines.c.issuer_code == found.issuer_code, batch_lines.c.batch_id == found.id
    )
    query = (
        select(batch_lines)
        .where(of_batch, batch_lines.c.state == LineState.READY.value, _free(batch_lines.c, hold))
        .order_by(batch_lines.c.number)
        .limit(limit)
    )
    held = tuple(_line(row) for row in session.execute(query).mappings())
    if held:
        session.execute(
            update(batch_lines)
            .where(of_batch, batch_lines.c.number.in_([line.number for line in held]))
            .values(held_by=hold.worker, held_until=hold.until.isoformat())
        )
        change_batch(session, found, advanced_at=hold.at)
    return held


def release_lines(session: Session, found: Batch, hold: Hold, lines: Sequence[BatchLine]) -> None:
    """Let anybody have those of the lines that the worker holds and that are still ready."""
    session.execute(
        update(batch_lines)
        .where(
            batch_lines.c.issuer_code == found.issuer_code,
            batch_lines.c.batch_id == found.id,
            batch_lines.c.number.in_([line.number for line in lines]),
            batch_lines.c.state == LineState.READY.value,
            batch_lines.c.held_by == hold.worker,
        )
        .values(held_by=None, held_until=None)
    )


def any_ready(session: Session, found: Batch) -> bool:
    """Whether a line of the batch is still to be minted, by whomever."""
    return bool(lines(session, found, states=(LineState.READY,), limit=1))


def change_batch(session: Session, found: Batch, **changes: Any) -> None:
    """Change a batch whatever others did to it since it was found."""
    session.execute(
        update(batches)
        .where(_named(batches.c, found.issuer_code, found.id))
        .values(**_plain(changes))
    )


def count_settled(session: Session, found: Batch, *, minted: int, failed: int) -> None:
    """Count lines that are ready no more."""
    change_batch(
        session,
        found,
        ready=batches.c.ready - minted - failed,
        minted=batches.c.minted + minted,
        failed=batches.c.failed + failed,
    )


def set_batch(session: Session, found: Batch, **changes: Any) -> bool:
    """Change a batch that nobody else has worked on since it was found."""
    done = session.execute(
        update(batches)
        .where(
            batches.c.issuer_code == found.issuer_code,
            batches.c.id == found.id,
            batches.c.state == found.state.value,
            batches.c.last_line == found.last_line,
            batches.c.ready == found.ready,
        )
        .values(**_plain(changes))
        .returning(batches.c.id)
    ).first()
    return done is not None


def add_lines(session: Session, found: Batch, lines: list[BatchLine]) -> None:
    """Store what became of lines that were checked."""
    key = {"issuer_code": found.issuer_code, "batch_id": found.id}
    if lines:
        session.execute(insert(batch_lines), [key | _line_row(line) for line in lines])


def settle_line(session: Session, found: Batch, line: BatchLine) -> bool:
    """Store what became of a ready line; False when somebody else has."""
    wanted = {
        "issuer_code": found.issuer_code,
        "batch_id": found.id,
        "number": line.number,
        "state": LineState.READY.value,
    }
    changes = {"held_by": None, "held_until": None} | _line_row(line)
    return changed(session, batch_lines, wanted, changes)


def lines(
    session: Session,
    found: Batch,
    *,
    states: tuple[LineState, ...],
    after: int = 0,
    limit: int,
) -> tuple[BatchLine, ...]:
    """Return lines in these states behind line `after`, in the order of the file."""
    query = (
        select(batch_lines)
        .where(
            batch_lines.c.issuer_code == found.issuer_code,
            batch_lines.c.batch_id == found.id,
            batch_lines.c.state.in_(states),
            batch_lines.c.number > after,
        )
        .order_by(batch_lines.c.number)
        .limit(limit)
    )
    return tuple(_line(row) for row in session.execute(query).mappings())


def _named(columns: Any, issuer_code: str, batch_id: str) -> ColumnElement[bool]:
    return and_(columns.issuer_code == issuer_code, columns.id == batch_id)


def _free(columns: Any, hold: Hold) -> ColumnElement[bool]:
    """Held by nobody, by a worker that let its time pass, or by the same before it died."""
    return or_(
        columns.held_by.is_(None),
        columns.held_by == hold.worker,
        columns.held_until < hold.at.isoformat(),
    )


def _one(session: Session, **values: str) -> Batch | None:
    query = select(batches).where(*(batches.c[name] == value for name, value in values.items()))
    row = session.execute(query).mappings().first()
    return _batch(row) if row else None


def _batch(row: RowMapping) -> Batch:
    members = {field.name: row[field.name] for field in fields(Batch)}
    for name in _TIMES:
        members[name] = members[name] and datetime.fromisoformat(members[name])
    return Batch(**members | {"state": BatchState(row["state"]), "form": Form(row["form"])})


def _line(row: RowMapping) -> BatchLine:
    problems = tuple(DataProblem(*entry) for entry in json.loads(row["problems"] or "[]"))
    return BatchLine(
        row["number"],
        LineState(row["state"]),
        row["application_id"],
        row["identifier"],
        problems,
    )


def _line_row(line: BatchLine) -> dict[str, Any]:
    problems = [[p.field, p.code, p.zh, p.en] for p in line.problems]
    return {
        "number": line.number,
        "state": line.state.value,
        "application_id": line.application_id,
        "identifier": line.identifier,
        "problems": json.dumps(problems, ensure_ascii=False) if problems else None,
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }
