"""Rows of verification. They hold no value of any licence, and nobody's number or name.

A holder is found again by a keyed digest; a licence by its identifier; a code that a holder
passes on or shows by its SM3.
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
    Column("fields", String, nullable=False, server_default=""),
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

consents = Table(
    "consents",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("holder", LargeBinary(32), nullable=False),
    Column("items", String, nullable=False),
    Column("fields", String, nullable=False),
    Column("organisations", String, nullable=False),
    Column("given_at", String(32), nullable=False),
    Column("given_through", String(16), nullable=False),
    Column("valid_from", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("uses", Integer, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("withdrawn_at", String(32)),
    Index("consents_by_holder", "region", "holder", "given_at"),
)
"""`id` is the SM3 of the code that the holder passes on, hexadecimal."""

consent_uses = Table(
    "consent_uses",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("consent_id", String(64), primary_key=True),
    Column("organisation", String(18), primary_key=True),
    Column("case_number", String(64), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("check_id", String(32), nullable=False),
    Column("at", String(32), nullable=False),
)
"""What each use was spent on; the same question of the same case spends once."""

shown_codes = Table(
    "shown_codes",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("holder", LargeBinary(32), nullable=False),
    Column("shown_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("scanned_at", String(32)),
    Index("shown_codes_by_holder", "region", "holder", "shown_at"),
)
"""Codes that holders show at counters; `id` is the SM3 of the code, hexadecimal."""

consent_requests = Table(
    "consent_requests",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("holder", LargeBinary(32), nullable=False),
    Column("organisation", String(18), nullable=False),
    Column("operator", String(128), nullable=False),
    Column("item", String(64), nullable=False),
    Column("fields", String, nullable=False),
    Column("case_number", String(64), nullable=False),
    Column("asked_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_at", String(32)),
    Index("consent_requests_by_holder", "region", "holder", "asked_at"),
)
"""Scan transactions of counters; `id` is the SM3 of the transaction, hexadecimal."""

presentations = Table(
    "presentations",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("licence", String(128), nullable=False),
    Column("shown_by", String(192), nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("transaction", String(64)),
    Column("organisation", String(18), nullable=False),
    Column("operator", String(128), nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("asked", String, nullable=False),
    Column("agreed", String, nullable=False),
    Column("scanned_at", String(32)),
    Column("decided_at", String(32)),
    UniqueConstraint("region", "transaction"),
    Index("presentations_by_phone", "region", "shown_by", "opened_at"),
)
"""Showings of licences (亮证); what was asked and agreed to by name, never a value."""

use_codes = Table(
    "use_codes",
    metadata,
    Column("region", String(6), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("holder", LargeBinary(32), nullable=False),
    Column("licence", String(128), nullable=False),
    Column("organisation", String(18), nullable=False),
    Column("operator", String(128), nullable=False),
    Column("item", String(64), nullable=False),
    Column("case_number", String(64), nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("basis", String(32), nullable=False),
    Column("basis_reference", String(200), nullable=False),
    Column("fields", String, nullable=False),
    Column("issued_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("used_at", String(32)),
    Column("withdrawn_at", String(32)),
    Index("use_codes_by_holder", "region", "holder", "issued_at"),
)
"""Use codes (用证码) of the sharing interfaces; the code itself is kept as its SM3 only."""
