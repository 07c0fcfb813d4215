"""Rows of the register. The issuer's USCC leads every primary key.

* Personal data stand only in columns called `sealed_…`: boxes of the vault, bound to their
  row. What must be found again has a keyed digest beside it (`…_index`), what lists show
  is masked before it is stored.
* An edition is never edited but in its state, and never deleted.
* Times are ISO 8601 in UTC, dates ISO in Beijing.
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
    text,
)

metadata = MetaData()

_ISSUER = 18
_SERIAL = 32
_ID = 40
_ACTOR = 128
_TIME = 32
_DATE = 10
_STATE = 24
_INDEX = 32
_IDENTIFIER = 128


def _issuer() -> Column[str]:
    return Column("issuer_code", String(_ISSUER), primary_key=True)


def _edition_key() -> tuple[Column[str], Column[str], Column[int]]:
    return (
        _issuer(),
        Column("serial", String(_SERIAL), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
    )


applications = Table(
    "applications",
    metadata,
    _issuer(),
    Column("id", String(_ID), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("state", String(_STATE), nullable=False),
    Column("sealed_data", LargeBinary, nullable=False),
    Column("holders_masked", String(400), nullable=False),
    Column("idempotency_key", String(128), nullable=False),
    Column("request_index", LargeBinary(_INDEX), nullable=False),
    Column("submitted_by", String(_ACTOR), nullable=False),
    Column("submitted_at", String(_TIME), nullable=False),
    Column("reviewed_by", String(_ACTOR)),
    Column("reviewed_at", String(_TIME)),
    Column("review_reason", String(400)),
    Column("reason_code", String(2), nullable=False, server_default="01"),
    Column("replaces", String(_SERIAL)),
    Column("batch_id", String(_ID)),
    UniqueConstraint("issuer_code", "idempotency_key"),
    # Lines of a batch are decided together, and a million of them cost this index nothing.
    Index(
        "applications_by_state",
        "issuer_code",
        "state",
        "submitted_at",
        "id",
        sqlite_where=text("batch_id IS NULL"),
        postgresql_where=text("batch_id IS NULL"),
    ),
)

application_remarks = Table(
    "application_remarks",
    metadata,
    _issuer(),
    Column("application_id", String(_ID), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("field", String(64), primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("at", String(_TIME), nullable=False),
)
"""What is to be completed, each time that an application is returned."""

application_attachments = Table(
    "application_attachments",
    metadata,
    _issuer(),
    Column("application_id", String(_ID), primary_key=True),
    Column("id", String(_ID), primary_key=True),
    Column("type", String(8), nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("added_by", String(_ACTOR), nullable=False),
    Column("added_at", String(_TIME), nullable=False),
    Column("sealed_name", LargeBinary, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    *_edition_key(),
    Column("source", String(64), nullable=False),
    Column("seal_id", String(_ID), nullable=False),
    Column("sealed_salt", LargeBinary, nullable=False),
    Column("planned_by", String(_ACTOR), nullable=False),
    Column("planned_at", String(_TIME), nullable=False),
    Column("finished_at", String(_TIME)),
    Column("forms", String(16), nullable=False, server_default="ofd+pdf"),
    UniqueConstraint("issuer_code", "source"),
    Index("plans_unfinished", "finished_at"),
)
"""What minting fixed before anything was signed. `source` is ``application:<id>`` or
``objection:<id>``; its uniqueness is what makes minting twice give one licence."""

editions = Table(
    "editions",
    metadata,
    *_edition_key(),
    Column("identifier", String(_IDENTIFIER), nullable=False, unique=True),
    Column("application_id", String(_ID), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("kind_code", String(21), nullable=False),
    Column("kind_name", String(256), nullable=False),
    Column("issuer_name", String(512), nullable=False),
    Column("state", String(_STATE), nullable=False),
    Column("disputed", Boolean, nullable=False),
    Column("reason_code", String(2), nullable=False),
    Column("sealed_record", LargeBinary, nullable=False),
    Column("record_digest", LargeBinary(32), nullable=False),
    Column("number_index", LargeBinary(_INDEX), nullable=False),
    Column("number_masked", String(128), nullable=False),
    Column("holders_masked", String(400), nullable=False),
    Column("issued_on", String(_DATE), nullable=False),
    Column("valid_from", String(_DATE), nullable=False),
    Column("valid_until", String(_DATE), nullable=False),
    Column("list_number", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("submitted_by", String(_ACTOR), nullable=False),
    Column("reviewed_by", String(_ACTOR), nullable=False),
    Column("minted_by", String(_ACTOR), nullable=False),
    Column("planned_at", String(_TIME), nullable=False),
    Column("published_at", String(_TIME)),
    Column("log_index", BigInteger),
    Index("editions_by_publishing", "issuer_code", "published_at", "serial"),
)

edition_events = Table(
    "edition_events",
    metadata,
    *_edition_key(),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String(_TIME), nullable=False),
    Column("actor", String(_ACTOR), nullable=False),
    Column("step", String(_STATE), nullable=False),
    Column("state_before", String(_STATE), nullable=False),
    Column("state_after", String(_STATE), nullable=False),
    Column("reason_code", String(2)),
    Column("legal_basis", String(400)),
    Column("log_index", Integer),
)

edition_holders = Table(
    "edition_holders",
    metadata,
    *_edition_key(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("holder_index", LargeBinary(_INDEX), nullable=False),
    Index("editions_by_holder", "holder_index"),
)

numbers = Table(
    "licence_numbers",
    metadata,
    _issuer(),
    Column("number_index", LargeBinary(_INDEX), primary_key=True),
    Column("serial", String(_SERIAL), nullable=False),
    Index("licence_numbers_by_licence", "issuer_code", "serial"),
)
"""Licence numbers in force, by keyed digest of kind and number; freed when a licence ends."""

edition_files = Table(
    "edition_files",
    metadata,
    *_edition_key(),
    Column("form", String(16), primary_key=True),
    Column("key", String(256), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("size", Integer, nullable=False),
)

status_slots = Table(
    "status_slots",
    metadata,
    _issuer(),
    Column("list_number", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, nullable=False),
    Column("changed_at", String(_TIME), nullable=False),
)

Index(
    "status_slots_ended",
    status_slots.c.issuer_code,
    status_slots.c.list_number,
    status_slots.c.slot,
    status_slots.c.value,
    sqlite_where=status_slots.c.value != 0,
    postgresql_where=status_slots.c.value != 0,
)
"""Every verification asks which slots of a list say anything but 0; nearly all say 0."""

status_lists = Table(
    "status_lists",
    metadata,
    _issuer(),
    Column("list_number", Integer, primary_key=True, autoincrement=False),
    Column("complete_from", String(_TIME), nullable=False),
    Column("given_out", Integer, nullable=False, server_default="0"),
)
"""Since when each change of a list is kept: what it said before cannot be told truly.

