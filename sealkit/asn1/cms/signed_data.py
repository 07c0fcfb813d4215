"""Reading and checking a signed message: RFC 5652, or GB/T 35275 with its own identifiers.

* One signer. BER that is not DER is refused.
* With attributes the signature is over them, as they came, under the tag of a SET; without,
  over the content octets. Both SM2 identifiers, 501 and 301.1, mean the same signature.
* Nothing is said of the signer's certificate but that it is the one named.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sealkit import oids
from sealkit.asn1 import algorithms, der
from sealkit.asn1.cms.attributes import (
    SIGNATURE_TIMESTAMP,
    SignedAttributes,
    read_attributes,
    read_values,
)
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError, MalformedError

MAX_SIGNED_DATA_BYTES: Final = 16 * 1024 * 1024
MAX_CERTIFICATES: Final = 32

_SUBJECT_KEY_IDENTIFIER: Final = der.context(0, constructed=False)
_DATA: Final = frozenset({oids.CMS_DATA, oids.GM_DATA})


@dataclass(frozen=True, slots=True)
class SignedData:
    """A message with one signature, unverified."""

    der: bytes = field(repr=False)
    is_gm: bool
    """Whether the outer identifier is that of GB/T 35275."""

    content_type: str
    content: bytes | None = field(repr=False)
    """What was signed; None when it is kept elsewhere (detached)."""

    certificates: tuple[bytes, ...] = field(repr=False)
    signer_certificate_der: bytes | None = field(repr=False)
    """The one in `certificates` that the signer is named by; None if it is not there."""

    digest_algorithm: str
    attributes: SignedAttributes | None
    signature_algorithm: str
    signature: bytes = field(repr=False)
    """DER r and s."""

    timestamp: bytes | None = field(repr=False)
    """RFC 3161 token over `signature`, from the unsigned attributes; DER."""

    deviations: tuple[str, ...]
    """``attributes.unsorted``, ``certificates.unreadable``."""

    @property
    def signed_at(self) -> datetime | None:
        """The time the signer claims."""
        return None if self.attributes is None else self.attributes.signed_at

    def verify(self, content: bytes | None = None, *, certificate_der: bytes | None = None) -> None:
        """Check the signature.

        Args:
            content: what should have been signed; needed when the message is detached.
            certificate_der: the signer's certificate, when the message does not carry it.

        Raises:
            InvalidSignatureError: if the signature, the digest of the content, the content
                type or the named certificate is not right, or content or certificate is
                not at hand.
            MalformedError: if the certificate cannot be read.
            UnsupportedError: if an algorithm is not ours.
        """
        certificate = self.signer_certificate_der or certificate_der
        if certificate is None:
            raise InvalidSignatureError("the signer's certificate is not at hand")
        message = self._message(self._content(content))
        if self.attributes is not None:
            self.attributes.check_certificate(certificate)
        spki = parse_certificate(certificate).spki
        algorithms.verify(spki, self.signature_algorithm, self.signature, message)

    def _content(self, content: bytes | None) -> bytes:
        if content is None:
            content = self.content
        elif self.content is not None and self.content != content:
            raise InvalidSignatureError("the message holds other content")
        if content is None:
            raise InvalidSignatureError("the content is not at hand")
        return content

    def _message(self, content: bytes) -> bytes:
        """Return what the signature should be over, after checking what leads there."""
        if self.attributes is None:
            if self.content_type not in _DATA:
                # RFC 5652, 5.3: attributes must be there unless the content is data.
                raise InvalidSignatureError("content of this type needs signed attributes")
            if _could_be_attributes(content):
                # Else the signed attributes of one message pass as the content of another.
                raise InvalidSignatureError("the content could be the attributes of a message")
            return content
        if self.attributes.content_type != self.content_type:
            raise InvalidSignatureError("signed attributes name another content type")
        if self.attributes.message_digest != algorithms.digest(self.digest_algorithm, content):
            raise InvalidSignatureError("content does not match its signed digest")
        return self.attributes.signed


def parse(signed_data: bytes, *, max_bytes: int = MAX_SIGNED_DATA_BYTES) -> SignedData:
    """Read a ContentInfo with SignedData.

    Raises:
        MalformedError: if it is not one strict DER value of that structure with one signer.
    """
    element = der.parse(signed_data, der.SEQUENCE, max_bytes=max_bytes)
    outer = element.children()
    kind = outer.object_identifier()
    if kind not in (oids.CMS_SIGNED_DATA, oids.GM_SIGNED_DATA):
        raise MalformedError(f"content of type {kind}, not signed data")
    wrapped = outer.take(der.context(0)).children()
    reader = wrapped.sequence()
    wrapped.finish()
    outer.finish()
    return _read(element, reader, is_gm=kind == oids.GM_SIGNED_DATA)


def _read(element: der.Element, reader: der.Reader, *, is_gm: bool) -> SignedData:
    reader.integer()
    reader.take(der.SET)
    content_type, content = _encapsulated(reader.sequence())
    certificates = _certificates(reader.take_if(der.context(0)))
    reader.take_if(der.context(1))
    signers = reader.set()
    reader.finish()
    signer = signers.sequence()
    signers.finish()
    signer.integer()
    named = signer.take()
    digest_algorithm = algorithms.read_identifier(signer)
    attributes = signer.take_if(der.context(0))
    signature_algorithm = algorithms.read_identifier(signer)
    signature = signer.octets()
    unsigned = signer.take_if(der.context(1))
    signer.finish()
    signed_attributes = None if attributes is None else read_attributes(attributes)
    deviations: list[str] = []
    if signed_attributes is not None and not signed_attributes.is_sorted:
        deviations.append("attributes.unsorted")
    return SignedData(
        der=element.der,
        is_gm=is_gm,
        content_type=content_type,
        content=content,
        certificates=certificates,
        signer_certificate_der=_find_signer(named, certificates, deviations),
        digest_algorithm=digest_algorithm,
        attributes=signed_attributes,
        signature_algorithm=signature_algorithm,
        signature=signature,
        timestamp=None if unsigned is None else _timestamp(unsigned),
        deviations=tuple(dict.fromkeys(deviations)),
    )


def _encapsulated(reader: der.Reader) -> tuple[str, bytes | None]:
    content_type = reader.object_identifier()
    tagged = reader.take_if(der.context(0))
    reader.finish()
    if tagged is None:
        return content_type, None
    inner = tagged.children()
    content = inner.octets()
    inner.finish()
    return content_type, content


def _certificates(element: der.Element | None) -> tuple[bytes, ...]:
    if element is None:
        return ()
    # Attribute certificates and other formats stand under context tags and are not read.
    found = tuple(child.der for child in element.children() if child.tag == der.SEQUENCE)
    if len(found) > MAX_CERTIFICATES:
        raise MalformedError(f"message with over {MAX_CERTIFICATES} certificates")
    return found


def _find_signer(
    named: der.Element, certificates: Iterable[bytes], deviations: list[str]
) -> bytes | None:
    issuer, serial, identifier = _signer_identifier(named)
    for certificate in certificates:
        try:
            parts = parse_certificate(certificate)
        except MalformedError:
            deviations.append("certificates.unreadable")
            continue
        if identifier is not None:
            if parts.subject_key_identifier == identifier:
                return certificate
        elif parts.issuer_der == issuer and parts.serial == serial:
            return certificate
    return None


def _signer_identifier(named: der.Element) -> tuple[bytes, int, bytes | None]:
    """Return issuer and serial number, or the key identifier."""
    if named.tag == _SUBJECT_KEY_IDENTIFIER:
        return b"", 0, named.content
    if named.tag != der.SEQUENCE:
        raise MalformedError("signer is named in an unknown way")
    reader = named.children()
    issuer = reader.take(der.SEQUENCE).der
    serial = reader.integer()
    reader.finish()
    return issuer, serial, None


def _timestamp(unsigned: der.Element) -> bytes | None:
    value = read_values(unsigned).get(SIGNATURE_TIMESTAMP)
    return None if value is None else value.der


def _could_be_attributes(content: bytes) -> bool:
    if content[:1] != bytes((der.SET,)):
        return False
    try:
        read_attributes(der.parse(content, der.SET, max_bytes=MAX_SIGNED_DATA_BYTES))
    except MalformedError:
        return False
    return True
