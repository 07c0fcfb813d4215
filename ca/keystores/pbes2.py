"""Encrypted private keys (RFC 5958): PBES2 with PBKDF2-HMAC-SHA256 and SM4-CBC (RFC 8018).

The form that OpenSSL 3 and other Chinese stacks open: `openssl pkey -in key.pem`. It says
nothing when it was changed; whoever keeps keys so adds an authentication of their own.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ca.keystores.secret import Secret
from sealkit import oids
from sealkit.asn1 import der, encode
from sealkit.errors import MalformedError

PBES2: Final = "1.2.840.113549.1.5.13"
PBKDF2: Final = "1.2.840.113549.1.5.12"
HMAC_WITH_SHA256: Final = "1.2.840.113549.2.9"

MIN_ROUNDS: Final = 600_000
MAX_ROUNDS: Final = 10_000_000  # some seconds; a hostile file must not cost more
SALT_BYTES: Final = 16
MIN_SALT_BYTES: Final = 8  # what OpenSSL 3.0 writes
MAX_SALT_BYTES: Final = 64
IV_BYTES: Final = 16
KEY_BYTES: Final = 16
_MAX_KEY_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class EncryptedKey:
    """An encrypted private key as it stands in its bytes."""

    salt: bytes
    rounds: int
    iv: bytes
    ciphertext: bytes

    def to_der(self) -> bytes:
        """Return the EncryptedPrivateKeyInfo."""
        derivation = encode.sequence(
            encode.octet_string(self.salt),
            encode.integer(self.rounds),
            encode.integer(KEY_BYTES),
            encode.sequence(encode.object_identifier(HMAC_WITH_SHA256), encode.null()),
        )
        scheme = encode.sequence(
            encode.sequence(encode.object_identifier(PBKDF2), derivation),
            encode.sequence(encode.object_identifier(oids.SM4_CBC), encode.octet_string(self.iv)),
        )
        return encode.sequence(
            encode.sequence(encode.object_identifier(PBES2), scheme),
            encode.octet_string(self.ciphertext),
        )


def derive(passphrase: Secret, salt: bytes, rounds: int, length: int = KEY_BYTES) -> Secret:
    """Return PBKDF2-HMAC-SHA256 of the passphrase."""
    with passphrase.opened() as octets:
        return Secret(bytearray(hashlib.pbkdf2_hmac("sha256", octets, salt, rounds, length)))


def encrypt(pkcs8: Secret, key: Secret, *, salt: bytes, rounds: int, iv: bytes) -> EncryptedKey:
    """Encrypt a private key under `key`, which `salt` and `rounds` gave.

    `iv` is 16 fresh random bytes.
    """
    with pkcs8.opened() as octets, key.opened() as derived:
        padding = IV_BYTES - len(octets) % IV_BYTES
        with Secret(octets + bytes((padding,)) * padding) as padded, padded.opened() as blocks:
            cipher = Cipher(algorithms.SM4(bytes(derived)), modes.CBC(iv)).encryptor()
            return EncryptedKey(salt, rounds, iv, cipher.update(blocks) + cipher.finalize())


def decrypt(encrypted: EncryptedKey, key: Secret) -> Secret:
    """Return the private key; the caller wipes it.

    Raises:
        MalformedError: if the padding is wrong, as with another key.
    """
    with key.opened() as derived:
        cipher = Cipher(algorithms.SM4(bytes(derived)), modes.CBC(encrypted.iv)).decryptor()
    # update_into writes where we can wipe; it wants room for one more block.
    octets = bytearray(len(encrypted.ciphertext) + IV_BYTES)
    with Secret(octets):
        length = cipher.update_into(encrypted.ciphertext, octets)
        cipher.finalize()
        padding = octets[length - 1] if length else 0
        if not 1 <= padding <= IV_BYTES or any(
            octet != padding for octet in octets[length - padding : length]
        ):
            raise MalformedError("the key cannot be decrypted so")
        return Secret(octets[: length - padding])


def parse_encrypted(content: bytes) -> EncryptedKey:
    """Read an EncryptedPrivateKeyInfo of exactly this form.

    Raises:
        MalformedError: if it is another, or asks for too few or too many rounds.
    """
    outer = der.parse(content, der.SEQUENCE, max_bytes=_MAX_KEY_BYTES).children()
    parts = _parameters(outer.sequence(), PBES2)
    ciphertext = outer.octets()
    outer.finish()
    derivation, cipher = _parameters(parts.sequence(), PBKDF2), parts.sequence()
    parts.finish()
    salt, rounds = derivation.octets(), derivation.integer(8)
    length = derivation.take_if(der.INTEGER)
    prf = derivation.sequence()
    derivation.finish()
    if prf.object_identifier() != HMAC_WITH_SHA256:
        raise MalformedError("the key is derived by another function")
    if length is not None and der.integer(length, 8) != KEY_BYTES:
        raise MalformedError("SM4 takes 16 bytes")
    if cipher.object_identifier() != oids.SM4_CBC:
        raise MalformedError("the key is encrypted by another cipher")
    iv = cipher.octets()
    cipher.finish()
    if not MIN_ROUNDS <= rounds <= MAX_ROUNDS or not MIN_SALT_BYTES <= len(salt) <= MAX_SALT_BYTES:
        raise MalformedError("the passphrase is stretched too little or too much")
    if len(iv) != IV_BYTES or not ciphertext or len(ciphertext) % IV_BYTES:
        raise MalformedError("the encrypted key has not the size of one")
    return EncryptedKey(salt, rounds, iv, ciphertext)


def _parameters(reader: der.Reader, algorithm: str) -> der.Reader:
    """Return a reader over the parameters of an AlgorithmIdentifier that must be `algorithm`."""
    if reader.object_identifier() != algorithm:
        raise MalformedError(f"algorithm {algorithm} is missing")
    inner = reader.sequence()
    reader.finish()
    return inner
