"""Every table of the service, for migrations. Each package owns and queries its own."""

from ca import tables as ca_tables
from issuance import tables as issuance_tables
from verification import tables as verification_tables
from yinxin import accounts, holder_links
from yinxin.audit_heads import audit_heads

METADATA = (
    ca_tables.metadata,
    issuance_tables.metadata,
    verification_tables.metadata,
    accounts.metadata,
    audit_heads.metadata,  # with the audit chain itself
    holder_links.metadata,
)