How many slots were given out is counted here, since counting them in the list takes the longer
the fuller it is.
"""

status_changes = Table(
    "status_changes",
    metadata,
    _issuer(),
    Column("list_number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, nullable=False),
    Column("value", Integer, nullable=False),
    Column("changed_at", String(_TIME), nullable=False),
)
"""Every change of a list in its order; the version of a list is the number of its last."""

status_days = Table(
    "status_days",
    metadata,
    _issuer(),
    Column("list_number", Integer, primary_key=True, autoincrement=False),
    Column("day", String(_DATE), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("frozen_at", String(_TIME), nullable=False),
)
"""Frozen lists, one for each day in Beijing; a row is never changed."""

seals = Table(
    "seals",
    metadata,
    _issuer(),
    Column("id", String(_ID), primary_key=True),
    Column("state", String(_STATE), nullable=False),
    Column("name", String(200), nullable=False),
    Column("owner_name", String(200), nullable=False),
    Column("label", String(32), nullable=False),
    Column("kinds", String(1000), nullable=False),
    Column("key_name", String(64), nullable=False),
    Column("valid_from", String(_TIME), nullable=False),
    Column("valid_until", String(_TIME), nullable=False),
    Column("applicant", String(_ACTOR), nullable=False),
    Column("reviewer", String(_ACTOR)),
    Column("maker", String(_ACTOR)),
    Column("der", LargeBinary),
    Column("picture_svg", String),
    Column("changed_at", String(_TIME), nullable=False),
    Column("type", Integer, nullable=False, server_default="6"),
    Column("owner_kind", String(_STATE), nullable=False, server_default="department"),
    Column("second_name", String(200)),
    Column("police_number", String(13)),
    Column("origin", String(_STATE), nullable=False, server_default="made"),
    Column("reason", String(400)),
    Column("replaces", String(_ID)),
    Column("findings", String),
)

seal_uses = Table(
    "seal_uses",
    metadata,
    _issuer(),
    Column("id", String(_ID), primary_key=True),
    Column("seal_id", String(_ID), nullable=False),
    Column("serial", String(_SERIAL), nullable=False),
    Column("version", Integer, nullable=False),
    Column("form", String(16), nullable=False),
    Column("document_digest", LargeBinary(32), nullable=False),
    Column("operator", String(_ACTOR), nullable=False),
    Column("approver", String(_ACTOR), nullable=False),
    Column("at", String(_TIME), nullable=False),
    Column("policy_version", Integer, nullable=False, server_default="0"),
    Column("request_id", String(_ID)),
    UniqueConstraint("issuer_code", "serial", "version", "form", "seal_id"),
    Index("seal_uses_by_seal", "issuer_code", "seal_id", "at"),
)

objections = Table(
    "objections",
    metadata,
    _issuer(),
    Column("id", String(_ID), primary_key=True),
    Column("serial", String(_SERIAL), nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", String(24), nullable=False),
    Column("state", String(_STATE), nullable=False),
    Column("fields", String(1000), nullable=False),
    Column("sealed_claim", LargeBinary, nullable=False),
    Column("claim_index", LargeBinary(_INDEX), nullable=False),
    Column("capacity", String(16), nullable=False),
    Column("lodged_by", String(_ACTOR), nullable=False),
    Column("lodged_at", String(_TIME), nullable=False),
    Column("due_at", String(_TIME)),
    Column("due_provisional", Boolean, nullable=False),
    Column("decided_by", String(_ACTOR)),
    Column("decided_at", String(_TIME)),
    Column("sealed_decision", LargeBinary),
    Column("corrected_version", Integer),
    Index("objections_by_id", "id"),
    Index("objections_by_licence", "issuer_code", "serial"),
    Index("objections_by_due", "issuer_code", "state", "due_at"),
)

objection_events = Table(
    "objection_events",
    metadata,
    _issuer(),
    Column("objection_id", String(_ID), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String(_TIME), nullable=False),
    Column("actor", String(_ACTOR), nullable=False),
    Column("step", String(_STATE), nullable=False),
    Column("state_after", String(_STATE), nullable=False),
)

notices = Table(
    "notices",
    metadata,
    _issuer(),
    Column("id", String(_ID), primary_key=True),
    Column("recipient_kind", String(16), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("event", String(32), nullable=False),
    Column("identifier", String(_IDENTIFIER), nullable=False),
    Column("created_at", String(_TIME), nullable=False),
    Column("delivered_at", String(_TIME)),
    UniqueConstraint("issuer_code", "identifier", "event", "recipient", "created_at"),
    Index("notices_undelivered", "delivered_at"),
)
"""Who has to be told what. A recipient is an organisation's USCC, or a holder's keyed digest
in hexadecimal digits."""

annotated_copies = Table(
    "annotated_copies",
    metadata,
    _issuer(),
    Column("id", String(_ID), primary_key=True),
    Column("serial", String(_SERIAL), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed_note", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("made_by", String(_ACTOR), nullable=False),
    Column("made_at", String(_TIME), nullable=False),
    Column("expires_at", String(_TIME), nullable=False),
    Index("annotated_copies_by_licence", "issuer_code", "serial", "made_at"),
)
"""Annotated copies: their notes; the files are handed out once and not kept."""

endings = Table(
    "endings",
    metadata,
    _issuer(),
    Column("id", String(_ID), primary_key=True),
    Column("serial", String(_SERIAL), nullable=False),
    Column("version", Integer, nullable=False),
    Column("identifier", String(_IDENTIFIER), nullable=False),
    Column("way", String(_STATE), nullable=False),
    Column("cause", String(_STATE), nullable=False),
    Column("legal_basis", String(400), nullable=False),
    Column("state", String(_STATE), nullable=False),
    Column("proposed_by", String(_ACTOR), nullable=False),
    Column("proposed_at", String(_TIME), nullable=False),
    Column("decided_by", String(_ACTOR)),
    Column("decided_at", String(_TIME)),
    Column("reasons", String(2000)),
    Index("endings_by_licence", "issuer_code", "serial", "state"),
    Index("endings_by_state", "issuer_code", "state", "proposed_at"),
)
