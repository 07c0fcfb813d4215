"""Signature and digest algorithms by their object identifiers.

The one place that goes from an identifier in a structure to the computation it names, for
seals, signed messages and timestamps. What is not listed here is an `UnsupportedError`.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealkit import oids
from sealkit.asn1 import der
from sealkit.errors import (
    InvalidKeyError,
    InvalidSignatureError,
    MalformedError,
    UnsupportedError,
)
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3, Signer
from sealkit.sm import signature as encodings
from sealkit.sm.sm2 import SM2PublicKey

SM2_ALGORITHMS: Final = frozenset({oids.SM2_WITH_SM3, oids.SM2_SIGNATURE})
"""The two identifiers that deployed software writes for one and the same signature."""

DIGEST_NAMES: Final[Mapping[str, str]] = {
    oids.SM3: "sm3",
    oids.SM3_WITHOUT_KEY: "sm3",
    oids.SHA256: "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""Names of the digests we compute, as in `hashlib`, by identifier."""

_SIGNATURE_OF: Final = {
    SM2_SM3: oids.SM2_WITH_SM3,
    ECDSA_P256_SHA256: oids.ECDSA_WITH_SHA256,
}
_WITHOUT_PARAMETERS: Final = SM2_ALGORITHMS | {oids.ECDSA_WITH_SHA256} | DIGEST_NAMES.keys()
_DIGEST_OF: Final = {SM2_SM3: oids.SM3, ECDSA_P256_SHA256: oids.SHA256}


def digest(algorithm: str, message: bytes) -> bytes:
    """Return the digest of `message` under a dotted algorithm: SM3 or SHA-2, no weaker one.

    Raises:
        UnsupportedError: if the algorithm is another.
    """
    if algorithm not in DIGEST_NAMES:
        raise UnsupportedError(f"digest algorithm {algorithm}")
    return hashlib.new(DIGEST_NAMES[algorithm], message).digest()


def signature_algorithm(signer: Signer) -> str:
    """Return the dotted identifier of what `signer` computes."""
    return _SIGNATURE_OF[signer.algorithm]


def digest_algorithm(signer: Signer) -> str:
    """Return the dotted identifier of the digest that goes with `signer`."""
    return _DIGEST_OF[signer.algorithm]


def read_identifier(reader: der.Reader) -> str:
    """Take an AlgorithmIdentifier and return its dotted identifier.

    Parameters of the algorithms of this module must be absent or NULL; those of others are
    left unread, since the algorithm will be refused.

    Raises:
        MalformedError: if there are other parameters.
    """
    inner = reader.sequence()
    algorithm = inner.object_identifier()
    parameters = inner.next_tag()
    if parameters is not None:
        inner.take()
    inner.finish()
    if parameters not in (None, der.NULL) and algorithm in _WITHOUT_PARAMETERS:
        raise MalformedError(f"algorithm {algorithm} has parameters")
    return algorithm


def sign(signer: Signer, message: bytes) -> bytes:
    """Return the DER signature of `signer` over `message`."""
    return encodings.to_der(signer.sign(message))


def verify(spki: bytes, algorithm: str, signature: bytes, message: bytes) -> None:
    """Check a DER signature under a dotted algorithm with the key of a certificate.

    Raises:
        InvalidSignatureError: if it does not hold, or the key is not of that kind.
        UnsupportedError: if the algorithm is neither SM2 with SM3 nor ECDSA P-256 with SHA-256.
    """
    if algorithm in SM2_ALGORITHMS:
        _verify_sm2(spki, signature, message)
    elif algorithm == oids.ECDSA_WITH_SHA256:
        _verify_ecdsa(spki, signature, message)
    else:
        raise UnsupportedError(f"signature algorithm {algorithm}")


def _verify_sm2(spki: bytes, signature: bytes, message: bytes) -> None:
    try:
        key = SM2PublicKey.from_spki(spki)
    except (MalformedError, InvalidKeyError) as error:
        raise InvalidSignatureError("an SM2 signature, but no usable SM2 key") from error
    key.verify_der(signature, message)


def _verify_ecdsa(spki: bytes, signature: bytes, message: bytes) -> None:
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidSignatureError("an ECDSA signature, but no usable key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidSignatureError("an ECDSA P-256 signature, but another kind of key")
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise InvalidSignatureError("ECDSA signature does not verify") from error
