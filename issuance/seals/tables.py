"""Tables of the control of seal uses: policies in versions, and requests to use a seal."""

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from issuance.tables import metadata

__all__ = ["metadata", "seal_policies", "seal_requests"]

_ISSUER = 18
_ID = 40
_ACTOR = 128
_TIME = 32
_STATE = 24

seal_policies = Table(
    "seal_policies",
    metadata,
    Column("issuer_code", String(_ISSUER), primary_key=True),
    Column("seal_id", String(_ID), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("state", String(_STATE), nullable=False),
    Column("terms", String, nullable=False),
    Column("reason", String(400), nullable=False),
    Column("proposed_by", String(_ACTOR), nullable=False),
    Column("proposed_at", String(_TIME), nullable=False),
    Column("decided_by", String(_ACTOR)),
    Column("decided_at", String(_TIME)),
)
"""`terms` is canonical JSON and is never changed; a new wish is a new version."""

seal_requests = Table(
    "seal_requests",
    metadata,
    Column("issuer_code", String(_ISSUER), primary_key=True),
    Column("id", String(_ID), primary_key=True),
    Column("seal_id", String(_ID), nullable=False),
    Column("serial", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("identifier", String(128), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("state", String(_STATE), nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("requested_by", String(_ACTOR), nullable=False),
    Column("requested_at", String(_TIME), nullable=False),
    Column("decided_by", String(_ACTOR)),
    Column("decided_at", String(_TIME)),
    Column("reasons", String(400)),
    UniqueConstraint("issuer_code", "seal_id", "serial", "version"),
    Index("seal_requests_by_state", "issuer_code", "seal_id", "state", "requested_at"),
)
"""One request for one seal on one edition."""
