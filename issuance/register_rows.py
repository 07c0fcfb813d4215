"""Rows of the register as values: applications, editions, plans, files."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from issuance.states import ApplicationState, EditionState

OFD_AND_PDF: Final = "ofd+pdf"
OFD_ONLY: Final = "ofd"
"""What a licence is made as, beside its code."""
NO_SALT: Final = b""
"""What stands in a plan where the salt of its log entry was destroyed."""


@dataclass(frozen=True, slots=True, order=True)
class EditionKey:
    """What names one edition in the register."""

    issuer_code: str
    serial: str
    version: int

    def __str__(self) -> str:
        return f"{self.issuer_code}:{self.serial}:{self.version:03}"


@dataclass(frozen=True, slots=True)
class Application:
    """One application, its content sealed."""

    issuer_code: str
    id: str
    kind: str
    state: ApplicationState
    sealed_data: bytes = field(repr=False)
    holders_masked: str
    idempotency_key: str
    request_index: bytes = field(repr=False)
    """Keyed digest of kind and content: tells a repeated request from another."""
    submitted_by: str
    submitted_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    review_reason: str | None = None
    reason_code: str = "01"
    """change_reasons of the code lists: ``01`` new, ``02`` renewal and so on."""
    replaces: str | None = None
    """Serial of the licence that a new edition is asked for."""
    batch_id: str | None = None
    """The batch that it is a line of, and is decided with."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a licence, its record sealed."""

    issuer_code: str
    serial: str
    version: int
    identifier: str
    application_id: str
    kind: str
    kind_code: str
    kind_name: str
    issuer_name: str
    state: EditionState
    disputed: bool
    reason_code: str
    """Why this edition was made: change_reasons of the code lists, ``01`` new, ``04`` corrected."""
    sealed_record: bytes = field(repr=False)
    record_digest: bytes = field(repr=False)
    """SM3 over the record's canonical JSON."""
    number_index: bytes = field(repr=False)
    number_masked: str
    holders_masked: str
    issued_on: str
    valid_from: str
    valid_until: str
    list_number: int
    slot: int
    submitted_by: str
    reviewed_by: str
    """Who reviewed the application, or decided the objection that led to this edition."""
    minted_by: str
    planned_at: datetime
    published_at: datetime | None = None
    log_index: int | None = None

    @property
    def key(self) -> EditionKey:
        """What names this edition."""
        return EditionKey(self.issuer_code, self.serial, self.version)


@dataclass(frozen=True, slots=True)
class Plan:
    """What minting fixed before it signed."""

    key: EditionKey
    source: str
    """``application:<id>`` or ``objection:<id>``."""
    seal_id: str
    sealed_salt: bytes = field(repr=False)
    """Of the log leaf."""
    planned_by: str
    planned_at: datetime
    finished_at: datetime | None = None
    forms: str = OFD_AND_PDF
    """`OFD_AND_PDF` or `OFD_ONLY`; the code is always made."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of an edition."""

    form: str
    """``ofd``, ``pdf``, ``code.txt``, ``code.png`` or ``proof``."""
    key: str
    """In the file store; it holds the digest, so a key is never written twice."""
    digest: bytes
    """SM3 of the file."""
    size: int


@dataclass(frozen=True, slots=True)
class EditionEvent:
    """One step in the life of an edition."""

    sequence: int
    at: datetime
    actor: str
    step: str
    state_before: str
    state_after: str
    reason_code: str | None
    legal_basis: str | None
    log_index: int | None = None
    """Where the log has the step; None for a step without an entry of its own."""
