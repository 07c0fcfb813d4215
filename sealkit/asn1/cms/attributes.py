"""The signed attributes of a message: what a signer says beside the content.

RFC 5652, 11: content type, digest of the content, time of signing; RFC 5035: the signer's
certificate by its digest, so that no other certificate of the same key can be put in its place.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sealkit import oids
from sealkit.asn1 import algorithms, der, encode
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.signer import Signer

CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
SIGNATURE_TIMESTAMP: Final = "1.2.840.113549.1.9.16.2.14"

_SINGLE: Final = frozenset(
    {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE_V2, SIGNATURE_TIMESTAMP}
)


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """The attributes we read; all others are covered by `signed` and left alone."""

    signed: bytes = field(repr=False)
    """The bytes signed: the attributes as they came, under the tag of a SET (31)."""

    content_type: str
    message_digest: bytes
    signed_at: datetime | None
    certificate_digest: tuple[str, bytes] | None
    """Digest algorithm, dotted, and digest of the signer's certificate."""

    is_sorted: bool
    """Whether the SET OF is in DER order."""

    def check_certificate(self, certificate_der: bytes) -> None:
        """Check that this is the certificate the signer named, if one was named.

        Raises:
            InvalidSignatureError: if another was.
            UnsupportedError: if it was named by an unknown digest.
        """
        if self.certificate_digest is None:
            return
        algorithm, expected = self.certificate_digest
        if algorithms.digest(algorithm, certificate_der) != expected:
            raise InvalidSignatureError("the signer named another certificate")


def build_attributes(
    content: bytes, content_type: str, signer: Signer, at: datetime
) -> tuple[bytes, ...]:
    """Return the encoded attributes, in the order DER wants."""
    digest = algorithms.digest(algorithms.digest_algorithm(signer), content)
    return tuple(
        sorted(
            (
                _attribute(CONTENT_TYPE, encode.object_identifier(content_type)),
                _attribute(SIGNING_TIME, encode.time(at)),
                _attribute(MESSAGE_DIGEST, encode.octet_string(digest)),
                _attribute(SIGNING_CERTIFICATE_V2, _signing_certificate(signer)),
            )
        )
    )


def read_attributes(element: der.Element) -> SignedAttributes:
    """Read the attributes of a SignerInfo, whatever tag they stand under.

    Raises:
        MalformedError: if content type or digest is missing, or one we read stands twice.
    """
    values = read_values(element)
    if CONTENT_TYPE not in values or MESSAGE_DIGEST not in values:
        raise MalformedError("signed attributes lack content type or digest")
    time = values.get(SIGNING_TIME)
    named = values.get(SIGNING_CERTIFICATE_V2)
    encoded = [child.der for child in element.children()]
    digest = values[MESSAGE_DIGEST]
    if digest.tag != der.OCTET_STRING:
        raise MalformedError("the digest attribute is no OCTET STRING")
    return SignedAttributes(
        signed=bytes((der.SET,)) + element.der[1:],
        content_type=der.object_identifier(values[CONTENT_TYPE]),
        message_digest=digest.content,
        signed_at=None if time is None else der.time(time),
        certificate_digest=None if named is None else _certificate_digest(named),
        is_sorted=encoded == sorted(encoded),
    )


def read_values(element: der.Element) -> dict[str, der.Element]:
    """Return the value of each attribute that we read, by type.

    Raises:
        MalformedError: if such an attribute stands twice or has not exactly one value.
    """
    values: dict[str, der.Element] = {}
    for attribute in element.children():
        reader = attribute.children()
        kind = reader.object_identifier()
        held = reader.set()
        reader.finish()
        if kind not in _SINGLE:
            continue
        if kind in values:
            raise MalformedError(f"attribute {kind} stands twice")
        values[kind] = held.take()
        held.finish()
    return values


def _attribute(kind: str, value: bytes) -> bytes:
    return encode.sequence(encode.object_identifier(kind), encode.set_of(value))


def _signing_certificate(signer: Signer) -> bytes:
    parts = parse_certificate(signer.certificate_der)
    algorithm = algorithms.digest_algorithm(signer)
    # RFC 5035: SHA-256 is the DEFAULT and so must not be written; SM3 must.
    stated = () if algorithm == oids.SHA256 else (encode.algorithm(algorithm),)
    issuer = encode.sequence(encode.context(4, parts.issuer_der))
    named = encode.sequence(
        *stated,
        encode.octet_string(algorithms.digest(algorithm, signer.certificate_der)),
        encode.sequence(issuer, encode.integer(parts.serial)),
    )
    return encode.sequence(encode.sequence(named))


def _certificate_digest(element: der.Element) -> tuple[str, bytes]:
    """Read the first ESSCertIDv2, which names the signer (RFC 5035, 3)."""
    named = element.children().sequence().sequence()
    algorithm = oids.SHA256
    if named.next_tag() == der.SEQUENCE:
        algorithm = algorithms.read_identifier(named)
    return algorithm, named.octets()
