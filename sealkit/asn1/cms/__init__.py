"""Signed messages, made and read: RFC 5652 and GB/T 35275."""

from sealkit.asn1.cms.attributes import SignedAttributes
from sealkit.asn1.cms.signed_data import MAX_SIGNED_DATA_BYTES, SignedData, parse
from sealkit.asn1.cms.signing import sign

__all__ = ["MAX_SIGNED_DATA_BYTES", "SignedAttributes", "SignedData", "parse", "sign"]
