"""Rows of proposals to suspend many licences; they belong to the register's metadata."""

from sqlalchemy import Column, Integer, String, Table

from issuance.tables import metadata

__all__ = ["metadata", "suspension_lines", "suspensions"]

suspensions = Table(
    "suspensions",
    metadata,
    Column("issuer_code", String(18), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("state", String(24), nullable=False),
    Column("legal_basis", String(400), nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("proposed_at", String(32), nullable=False),
    Column("decided_by", String(128)),
    Column("decided_at", String(32)),
    Column("reasons", String(2000)),
)

suspension_lines = Table(
    "suspension_lines",
    metadata,
    Column("issuer_code", String(18), primary_key=True),
    Column("suspension_id", String(40), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("identifier", String(128), nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("problem", String(64)),
    Column("state", String(24)),
)
