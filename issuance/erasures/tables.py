"""Rows of erasures; they belong to the register's metadata."""

from sqlalchemy import Column, Index, Integer, String, Table

from issuance.tables import metadata

__all__ = ["erasures", "metadata"]

erasures = Table(
    "erasures",
    metadata,
    Column("issuer_code", String(18), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("serial", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("identifier", String(128), nullable=False),
    Column("legal_basis", String(400), nullable=False),
    Column("state", String(24), nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("proposed_at", String(32), nullable=False),
    Column("decided_by", String(128)),
    Column("decided_at", String(32)),
    Column("reasons", String(2000)),
    Column("proof_key", String(256)),
    Index("erasures_by_edition", "issuer_code", "serial", "version"),
    Index("erasures_by_state", "state"),
)
