"""Private keys as PKCS#8 (RFC 5208): SM2, and ECDSA P-256."""

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ca.errors import KeyMismatchError
from ca.keystores.secret import Secret
from ca.keystores.signers import ECDSASigner, HeldSM2Key, SM2Signer
from sealkit.asn1 import der
from sealkit.asn1.x509 import Certificate
from sealkit.errors import InvalidKeyError, MalformedError
from sealkit.signer import Signer

_SM2_ALGORITHM: Final = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")


def signer_of(name: str, pkcs8: Secret, certificate: Certificate) -> Signer:
    """Return the signer of a DER private key; the key in `pkcs8` stays the caller's to wipe.

    Raises:
        MalformedError: if it is no private key.
        KeyMismatchError: if it is of another kind, or not that of `certificate`.
    """
    with pkcs8.opened() as octets:
        scalar = _sm2_scalar(bytes(octets))
        if scalar is not None:
            with Secret(bytearray(scalar)) as number, number.opened() as digits:
                try:
                    return SM2Signer(HeldSM2Key(digits), certificate)
                except InvalidKeyError as error:
                    raise MalformedError(f"{name} is no private key") from error
        try:
            key = serialization.load_der_private_key(octets, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # Without its cause: a parser's words may quote what it read.
            raise MalformedError(f"{name} is no private key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyMismatchError(f"{name} is neither an SM2 nor an ECDSA P-256 key")
    return ECDSASigner(key, certificate)


def _sm2_scalar(pkcs8: bytes) -> bytes | None:
    """Return d of an SM2 PKCS#8 key, or None when it is of another kind."""
    outer = der.parse(pkcs8, der.SEQUENCE).children()
    outer.integer()
    if outer.take(der.SEQUENCE).der != _SM2_ALGORITHM:
        return None
    inner = der.parse(outer.octets(), der.SEQUENCE).children()
    inner.integer()
    scalar = inner.octets()
    if len(scalar) != 32:
        raise MalformedError("an SM2 private key has 32 bytes")
    return scalar
