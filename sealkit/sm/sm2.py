"""SM2 signatures with SM3 (GB/T 32918.2), the signature of everything Yinxin seals.

* Z binds the key and the signer ID to what is signed: e = SM3(Z‖M).
* The signer ID is `DEFAULT_SIGNER_ID` everywhere but in TLS.
* Keys and signatures are checked here, whatever the backend would let pass:
  point on the curve, 1 ≤ d ≤ n−2, P = dG, 1 ≤ r, s ≤ n−1, r+s ≢ 0, minimal DER.
"""

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from sealkit.errors import InvalidKeyError, InvalidSignatureError, MalformedError
from sealkit.sm import backend, curve, signature, sm3

DEFAULT_SIGNER_ID: Final = b"1234567812345678"
MAX_SIGNER_ID_BYTES: Final = 8191  # its length in bits fills two octets

SPKI_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""SubjectPublicKeyInfo of an SM2 key, all but the 65-byte point."""

KID_BYTES: Final = 8


def identity_digest(point: bytes, signer_id: bytes = DEFAULT_SIGNER_ID) -> bytes:
    """Return Z, the 32-byte SM3 digest that binds a key to its holder.

    GB/T 32918.2. The length of `signer_id` enters as a count of bits in two octets.

    Raises:
        ValueError: if `signer_id` is over 8191 bytes.
    """
    if len(signer_id) > MAX_SIGNER_ID_BYTES:
        raise ValueError("an SM2 signer ID has at most 8191 bytes")
    length = (len(signer_id) * 8).to_bytes(2)
    return sm3.digest(length + signer_id + curve.CURVE_DIGEST_INPUT + point[1:])


@dataclass(frozen=True)
class SM2PublicKey:
    """A point on the SM2 curve that signatures are checked against."""

    point: bytes
    """04‖x‖y, 65 bytes."""

    def __post_init__(self) -> None:
        if not curve.is_point(self.point):
            raise InvalidKeyError("SM2 public key is not a point on the curve")

    @classmethod
    def from_spki(cls, spki: bytes) -> "SM2PublicKey":
        """Read the DER SubjectPublicKeyInfo of an SM2 key.

        Raises:
            MalformedError: if it is not ecPublicKey on the SM2 curve, uncompressed.
            InvalidKeyError: if the point is off the curve.
        """
        if not spki.startswith(SPKI_PREFIX):
            raise MalformedError("not the SubjectPublicKeyInfo of an SM2 key")
        return cls(spki[len(SPKI_PREFIX) :])

    @property
    def spki(self) -> bytes:
        """The DER SubjectPublicKeyInfo, 91 bytes."""
        return SPKI_PREFIX + self.point

    @cached_property
    def kid(self) -> bytes:
        """First 8 bytes of SM3 over `spki`: a routing hint that survives renewal, not an identity."""  # noqa: E501
        return sm3.digest(self.spki)[:KID_BYTES]

    def digest(self, message: bytes, signer_id: bytes = DEFAULT_SIGNER_ID) -> bytes:
        """Return e = SM3(Z‖message), what SM2 really signs."""
        return sm3.digest(self._identity(signer_id) + message)

    def verify(self, raw: bytes, message: bytes, signer_id: bytes = DEFAULT_SIGNER_ID) -> None:
        """Check the 64-byte r‖s over `message`.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.verify_digest(raw, self.digest(message, signer_id))

    def verify_der(self, der: bytes, message: bytes, signer_id: bytes = DEFAULT_SIGNER_ID) -> None:
        """Check a DER signature over `message`; only the minimal encoding is accepted.

        Raises:
            InvalidSignatureError: if it does not hold or is not strict DER.
        """
        self.verify(signature.from_der(der), message, signer_id)

    def verify_digest(self, raw: bytes, digest: bytes) -> None:
        """Check r‖s over an e computed elsewhere.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        if len(raw) != signature.RAW_BYTES or len(digest) != 32:
            raise InvalidSignatureError("an SM2 signature has 64 bytes over a 32-byte digest")
        r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
        if not (0 < r < curve.N and 0 < s < curve.N) or r + s == curve.N:
            raise InvalidSignatureError("SM2 signature is out of range")
        if not self._key.verify(digest, signature.to_der(raw)):
            raise InvalidSignatureError("SM2 signature does not verify")

    @cached_property
    def _key(self) -> backend.Key:
        return backend.load_public(self.point)

    @cached_property
    def _default_identity(self) -> bytes:
        return identity_digest(self.point)

    def _identity(self, signer_id: bytes) -> bytes:
        if signer_id == DEFAULT_SIGNER_ID:
            return self._default_identity
        return identity_digest(self.point, signer_id)


@dataclass(frozen=True)
class SM2PrivateKey:
    """A private scalar and its point. Only `ca.keystore` and tests hold one."""

    scalar: bytes = field(repr=False)
    """d, 32 bytes, big-endian."""

    def __post_init__(self) -> None:
        if len(self.scalar) != curve.COORDINATE_BYTES:
            raise InvalidKeyError("an SM2 private key has 32 bytes")
        if not curve.is_private_scalar(int.from_bytes(self.scalar)):
            raise InvalidKeyError("SM2 private key is out of range")

    @classmethod
    def generate(cls) -> "SM2PrivateKey":
        """Draw a key from the system's random source."""
        return cls((secrets.randbelow(curve.N - 2) + 1).to_bytes(curve.COORDINATE_BYTES))

    @cached_property
    def public_key(self) -> SM2PublicKey:
        """The point d·G."""
        return SM2PublicKey(backend.multiply_generator(self.scalar))

    def sign(self, message: bytes, signer_id: bytes = DEFAULT_SIGNER_ID) -> bytes:
        """Return r‖s, 64 bytes, over `message`."""
        return self.sign_digest(self.public_key.digest(message, signer_id))

    def sign_digest(self, digest: bytes) -> bytes:
        """Return r‖s over an e computed elsewhere."""
        return signature.from_der(self._key.sign(digest))

    @cached_property
    def _key(self) -> backend.Key:
        return backend.load_private(self.scalar, self.public_key.point)
