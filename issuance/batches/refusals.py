"""Refused lines of a batch as a file: to read as CSV, or to mend and send again as XLSX.

The CSV names line, field and reason and quotes no value. The workbook repeats the lines as
they were sent, which are personal data: reading it is recorded.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from issuance.batches import deciding
from issuance.batches.reading import RawLine, read_lines
from issuance.batches.receiving import part_key
from issuance.batches.rows import Batch, BatchLine, LineState
from issuance.batches.sheets import RefusedRow, errors_workbook
from issuance.entitlement import CLERK, REVIEWER, require_role
from issuance.errors import BatchFileErasedError
from issuance.ports import Actor, IssuanceServices

MAX_ROWS: Final = 5_000
"""Lines in one file; the next ones follow when these are mended and sent."""
_BAD: Final = (LineState.REFUSED, LineState.FAILED)
_BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it, spreadsheets take UTF-8 for GB 18030."""
_HEADING: Final = ("行号", "字段", "字段名称", "代码", "问题", "Problem")


def refusals_csv(session: Session, services: IssuanceServices, found: Batch) -> bytes:
    """Return what is wrong with each refused line: one row for each problem."""
    kind = services.kinds[found.kind]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_HEADING)
    for line in _refused(session, found):
        for problem in line.problems:
            field = kind.field(problem.field)
            label = field.label_zh if field else ""
            writer.writerow(
                (line.number, problem.field, label, problem.code, problem.zh, problem.en)
            )
    return f"{_BYTE_ORDER_MARK}{file.getvalue()}".encode()


def refusals_workbook(
    session: Session, services: IssuanceServices, found: Batch, *, actor: Actor, at: datetime
) -> bytes:
    """Return the refused lines as they were sent, with the reasons in the last column.

    Raises:
        NotEntitledError: if the caller is neither clerk nor reviewer.
        BatchFileErasedError: if the file that was sent is kept no more.
    """
    require_role(actor, "read refused lines", CLERK, REVIEWER)
    if found.file_erased_at is not None:
        raise BatchFileErasedError
    refused = {line.number: line for line in _refused(session, found)}
    kind = services.kinds[found.kind]
    labels = {field.label_zh: field.name for field in kind.fields}
    parts = (services.files.get(part_key(found.id, part + 1)) for part in range(found.parts))
    sent: dict[int, RawLine] = {}
    for raw in read_lines(parts, found.form, labels):
        if raw.number in refused:
            sent[raw.number] = raw
        if len(sent) == len(refused):
            break
    rows = [
        RefusedRow(number, _cells(sent.get(number)), line.problems)
        for number, line in refused.items()
    ]
    services.audit.record(
        session,
        actor=actor.id,
        act="batch.refusals.read",
        subject=found.id,
        at=at,
        detail={"kind": found.kind, "issuer": found.issuer_code, "lines": str(len(rows))},
    )
    return errors_workbook(kind, rows)


def _refused(session: Session, found: Batch) -> Iterator[BatchLine]:
    last, given = 0, 0
    while given < MAX_ROWS:
        lines = deciding.lines_of(session, found, states=_BAD, after_line=last)
        if not lines:
            return
        yield from lines[: MAX_ROWS - given]
        given += len(lines)
        last = lines[-1].number


def _cells(raw: RawLine | None) -> dict[str, str]:
    """Return the cells of a line by the name of their column."""
    if raw is None or raw.data is None:
        return {}
    cells: dict[str, Any] = {}
    fields = raw.data.get("fields")
    if isinstance(fields, dict):
        cells |= fields
    holders = raw.data.get("holders")
    for number, holder in enumerate(holders if isinstance(holders, list) else (), start=1):
        if isinstance(holder, dict):
            cells |= {f"holder{number}.{member}": value for member, value in holder.items()}
    return {name: value for name, value in cells.items() if isinstance(value, str)}
