"""Signers over keys in this process: SM2 and ECDSA P-256.

A key never leaves its signer: it is not printed, not pickled, not part of an exception. Every
signature is verified before it is handed out, because a faulty one can give the key away.
"""

from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ca.errors import FaultySignatureError, KeyMismatchError
from sealkit.asn1.x509 import Certificate
from sealkit.errors import InvalidSignatureError
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3
from sealkit.sm import backend, signature
from sealkit.sm.sm2 import SM2PublicKey


class SM2SigningKey(Protocol):
    """Whatever computes SM2 signatures."""

    @property
    def public_key(self) -> SM2PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Return r‖s, 64 bytes, over `message`."""


class HeldSM2Key:
    """An SM2 key that libcrypto holds; Python keeps no copy of its number.

    libcrypto wipes it when this object goes.
    """

    def __init__(self, scalar: bytearray) -> None:
        """Take over the 32 bytes of d; the caller wipes its own.

        Raises:
            InvalidKeyError: if libcrypto refuses the number.
        """
        # libcrypto is given bytes, which Python frees at once but cannot wipe.
        number = bytes(scalar)
        self.public_key = SM2PublicKey(backend.multiply_generator(number))
        self._key = backend.load_private(number, self.public_key.point)

    def sign(self, message: bytes) -> bytes:
        """Return r‖s, 64 bytes, over `message`."""
        return signature.from_der(self._key.sign(self.public_key.digest(message)))

    def __reduce__(self) -> str:
        raise TypeError("a key does not travel")


class SM2Signer:
    """Signs with one SM2 key."""

    algorithm = SM2_SM3

    def __init__(self, key: SM2SigningKey, certificate: Certificate) -> None:
        if certificate.spki != key.public_key.spki:
            raise KeyMismatchError(f"key does not belong to {certificate.subject}")
        self._key = key
        self._certificate = certificate

    @property
    def certificate_der(self) -> bytes:
        """The certificate of the key."""
        return self._certificate.der

    def sign(self, message: bytes) -> bytes:
        """Return r‖s over `message`.

        Raises:
            FaultySignatureError: if the fresh signature does not verify.
        """
        made = self._key.sign(message)
        try:
            self._key.public_key.verify(made, message)
        except InvalidSignatureError as error:
            raise FaultySignatureError(self._certificate.subject) from error
        return made

    def __reduce__(self) -> str:
        raise TypeError("a signer does not travel")


class ECDSASigner:
    """Signs with one ECDSA P-256 key, for readers that know nothing else."""

    algorithm = ECDSA_P256_SHA256

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: Certificate) -> None:
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if certificate.spki != spki:
            raise KeyMismatchError(f"key does not belong to {certificate.subject}")
        self._key = key
        self._certificate = certificate

    @property
    def certificate_der(self) -> bytes:
        """The certificate of the key."""
        return self._certificate.der

    def sign(self, message: bytes) -> bytes:
        """Return r‖s over `message`.

        Raises:
            FaultySignatureError: if the fresh signature does not verify.
        """
        made = self._key.sign(message, ec.ECDSA(hashes.SHA256()))
        try:
            self._key.public_key().verify(made, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise FaultySignatureError(self._certificate.subject) from error
        r, s = decode_dss_signature(made)
        return r.to_bytes(32) + s.to_bytes(32)

    def __reduce__(self) -> str:
        raise TypeError("a signer does not travel")
