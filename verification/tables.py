"""Rows of verification. They hold no value of any licence, and nobody's number or name.

A holder is found again by a keyed digest; a licence by its identifier.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()

checks = Table(
    "checks",
    metadata,
    Column("organisation", String(18), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("case_number", String(64), nullable=False),
    Column("item", String(64), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("question_digest", LargeBinary(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("answer", String, nullable=False),
    Column("receipt", String, nullable=False),
    Column("at", String(32), nullable=False),
    UniqueConstraint("organisation", "case_number", "item", "attempt"),
)

usage_records = Table(
    "usage_records",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("holder", LargeBinary(32), nullable=False),
    Column("at", String(32), nullable=False),
    Column("organisation", String(18), nullable=False),
    Column("operator", String(128), nullable=False),
    Column("item", String(64), nullable=False),
    Column("case_number", String(64), nullable=False),
    Column("basis", String(32), nullable=False),
    Column("basis_reference", String(200), nullable=False),
    Column("check_id", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Index("usage_records_by_holder", "holder", "at"),
)

usage_licences = Table(
    "usage_licences",
    metadata,
    Column("identifier", String(128), primary_key=True),
    Column("usage_id", Integer, ForeignKey("usage_records.id"), primary_key=True),
)
"""Which editions an answer rested on: who must be told when one is corrected."""
