"""A private key on its way to its holder: SM2EnvelopedKey (GB/T 35276, GM/T 0009).

    SEQUENCE { symAlgID AlgorithmIdentifier, symEncryptedKey SM2Cipher,
               sm2PublicKey BIT STRING, sm2EncryptedPrivateKey BIT STRING }

* A fresh SM4 key is encrypted to the holder's signing key; the private key to the SM4 key.
* Written: SM4-ECB with NULL, 32 bytes, unpadded. Read as well: the general SM4 identifier,
  and the forms met in the field, padded to 48 bytes or filled up in front to 64.
* Nothing authenticates the private key but that it fits the public one, which is checked.
  The certificate of that public key, not this, tells where it comes from.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

from sealkit import oids
from sealkit.asn1 import der, encode
from sealkit.errors import DecryptionError, InvalidKeyError, MalformedError
from sealkit.sm import curve, sm4
from sealkit.sm.encryption import SM2Cipher, decrypt, encrypt, parse_cipher
from sealkit.sm.sm2 import SM2PrivateKey, SM2PublicKey

MAX_ENVELOPE_BYTES: Final = 4096
_ALGORITHMS: Final = (oids.SM4_ECB, oids.SM4)
_PLAIN, _PADDED, _DEVICE = 32, 48, 64
_PADDING: Final = b"\x10" * 16
"""PKCS#7 after two whole blocks."""


@dataclass(frozen=True, slots=True)
class EnvelopedKey:
    """A key pair in its envelope, unopened."""

    algorithm: str
    """SM4-ECB, by one of two identifiers."""
    key_cipher: SM2Cipher = field(repr=False)
    """The SM4 key, for the holder's signing key."""
    public_key: SM2PublicKey
    encrypted_key: bytes = field(repr=False)
    """The private key under the SM4 key: 32, 48 or 64 bytes."""

    @property
    def der(self) -> bytes:
        """The envelope, DER."""
        algorithm = encode.sequence(encode.object_identifier(self.algorithm), encode.null())
        return encode.sequence(
            algorithm,
            self.key_cipher.der,
            encode.bit_string(self.public_key.point),
            encode.bit_string(self.encrypted_key),
        )


def envelop(pair: SM2PrivateKey, recipient: SM2PublicKey) -> EnvelopedKey:
    """Return `pair` in an envelope that only the holder of `recipient` can open."""
    key = secrets.token_bytes(sm4.KEY_BYTES)
    return EnvelopedKey(
        algorithm=oids.SM4_ECB,
        key_cipher=encrypt(recipient, key),
        public_key=pair.public_key,
        encrypted_key=sm4.encrypt_blocks(key, pair.scalar),
    )


def parse_enveloped_key(encoded: bytes) -> EnvelopedKey:
    """Read one DER SM2EnvelopedKey.

    Raises:
        MalformedError: if it is not strict DER of that structure, of another algorithm, or
            a point in it is off the curve.
    """
    reader = der.parse(encoded, der.SEQUENCE, max_bytes=MAX_ENVELOPE_BYTES).children()
    identifier = reader.sequence()
    algorithm = identifier.object_identifier()
    identifier.take_if(der.NULL)
    identifier.finish()
    cipher = parse_cipher(reader.take(der.SEQUENCE).der)
    point, encrypted = reader.bits(), reader.bits()
    reader.finish()
    if algorithm not in _ALGORITHMS:
        raise MalformedError(f"an envelope under {algorithm}")
    if len(cipher.masked) != sm4.KEY_BYTES or len(encrypted) not in (_PLAIN, _PADDED, _DEVICE):
        raise MalformedError("an envelope with keys of another length")
    try:
        public_key = SM2PublicKey(point)
    except InvalidKeyError as error:
        raise MalformedError("an envelope whose public key is off the curve") from error
    return EnvelopedKey(algorithm, cipher, public_key, encrypted)


def open_envelope(envelope: EnvelopedKey, holder: SM2PrivateKey) -> SM2PrivateKey:
    """Return the key pair in an envelope.

    Raises:
        DecryptionError: if it is for another holder, was changed, or the private key does
            not fit the public one.
    """
    plain = sm4.decrypt_blocks(decrypt(holder, envelope.key_cipher), envelope.encrypted_key)
    scalar = _unframed(plain)
    try:
        pair = SM2PrivateKey(scalar)
    except InvalidKeyError as error:
        raise DecryptionError("the envelope holds no SM2 key") from error
    if pair.public_key.point != envelope.public_key.point:
        raise DecryptionError("the envelope holds another key than it says")
    return pair


def _unframed(plain: bytes) -> bytes:
    if len(plain) == _PADDED and plain[_PLAIN:] == _PADDING:
        return plain[:_PLAIN]
    if len(plain) == _DEVICE and not any(plain[:_PLAIN]):
        return plain[_PLAIN:]
    # Of 32 bytes all are the key; anything else comes out as no key at all.
    return plain if len(plain) == curve.COORDINATE_BYTES else b""
