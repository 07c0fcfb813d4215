"""Tables of batches: the file that was sent, and what became of each of its lines."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from issuance.tables import metadata

__all__ = ["batch_lines", "batches", "metadata"]

_ISSUER = 18
_ID = 40
_ACTOR = 128
_TIME = 32
_STATE = 24
_INDEX = 32
_IDENTIFIER = 128
_WORKER = 128

batches = Table(
    "batches",
    metadata,
    Column("issuer_code", String(_ISSUER), primary_key=True),
    Column("id", String(_ID), primary_key=True),
    Column("state", String(_STATE), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("form", String(16), nullable=False),
    Column("idempotency_key", String(128), nullable=False),
    Column("content_index", LargeBinary(_INDEX), nullable=False),
    Column("parts", Integer, nullable=False),
    Column("submitted_by", String(_ACTOR), nullable=False),
    Column("submitted_at", String(_TIME), nullable=False),
    Column("advanced_at", String(_TIME), nullable=False),
    Column("last_line", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("ready", BigInteger, nullable=False),
    Column("minted", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("stopped_by", String(64)),
    Column("reviewed_by", String(_ACTOR)),
    Column("reviewed_at", String(_TIME)),
    Column("review_reason", String(400)),
    Column("finished_at", String(_TIME)),
    Column("file_erased_at", String(_TIME)),
    Column("forms", String(16), nullable=False, server_default="ofd+pdf"),
    Column("held_by", String(_WORKER)),
    Column("held_until", String(_TIME)),
    UniqueConstraint("issuer_code", "idempotency_key"),
    Index("batches_by_state", "state", "advanced_at"),
)

batch_lines = Table(
    "batch_lines",
    metadata,
    Column("issuer_code", String(_ISSUER), primary_key=True),
    Column("batch_id", String(_ID), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(_STATE), nullable=False),
    Column("application_id", String(_ID)),
    Column("identifier", String(_IDENTIFIER)),
    Column("problems", String),
    Column("held_by", String(_WORKER)),
    Column("held_until", String(_TIME)),
    Index("batch_lines_by_state", "issuer_code", "batch_id", "state", "number"),
)
"""`problems` is JSON; a problem never quotes a value. `held_by` names the worker that mints the
line, until `held_until`; in `batches`, the one that reads the file."""
