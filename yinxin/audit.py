"""The audit chain: every act that signs, reads personal data or decides, in order.

A row holds the SM3 of itself and of the row before, so a row changed, removed, added or
moved breaks the chain where it happened. Rows are written in the transaction of the act.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, select
from sqlalchemy.orm import Session

from sealkit.sm import sm3

metadata = MetaData()

audit_records = Table(
    "audit_records",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("act", String(64), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("detail", String, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)

GENESIS = bytes(32)
_NEWEST: Final = (
    select(audit_records.c.sequence, audit_records.c.digest)
    .order_by(audit_records.c.sequence.desc())
    .limit(1)
)
_APPEND: Final = insert(audit_records)


@dataclass(frozen=True, slots=True)
class AuditFault:
    """The first place where the chain does not hold."""

    sequence: int
    defect: str
    """``"missing"``, ``"changed"`` or ``"unlinked"``; of heads see `yinxin.audit_heads`."""


class AuditChain:
    """An `AuditTrail` in the database."""

    def record(
        self,
        session: Session,
        *,
        actor: str,
        act: str,
        subject: str,
        at: datetime,
        detail: Mapping[str, str],
    ) -> None:
        """Append one act. `detail` names things; it never holds personal data."""
        newest = session.execute(_NEWEST).first()
        sequence, previous = (newest.sequence + 1, newest.digest) if newest else (1, GENESIS)
        row = {
            "sequence": sequence,
            "at": at.isoformat(),
            "actor": actor,
            "act": act,
            "subject": subject,
            "detail": json.dumps(dict(detail), ensure_ascii=False, sort_keys=True),
        }
        session.execute(_APPEND, row | {"previous": previous, "digest": _digest(row, previous)})


def records_about(session: Session, subjects: Sequence[str]) -> list[dict[str, Any]]:
    """Return the records about `subjects`, oldest first, digests in hexadecimal."""
    rows = session.execute(
        select(audit_records)
        .where(audit_records.c.subject.in_(subjects))
        .order_by(audit_records.c.sequence)
    ).mappings()
    return [
        {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
        for row in rows
    ]


def find_fault(session: Session) -> AuditFault | None:
    """Walk the chain and return its first fault, or None when it holds."""
    previous, expected = GENESIS, 1
    rows = session.execute(select(audit_records).order_by(audit_records.c.sequence)).mappings()
    for row in rows:
        if row["sequence"] != expected:
            return AuditFault(expected, "missing")
        if row["previous"] != previous:
            return AuditFault(expected, "unlinked")
        if row["digest"] != _digest(row, previous):
            return AuditFault(expected, "changed")
        previous, expected = row["digest"], expected + 1
    return None


def _digest(row: Mapping[Any, Any], previous: bytes) -> bytes:
    names = ("sequence", "at", "actor", "act", "subject", "detail")
    text = json.dumps([row[name] for name in names], ensure_ascii=False)
    return sm3.digest(previous + text.encode())
