"""Which certificate is meant: its serial number, and its issuer by two digests (CertID).

The digests are names, not proofs, so SHA-1 is accepted: OpenSSL's client sends it unless
told otherwise. An answer must echo the bytes that came, whatever their parameters.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit import oids
from sealkit.asn1 import der, encode
from sealkit.asn1.x509 import Certificate
from sealkit.errors import MalformedError

HASHES: Final[Mapping[str, str]] = {
    "sha1": "1.3.14.3.2.26",
    "sha256": oids.SHA256,
    "sm3": oids.SM3,
}
"""Digests that we read and write in a CertID, by name as in `hashlib`."""

_NAMES: Final = {dotted: name for name, dotted in HASHES.items()}
_MAX_DIGEST_BYTES: Final = 64
_MAX_SERIAL_BYTES: Final = 21  # 20 octets of RFC 5280, 4.1.2.2, and one of old software


@dataclass(frozen=True, slots=True)
class CertificateID:
    """One certificate as a request or an answer names it."""

    der: bytes = field(repr=False)
    """The whole CertID, to be echoed."""
    algorithm: str
    """``sha1``, ``sha256`` or ``sm3``; a dotted identifier if it is another."""
    name_digest: bytes
    """Over the DER of the issuer's name."""
    key_digest: bytes
    """Over the issuer's key: the content of its BIT STRING."""
    serial: int
    has_parameters: bool
    """Whether a NULL stands beside the algorithm."""


def key_octets(spki: bytes) -> bytes:
    """Return the key inside a SubjectPublicKeyInfo, as its digests are made over it."""
    members = der.parse(spki, der.SEQUENCE).children()
    members.take()
    return members.bits()


def issuer_digests(issuer: Certificate, algorithm: str) -> tuple[bytes, bytes]:
    """Return issuerNameHash and issuerKeyHash; `algorithm` is a name of `HASHES`."""

    def digest(octets: bytes) -> bytes:
        return hashlib.new(algorithm, octets, usedforsecurity=False).digest()

    return digest(issuer.subject_der), digest(key_octets(issuer.spki))


def certificate_id(
    issuer: Certificate, serial: int, algorithm: str = "sm3", *, null_parameters: bool = False
) -> bytes:
    """Return a CertID, DER.

    Args:
        issuer: who issued the certificate.
        serial: its serial number.
        algorithm: ``sm3``, ``sha1`` or ``sha256``.
        null_parameters: write NULL beside the algorithm, as OpenSSL does.
    """
    name_digest, key_digest = issuer_digests(issuer, algorithm)
    null = (encode.null(),) if null_parameters else ()
    return encode.sequence(
        encode.sequence(encode.object_identifier(HASHES[algorithm]), *null),
        encode.octet_string(name_digest),
        encode.octet_string(key_digest),
        encode.integer(serial),
    )


def read_certificate_id(element: der.Element) -> CertificateID:
    """Read a CertID.

    Raises:
        MalformedError: if it is none, or a digest has not the length of its algorithm.
    """
    reader = element.children()
    identifier = reader.sequence()
    dotted = identifier.object_identifier()
    algorithm = _NAMES.get(dotted, dotted)
    has_parameters = identifier.next_tag() is not None
    if has_parameters:
        parameters = identifier.take()
        if algorithm in HASHES and parameters.der != encode.null():
            raise MalformedError(f"digest {algorithm} has parameters")
    identifier.finish()
    name_digest, key_digest = reader.octets(), reader.octets()
    serial = reader.integer(_MAX_SERIAL_BYTES)
    reader.finish()
    for octets in (name_digest, key_digest):
        if algorithm in HASHES and len(octets) != hashlib.new(algorithm).digest_size:
            raise MalformedError("issuer digest has not the length of its algorithm")
        if not 0 < len(octets) <= _MAX_DIGEST_BYTES:
            raise MalformedError("issuer digest is empty or too long")
    return CertificateID(element.der, algorithm, name_digest, key_digest, serial, has_parameters)
