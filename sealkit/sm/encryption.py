"""SM2 encryption (GB/T 32918.4), in the order C1 C3 C2, as SM2Cipher of GM/T 0009.

* Computed by libcrypto; points, lengths and the encoding are checked here before.
* The hash C3 tells whether a ciphertext was changed. It does not tell who made it: whoever
  has the public key can.
* A mask of zeros (KDF output) would show the message: never written, refused when read.
"""

from dataclasses import dataclass, field
from typing import Final

from sealkit.asn1 import der, encode
from sealkit.errors import DecryptionError, InvalidKeyError, MalformedError
from sealkit.sm import backend, curve
from sealkit.sm.sm2 import SM2PrivateKey, SM2PublicKey

MAX_MESSAGE_BYTES: Final = 64 * 1024
"""Keys and short secrets; whatever is longer is encrypted with SM4."""
DIGEST_BYTES: Final = 32
_MAX_CIPHER_BYTES: Final = MAX_MESSAGE_BYTES + 256
_UNCOMPRESSED: Final = 4


@dataclass(frozen=True, slots=True)
class SM2Cipher:
    """A ciphertext in its three parts, not yet opened."""

    point: bytes
    """C1: 04‖x‖y, on the curve."""
    digest: bytes
    """C3: SM3 over x2‖M‖y2."""
    masked: bytes = field(repr=False)
    """C2: as long as the message."""

    @property
    def der(self) -> bytes:
        """SEQUENCE { x INTEGER, y INTEGER, hash OCTET STRING, cipherText OCTET STRING }."""
        return encode.sequence(
            encode.integer(int.from_bytes(self.point[1:33])),
            encode.integer(int.from_bytes(self.point[33:])),
            encode.octet_string(self.digest),
            encode.octet_string(self.masked),
        )

    @property
    def raw(self) -> bytes:
        """04‖x‖y‖C3‖C2, as cards and other software write it."""
        return self.point + self.digest + self.masked


def parse_cipher(encoded: bytes) -> SM2Cipher:
    """Read one DER SM2Cipher.

    Raises:
        MalformedError: if it is not strict DER of that structure, its point is off the
            curve, or it hides nothing or more than 64 KiB.
    """
    reader = der.parse(encoded, der.SEQUENCE, max_bytes=_MAX_CIPHER_BYTES).children()
    x, y = reader.integer(curve.COORDINATE_BYTES + 1), reader.integer(curve.COORDINATE_BYTES + 1)
    digest, masked = reader.octets(), reader.octets()
    reader.finish()
    if not (0 <= x < curve.P and 0 <= y < curve.P):
        raise MalformedError("an SM2 ciphertext whose point is out of range")
    point = bytes((_UNCOMPRESSED,)) + b"".join(
        number.to_bytes(curve.COORDINATE_BYTES) for number in (x, y)
    )
    return _checked(point, digest, masked)


def parse_raw_cipher(raw: bytes) -> SM2Cipher:
    """Read 04‖x‖y‖C3‖C2.

    Raises:
        MalformedError: as `parse_cipher`.
    """
    point, rest = raw[: curve.POINT_BYTES], raw[curve.POINT_BYTES :]
    return _checked(point, rest[:DIGEST_BYTES], rest[DIGEST_BYTES:])


def encrypt(key: SM2PublicKey, message: bytes) -> SM2Cipher:
    """Return `message` for the holder of the private key alone.

    Raises:
        ValueError: if the message is empty or over 64 KiB.
    """
    if not 1 <= len(message) <= MAX_MESSAGE_BYTES:
        raise ValueError("SM2 encrypts 1 byte to 64 KiB")
    while True:
        made = parse_cipher(backend.load_public(key.point).encrypt(message))
        # GB/T 32918.4: begin anew if the mask is all zeros, which short ones are at times.
        if made.masked != message:
            return made


def decrypt(key: SM2PrivateKey, cipher: SM2Cipher) -> bytes:
    """Return the message.

    Raises:
        DecryptionError: if it was made for another key, or changed.
    """
    held = backend.load_private(key.scalar, key.public_key.point)
    message = held.decrypt(cipher.der)
    if message is None or message == cipher.masked or len(message) != len(cipher.masked):
        raise DecryptionError("not for this key, or changed")
    return message


def _checked(point: bytes, digest: bytes, masked: bytes) -> SM2Cipher:
    if len(digest) != DIGEST_BYTES or not 1 <= len(masked) <= MAX_MESSAGE_BYTES:
        raise MalformedError("an SM2 ciphertext with parts of another length")
    try:
        SM2PublicKey(point)
    except InvalidKeyError as error:
        raise MalformedError("an SM2 ciphertext whose point is off the curve") from error
    return SM2Cipher(point, digest, masked)
