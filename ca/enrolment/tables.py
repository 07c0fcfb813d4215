"""Rows of enrolments. The authority's name leads every key; times are ISO 8601 in UTC."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from ca.tables import metadata

enrolments = Table(
    "ca_enrolments",
    metadata,
    Column("authority", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("way", String(16), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("subject", String, nullable=False),
    Column("spki", LargeBinary, nullable=False),
    Column("spki_digest", LargeBinary(32), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("particulars", String, nullable=False),
    Column("not_after", String(32)),
    Column("predecessor", String(40)),
    Column("submitted_by", String(64), nullable=False),
    Column("department", String(18), nullable=False),
    Column("submitted_at", String(32), nullable=False),
    Column("approvals_needed", Integer, nullable=False),
    Column("idempotency_key", String(128), nullable=False),
    Column("submission_digest", LargeBinary(32), nullable=False),
    Column("serial", String(40)),
    Column("issued_at", String(32)),
    UniqueConstraint("authority", "submitted_by", "idempotency_key"),
)

decisions = Table(
    "ca_enrolment_decisions",
    metadata,
    Column("authority", String(64), primary_key=True),
    Column("enrolment", String(32), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("decision", String(16), nullable=False),
    Column("note", String(512), nullable=False),
    Column("at", String(32), nullable=False),
)
"""The key makes sure that nobody counts twice."""

Index("ca_enrolments_by_state", enrolments.c.authority, enrolments.c.state, enrolments.c.id)
Index("ca_enrolments_by_key", enrolments.c.authority, enrolments.c.spki_digest)
