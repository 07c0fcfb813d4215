"""The QR credential (二维码凭证): a licence on paper that verifies without a connection."""

from sealkit.formats.code.credential import (
    PREFIX,
    CodeClaims,
    CodeCredential,
    UnknownDictionaryError,
    UnknownVersionError,
    decode,
    encode,
)

__all__ = [
    "PREFIX",
    "CodeClaims",
    "CodeCredential",
    "UnknownDictionaryError",
    "UnknownVersionError",
    "decode",
    "encode",
]
