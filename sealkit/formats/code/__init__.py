"""The licence as a code (二维码): a signed credential small enough to print."""

from sealkit.formats.code.credential import CodeClaims, CodeCredential, decode, encode

__all__ = ["CodeClaims", "CodeCredential", "decode", "encode"]
