"""Every table of the service, for migrations. Each package owns and queries its own."""

from ca.enrolment import tables as enrolment_tables  # noqa: F401  # joins the authority's metadata
from ca.escrow.tables import escrowed_keys
from issuance.batches import tables as batch_tables  # noqa: F401  # joins issuance's
from issuance.erasures import tables as erasure_tables  # noqa: F401  # joins issuance's
from issuance.seals import tables as issuance_tables
from issuance.suspensions import tables as suspension_tables  # noqa: F401  # joins issuance's
from verification import tables as verification_tables
from yinxin import accounts, holder_links
from yinxin.audit_heads import audit_heads
from yinxin.console.sessions import ended_sessions

METADATA = (
    escrowed_keys.metadata,  # all of the authority
    issuance_tables.metadata,  # all of issuance, with the control of seals
    verification_tables.metadata,
    accounts.metadata,
    audit_heads.metadata,  # with the audit chain itself
    holder_links.metadata,
    ended_sessions.metadata,
)
