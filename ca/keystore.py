"""Where private keys live. Everything that signs asks a keystore for a `Signer`.

`FileKeystore` is for development: plain PKCS#8 files beside their certificates. A key never
leaves its signer: it is not printed, not pickled, not part of an exception. Every signature
is verified before it is handed out, because a faulty one can give the key away.
"""

from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ca.errors import DevelopmentKeyError, FaultySignatureError, KeyMismatchError, UnknownKeyError
from sealkit.asn1 import der
from sealkit.asn1.x509 import Certificate, pem_to_certificates, pem_to_der
from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.signer import ECDSA_P256_SHA256, SM2_SM3, Signer
from sealkit.sm import backend
from sealkit.sm.sm2 import SM2PrivateKey

DEVELOPMENT_MARK: Final = "DEV"
_SM2_ALGORITHM: Final = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")


class Keystore(Protocol):
    """Named keys that can be used and not seen."""

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys."""

    def signer(self, name: str) -> Signer:
        """Return the signer of that name.

        Raises:
            UnknownKeyError: if there is none.
        """


class SM2Signer:
    """Signs with one SM2 key."""

    algorithm = SM2_SM3

    def __init__(self, key: SM2PrivateKey, certificate: Certificate) -> None:
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
        signature = self._key.sign(message)
        try:
            self._key.public_key.verify(signature, message)
        except InvalidSignatureError as error:
            raise FaultySignatureError(self._certificate.subject) from error
        return signature

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
        signature = self._key.sign(message, ec.ECDSA(hashes.SHA256()))
        try:
            self._key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise FaultySignatureError(self._certificate.subject) from error
        r, s = decode_dss_signature(signature)
        return r.to_bytes(32) + s.to_bytes(32)

    def __reduce__(self) -> str:
        raise TypeError("a signer does not travel")


class FileKeystore:
    """A directory of ``<name>.key.pem`` (PKCS#8) and ``<name>.cert.pem``, for development."""

    def __init__(self, directory: Path, *, production: bool = False) -> None:
        """Open `directory`.

        Raises:
            DevelopmentKeyError: in production, if a certificate there is marked DEV.
            UnsupportedError: if this machine's libcrypto is not cleared for signing.
        """
        backend.require_signing_library()
        self._directory = directory
        self._production = production
        self._signers: dict[str, Signer] = {}
        if production:
            for name in self.names():
                self.certificate(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys."""
        files = sorted(self._directory.glob("*.key.pem"))
        return tuple(file.name.removesuffix(".key.pem") for file in files)

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            DevelopmentKeyError: in production, if it is marked DEV.
        """
        if name not in self.names():
            raise UnknownKeyError(f"no key {name!r}")
        try:
            pem = (self._directory / f"{name}.cert.pem").read_bytes()
            certificate = pem_to_certificates(pem)[0]
        except (FileNotFoundError, IndexError) as error:
            raise UnknownKeyError(f"no certificate {name!r}") from error
        if self._production and DEVELOPMENT_MARK in certificate.subject:
            raise DevelopmentKeyError(f"{name} is a development key")
        return certificate

    def signer(self, name: str) -> Signer:
        """Return the signer of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            KeyMismatchError: if key and certificate do not belong together.
        """
        if name not in self._signers:
            self._signers[name] = self._open(name)
        return self._signers[name]

    def _open(self, name: str) -> Signer:
        certificate = self.certificate(name)
        pkcs8 = pem_to_der((self._directory / f"{name}.key.pem").read_bytes(), "PRIVATE KEY")
        scalar = _sm2_scalar(pkcs8)
        if scalar is not None:
            return SM2Signer(SM2PrivateKey(scalar), certificate)
        try:
            key = serialization.load_der_private_key(pkcs8, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise MalformedError(f"{name} is no private key") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(
            key.curve, ec.SECP256R1
        ):
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
    return inner.octets()
