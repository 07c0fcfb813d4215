"""Rows of the certificate authority, the timestamp service and the transparency log.

The name of the authority, service or log leads every key. Times are ISO 8601 in UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()

_DIGEST_BYTES = 32
_NAME = 64
_SERIAL = 40  # hexadecimal digits of a serial number of 20 bytes
_TIME = 32

certificates = Table(
    "ca_certificates",
    metadata,
    Column("authority", String(_NAME), primary_key=True),
    Column("serial", String(_SERIAL), primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("subject", String(512), nullable=False),
    Column("spki_digest", LargeBinary(_DIGEST_BYTES), nullable=False),
    Column("tbs", LargeBinary, nullable=False),
    Column("planned_at", String(_TIME), nullable=False),
    Column("certificate", LargeBinary),
    Column("issued_at", String(_TIME)),
)
"""Planned before signing: a row without a certificate was never handed out."""

revocations = Table(
    "ca_revocations",
    metadata,
    Column("authority", String(_NAME), primary_key=True),
    Column("serial", String(_SERIAL), primary_key=True),
    Column("revoked_at", String(_TIME), nullable=False),
    Column("reason", Integer, nullable=False),
    Column("invalid_since", String(_TIME)),
)

revocation_lists = Table(
    "ca_revocation_lists",
    metadata,
    Column("authority", String(_NAME), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("this_update", String(_TIME), nullable=False),
    Column("next_update", String(_TIME), nullable=False),
    Column("revoked", Integer, nullable=False),
    Column("crl", LargeBinary, nullable=False),
)

partition_lists = Table(
    "ca_partition_lists",
    metadata,
    Column("authority", String(_NAME), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("partitions", Integer, nullable=False),
    Column("this_update", String(_TIME), nullable=False),
    Column("next_update", String(_TIME), nullable=False),
    Column("revoked", Integer, nullable=False),
    Column("base", LargeBinary, nullable=False),
    Column("delta", LargeBinary, nullable=False),
)
"""Base and delta list are made together and share a number. `partitions` is how many there are."""

ocsp_answers = Table(
    "ca_ocsp_answers",
    metadata,
    Column("authority", String(_NAME), primary_key=True),
    Column("serial", String(_SERIAL), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("revoked", Boolean, nullable=False),
    Column("this_update", String(_TIME), nullable=False),
    Column("next_update", String(_TIME), nullable=False),
    Column("answer", LargeBinary, nullable=False),
)
"""Signed in advance. `form` is the digest of the CertID that is answered, and its encoding."""

timestamp_serials = Table(
    "ca_timestamp_serials",
    metadata,
    Column("service", String(_NAME), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

log_trees = Table(
    "ca_log_trees",
    metadata,
    Column("log", String(_NAME), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
"""The frontier is the hashes of the complete subtrees, largest first, 32 bytes each."""

log_leaves = Table(
    "ca_log_leaves",
    metadata,
    Column("log", String(_NAME), primary_key=True),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary(_DIGEST_BYTES), nullable=False),
    Column("appended_at", String(_TIME), nullable=False),
    UniqueConstraint("log", "leaf_hash"),
)

log_nodes = Table(
    "ca_log_nodes",
    metadata,
    Column("log", String(_NAME), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(_DIGEST_BYTES), nullable=False),
)
"""Complete subtrees only; level 0 is the leaf hashes. Rows never change."""

log_checkpoints = Table(
    "ca_log_checkpoints",
    metadata,
    Column("log", String(_NAME), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("signed_at", String(_TIME), nullable=False),
    Column("note", LargeBinary, nullable=False),
)

Index("ca_certificates_by_key", certificates.c.authority, certificates.c.spki_digest)
Index("ca_ocsp_answers_by_age", ocsp_answers.c.authority, ocsp_answers.c.this_update)
