"""Rows of escrow. The authority's name leads every key; times are ISO 8601 in UTC."""

from sqlalchemy import Column, Index, LargeBinary, String, Table

from ca.tables import metadata

escrowed_keys = Table(
    "ca_escrowed_keys",
    metadata,
    Column("authority", String(64), primary_key=True),
    Column("serial", String(40), primary_key=True),
    Column("signing_serial", String(40), nullable=False),
    Column("box", LargeBinary, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("kept_at", String(32), nullable=False),
)

recoveries = Table(
    "ca_key_recoveries",
    metadata,
    Column("authority", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("serial", String(40), nullable=False),
    Column("recipient", String(40), nullable=False),
    Column("reason", String(512), nullable=False),
    Column("requested_by", String(64), nullable=False),
    Column("requested_at", String(32), nullable=False),
    Column("envelope", LargeBinary),
)

recovery_decisions = Table(
    "ca_key_recovery_decisions",
    metadata,
    Column("authority", String(64), primary_key=True),
    Column("recovery", String(32), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("decision", String(16), nullable=False),
    Column("note", String(512), nullable=False),
    Column("at", String(32), nullable=False),
)

Index("ca_escrowed_keys_by_pair", escrowed_keys.c.authority, escrowed_keys.c.signing_serial)
