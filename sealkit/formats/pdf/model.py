"""The signatures in a PDF, as facts.

Not decided here: whether a certificate leads anywhere, whether a timestamp token is good,
what to think of changes made after signing. One thing to know when deciding: a further
signature may bring an appearance of its own that covers the page, so `SIGNATURES` is
harmless only when every later signature is trusted itself.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Modification(StrEnum):
    """What happened to a document after a signature, as far as it can be told."""

    NONE = "none"
    """Not a byte."""
    ARCHIVAL = "archival"
    """Validation data and document timestamps only."""
    SIGNATURES = "signatures"
    """Also further signatures."""
    OTHER = "other"
    """Anything else, or the signature's coverage allows no statement."""


@dataclass(frozen=True, slots=True)
class PDFSignature:
    """One signature found in a PDF, as it stands there, unverified but for arithmetic."""

    field_name: str
    subfilter: str
    is_document_timestamp: bool
    """It is a token about the document and no one's signature."""
    covers_whole_file: bool
    modification: Modification
    """What was done after this signature."""
    digest_holds: bool
    """The covered bytes are those that were signed; False when it is unclear what they are."""
    signature_holds: bool | None
    """The value verifies with the certificate's key; None for an algorithm not spoken here."""
    algorithm: str
    """Signature algorithm, dotted."""
    signature_value: bytes
    """What the timestamp is about, DER."""
    cms_der: bytes
    signer_certificate_der: bytes
    certificates: tuple[bytes, ...]
    """DER, the signer's first."""
    signed_at: datetime | None
    """As claimed by the signer: CMS signing time, else /M."""
    timestamp_der: bytes | None
    """RFC 3161 token, not checked."""
    reason: str | None
    location: str | None
