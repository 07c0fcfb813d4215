"""A batch and its lines as values, and the steps a batch may take.

    received → checked → approved → finished
               checked → rejected

*Received*: its lines are being checked. *Checked*: it waits for its reviewer. *Approved*: its
good lines are being minted. A batch that cannot go on for now keeps its state and says why
(`Batch.stopped_by`); it goes on by itself when the cause is mended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from issuance.errors import DataProblem
from issuance.register_rows import OFD_AND_PDF


class BatchState(StrEnum):
    """Where a batch stands."""

    RECEIVED = "received"
    CHECKED = "checked"
    APPROVED = "approved"
    REJECTED = "rejected"
    FINISHED = "finished"


class LineState(StrEnum):
    """What became of one line."""

    REFUSED = "refused"
    """Its data break rules; see its problems."""
    READY = "ready"
    """An application; nothing is minted yet."""
    MINTED = "minted"
    FAILED = "failed"
    """Its application is good, but no licence could be minted; see its problems."""


class Form(StrEnum):
    """How a file of lines is written."""

    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"


BATCH_STEPS: Final[Mapping[str, Mapping[BatchState, BatchState]]] = {
    "check": {BatchState.RECEIVED: BatchState.CHECKED},
    "approve": {BatchState.CHECKED: BatchState.APPROVED},
    "reject": {BatchState.CHECKED: BatchState.REJECTED},
    "finish": {BatchState.APPROVED: BatchState.FINISHED},
}
MOVING: Final = (BatchState.RECEIVED, BatchState.APPROVED)
"""States in which the service has work to do."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One file of applications."""

    issuer_code: str
    id: str
    state: BatchState
    kind: str
    form: Form
    idempotency_key: str
    content_index: bytes
    """Keyed digest of kind, form and content: tells a repeated upload from another."""
    parts: int
    """How many files of the store hold its content."""
    submitted_by: str
    submitted_at: datetime
    advanced_at: datetime
    """When the service last worked on it."""
    last_line: int = 0
    """Number of the last line that was checked."""
    refused: int = 0
    ready: int = 0
    """Lines that are applications and neither minted nor failed."""
    minted: int = 0
    failed: int = 0
    stopped_by: str | None = None
    """Code of the error that it waits for to be mended."""
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    review_reason: str | None = None
    finished_at: datetime | None = None
    forms: str = OFD_AND_PDF
    """What each licence is made as, beside its code."""
    file_erased_at: datetime | None = None
    """When the file that was sent was erased; what became of its lines stays."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """What became of one line of a batch."""

    number: int
    """As a clerk counts: the first line of the file is 1, the heading of a table included."""
    state: LineState
    application_id: str | None = None
    identifier: str | None = None
    """Of the licence."""
    problems: tuple[DataProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """A worker's word that it works on something, and how long it is believed."""

    worker: str
    at: datetime
    until: datetime
