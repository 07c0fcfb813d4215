"""Every query of verification."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from verification.tables import checks, usage_licences, usage_records


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """One answered check, as it is kept."""

    organisation: str
    id: str
    case_number: str
    item: str
    attempt: int
    question_digest: bytes
    """Keyed digest of the holder asked about; tells a repeated question from another."""
    outcome: str
    answer: dict[str, Any]
    receipt: str
    at: str


def newest_check(
    session: Session, *, organisation: str, case_number: str, item: str
) -> StoredCheck | None:
    """Return the newest answer to this question of this case."""
    query = (
        select(checks)
        .where(
            checks.c.organisation == organisation,
            checks.c.case_number == case_number,
            checks.c.item == item,
        )
        .order_by(checks.c.attempt.desc())
        .limit(1)
    )
    row = session.execute(query).mappings().first()
    return _stored(row) if row else None


def check_by_id(session: Session, *, organisation: str, check_id: str) -> StoredCheck | None:
    """Return one check of `organisation`."""
    query = select(checks).where(checks.c.organisation == organisation, checks.c.id == check_id)
    row = session.execute(query).mappings().first()
    return _stored(row) if row else None


def add_check(session: Session, check: StoredCheck) -> bool:
    """Store an answer; return False when another request has answered meanwhile."""
    members = {name: getattr(check, name) for name in StoredCheck.__slots__}
    members["answer"] = json.dumps(check.answer, ensure_ascii=False, sort_keys=True)
    try:
        with session.begin_nested():
            session.execute(insert(checks).values(**members))
    except IntegrityError:
        return False
    return True


def add_usage(session: Session, *, licences: Iterable[str], **members: Any) -> None:
    """Store one line of the use log (用证留痕), with the editions that the answer rests on."""
    (usage_id,) = session.execute(
        insert(usage_records).values(**members).returning(usage_records.c.id)
    ).one()
    rows = [{"identifier": one, "usage_id": usage_id} for one in dict.fromkeys(licences)]
    if rows:
        session.execute(insert(usage_licences), rows)


def usage_of(session: Session, holder: bytes) -> list[dict[str, Any]]:
    """Return the use log of one holder, newest first, without its keyed digest."""
    query = (
        select(usage_records)
        .where(usage_records.c.holder == holder)
        .order_by(usage_records.c.at.desc(), usage_records.c.id.desc())
    )
    rows = session.execute(query).mappings()
    return [{name: row[name] for name in row if name != "holder"} for row in rows]


def licences_of_use(session: Session, usage_id: int) -> list[str]:
    """Return the editions that one line of the use log names."""
    query = (
        select(usage_licences.c.identifier)
        .where(usage_licences.c.usage_id == usage_id)
        .order_by(usage_licences.c.identifier)
    )
    return list(session.scalars(query))


def organisations_using(session: Session, identifier: str) -> tuple[str, ...]:
    """Return the USCC of each organisation whose checks rested on the edition `identifier`."""
    query = (
        select(usage_records.c.organisation)
        .join(usage_licences, usage_licences.c.usage_id == usage_records.c.id)
        .where(usage_licences.c.identifier == identifier)
        .distinct()
        .order_by(usage_records.c.organisation)
    )
    return tuple(session.scalars(query))


def _stored(row: RowMapping) -> StoredCheck:
    members = dict(row)
    members["answer"] = json.loads(members["answer"])
    return StoredCheck(**members)
