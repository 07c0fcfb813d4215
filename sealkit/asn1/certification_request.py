"""Requests for certificates (PKCS#10, RFC 2986) with SM2 keys: made, read, and proven.

* The signature over the request proves that the sender has the private key. It is SM2 with
  SM3 and the default signer ID.
* Name and extensions that a request asks for are a wish. Which of them a certificate gets is
  its profile's to say; nothing of a request is ever copied into one unseen.
"""

from dataclasses import dataclass, field
from typing import Final

from sealkit import oids
from sealkit.asn1 import algorithms, der, encode
from sealkit.asn1.extensions import Extension, read_extensions
from sealkit.asn1.x509 import name_parts
from sealkit.errors import InvalidKeyError, MalformedError, UnsupportedError
from sealkit.sm import signature as encodings
from sealkit.sm.sm2 import SPKI_PREFIX, SM2PrivateKey, SM2PublicKey

MAX_REQUEST_BYTES: Final = 16 * 1024
MAX_ATTRIBUTES: Final = 16
EXTENSION_REQUEST: Final = "1.2.840.113549.1.9.14"

_VERSION: Final = 0


@dataclass(frozen=True, slots=True)
class CertificationRequest:
    """A request as it stands in its bytes; its signature unverified."""

    der: bytes = field(repr=False)
    to_be_signed: bytes = field(repr=False)
    """CertificationRequestInfo."""
    subject: tuple[tuple[str, str], ...]
    """Kind and text of each part of the name asked for, in order."""
    spki: bytes = field(repr=False)
    extensions: tuple[Extension, ...]
    """What extensions are asked for."""
    signature_algorithm: str
    signature: bytes = field(repr=False)
    """DER r and s."""

    @property
    def sm2_key(self) -> SM2PublicKey:
        """The key that a certificate is asked for.

        Raises:
            UnsupportedError: if it is of another kind than SM2.
        """
        if not self.spki.startswith(SPKI_PREFIX):
            raise UnsupportedError("the request is not for an SM2 key")
        return SM2PublicKey.from_spki(self.spki)

    def verify_possession(self) -> None:
        """Check that whoever asks has the private key.

        Raises:
            InvalidSignatureError: if the signature does not hold.
            UnsupportedError: if key or signature are not SM2.
        """
        if self.signature_algorithm != oids.SM2_WITH_SM3:
            raise UnsupportedError(f"a request signed with {self.signature_algorithm}")
        self.sm2_key.verify_der(self.signature, self.to_be_signed)


def build_request(subject: bytes, key: SM2PrivateKey) -> bytes:
    """Return a request for a certificate of `key`, DER, that asks for no extensions.

    `subject` is a DER Name, as `certificate_builder.name` makes it.
    """
    info = encode.sequence(
        encode.integer(_VERSION), subject, key.public_key.spki, encode.context(0)
    )
    value = encodings.to_der(key.sign(info))
    return encode.sequence(info, encode.algorithm(oids.SM2_WITH_SM3), encode.bit_string(value))


def parse_request(request: bytes) -> CertificationRequest:
    """Read one DER CertificationRequest.

    Raises:
        MalformedError: if it is not one strict DER value of that structure, is over 16 KiB,
            or its SM2 key is no point of the curve.
    """
    outer = der.parse(request, der.SEQUENCE, max_bytes=MAX_REQUEST_BYTES).children()
    info = outer.take(der.SEQUENCE)
    algorithm, value = algorithms.read_identifier(outer), outer.bits()
    outer.finish()
    reader = info.children()
    if reader.integer() != _VERSION:
        raise MalformedError("a certification request of an unknown version")
    subject, key = reader.take(der.SEQUENCE), reader.take(der.SEQUENCE)
    attributes = reader.take(der.context(0))
    reader.finish()
    parsed = CertificationRequest(
        der=request,
        to_be_signed=info.der,
        subject=name_parts(subject.der),
        spki=key.der,
        extensions=_extensions(attributes),
        signature_algorithm=algorithm,
        signature=value,
    )
    _check_key(parsed)
    return parsed


def _extensions(attributes: der.Element) -> tuple[Extension, ...]:
    found: tuple[Extension, ...] | None = None
    for count, attribute in enumerate(attributes.children(), start=1):
        if count > MAX_ATTRIBUTES:
            raise MalformedError("a certification request with too many attributes")
        members = attribute.children()
        oid, values = members.object_identifier(), members.take(der.SET)
        members.finish()
        if oid != EXTENSION_REQUEST:
            continue
        if found is not None:
            raise MalformedError("a certification request asks for extensions twice")
        inner = values.children()
        found = read_extensions(inner.sequence())
        inner.finish()
    return found or ()


def _check_key(request: CertificationRequest) -> None:
    try:
        request.sm2_key  # noqa: B018  # the look is the check
    except UnsupportedError:
        return
    except InvalidKeyError as error:
        raise MalformedError("the request's SM2 key is off the curve") from error
