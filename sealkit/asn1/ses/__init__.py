"""Electronic seals (电子印章) and what they sign: GB/T 38540 made and read, GM/T 0031 read."""

from sealkit.asn1.ses.build import build_seal, build_signature
from sealkit.asn1.ses.read_seal import MAX_SEAL_BYTES, parse_seal
from sealkit.asn1.ses.read_signature import MAX_SIGNATURE_BYTES, parse_signature
from sealkit.asn1.ses.structures import (
    DEVIATIONS,
    V1,
    V4,
    V5,
    CertificateDigest,
    Extension,
    Seal,
    SealInfo,
    SealPicture,
    SealSignature,
)

__all__ = [
    "DEVIATIONS",
    "MAX_SEAL_BYTES",
    "MAX_SIGNATURE_BYTES",
    "V1",
    "V4",
    "V5",
    "CertificateDigest",
    "Extension",
    "Seal",
    "SealInfo",
    "SealPicture",
    "SealSignature",
    "build_seal",
    "build_signature",
    "parse_seal",
    "parse_signature",
]
