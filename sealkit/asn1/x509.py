"""X.509 certificates (RFC 5280, GB/T 20518), read over their original bytes.

A `Certificate` says what its bytes say; it is not yet chained to anything. What was signed
is kept as it came and never encoded again.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Final

from sealkit import oids
from sealkit.asn1 import algorithms, der
from sealkit.asn1.extensions import Extension, read_extensions
from sealkit.errors import InvalidKeyError, InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey

MAX_CERTIFICATE_BYTES: Final = 64 * 1024
MAX_PEM_CERTIFICATES: Final = 1000
MAX_SIGNATURE_BYTES: Final = 1024  # RSA with 8192 bits, which we only pass over

SUBJECT_KEY_IDENTIFIER: Final = "2.5.29.14"
KEY_USAGE: Final = "2.5.29.15"
BASIC_CONSTRAINTS: Final = "2.5.29.19"
AUTHORITY_KEY_IDENTIFIER: Final = "2.5.29.35"
EXTENDED_KEY_USAGE: Final = "2.5.29.37"

KEY_USAGES: Final = (
    "digital_signature",
    "non_repudiation",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
"""Names by bit number, RFC 5280, 4.2.1.3."""

NAME_TYPES: Final = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
}

_DECODED_ON_DEMAND: Final = (
    "is_ca",
    "path_length",
    "key_usage",
    "extended_key_usage",
    "subject_key_identifier",
    "authority_key_identifier",
)

_PEM = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\s([A-Za-z0-9+/=\s]*)-----END \1-----", re.ASCII
)


@dataclass(frozen=True)
class Certificate:
    """A certificate as it stands in its bytes, unverified."""

    der: bytes
    tbs: bytes = field(repr=False)
    """What the issuer signed."""
    signature_algorithm: str
    signature: bytes = field(repr=False)
    """Content of the BIT STRING: DER {r, s}."""
    serial: int
    issuer_der: bytes = field(repr=False)
    subject_der: bytes = field(repr=False)
    not_before: datetime
    not_after: datetime
    spki: bytes = field(repr=False)
    extensions: tuple[Extension, ...] = field(repr=False)

    @cached_property
    def sm2_key(self) -> SM2PublicKey:
        """The SM2 key.

        Raises:
            UnsupportedError: if the key is of another kind.
            InvalidKeyError: if the point is off the curve.
        """
        try:
            return SM2PublicKey.from_spki(self.spki)
        except MalformedError as error:
            raise UnsupportedError("the certificate's key is not SM2") from error

    @cached_property
    def subject(self) -> str:
        """The subject for people, as ``C=CN,O=…,CN=…``."""
        return _name_text(self.subject_der)

    @cached_property
    def issuer(self) -> str:
        """The issuer for people."""
        return _name_text(self.issuer_der)

    @cached_property
    def subject_parts(self) -> tuple[tuple[str, str], ...]:
        """The subject part by part: ``CN`` and the like, or a dotted type, and its text."""
        return name_parts(self.subject_der)

    @cached_property
    def common_name(self) -> str:
        """The subject's first common name; empty when it has none."""
        return next((text for kind, text in self.subject_parts if kind == "CN"), "")

    @cached_property
    def is_ca(self) -> bool:
        """Whether basicConstraints say cA."""
        found = self.extension(BASIC_CONSTRAINTS)
        if found is None:
            return False
        constraints = der.parse(found.value, der.SEQUENCE).children()
        truth = constraints.take_if(der.BOOLEAN)
        return truth is not None and der.boolean(truth)

    @cached_property
    def path_length(self) -> int | None:
        """How many certificate authorities may follow below; None when not limited."""
        found = self.extension(BASIC_CONSTRAINTS)
        if found is None:
            return None
        constraints = der.parse(found.value, der.SEQUENCE).children()
        constraints.take_if(der.BOOLEAN)
        length = constraints.take_if(der.INTEGER)
        constraints.finish()
        return None if length is None else der.integer(length, 4)

    @cached_property
    def key_usage(self) -> frozenset[str]:
        """Names from `KEY_USAGES`; empty when the extension is absent."""
        found = self.extension(KEY_USAGE)
        if found is None:
            return frozenset()
        content = der.parse(found.value, der.BIT_STRING).content
        bits = content[1:]
        return frozenset(
            name
            for number, name in enumerate(KEY_USAGES)
            if number // 8 < len(bits) and bits[number // 8] & (0x80 >> number % 8)
        )

    @cached_property
    def extended_key_usage(self) -> frozenset[str]:
        """Dotted purposes; empty when the extension is absent."""
        found = self.extension(EXTENDED_KEY_USAGE)
        if found is None:
            return frozenset()
        purposes = der.parse(found.value, der.SEQUENCE).children()
        return frozenset(der.object_identifier(element) for element in purposes)

    @cached_property
    def subject_key_identifier(self) -> bytes | None:
        """The identifier of the key, opaque; None when absent."""
        found = self.extension(SUBJECT_KEY_IDENTIFIER)
        return der.parse(found.value, der.OCTET_STRING).content if found else None

    @cached_property
    def authority_key_identifier(self) -> bytes | None:
        """The issuer's key by its identifier, opaque; None when not said that way."""
        found = self.extension(AUTHORITY_KEY_IDENTIFIER)
        if found is None:
            return None
        members = der.parse(found.value, der.SEQUENCE).children()
        identifier = members.take_if(der.context(0, constructed=False))
        return None if identifier is None else identifier.content

    @cached_property
    def fingerprint(self) -> bytes:
        """SM3 over the whole certificate."""
        return sm3.digest(self.der)

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same bytes."""
        return self.subject_der == self.issuer_der

    def extension(self, oid: str) -> Extension | None:
        """Return the extension `oid`, or None."""
        return next((entry for entry in self.extensions if entry.oid == oid), None)

    def valid_at(self, at: datetime) -> bool:
        """Tell whether `at` lies within the validity, both ends included."""
        return self.not_before <= at <= self.not_after

    def verify_signed_by(self, issuer: "Certificate") -> None:
        """Check the signature with the key of `issuer`, and nothing else.

        Raises:
            InvalidSignatureError: if it does not hold.
            UnsupportedError: for an algorithm we do not accept.
        """
        verify_with(issuer, self.signature_algorithm, self.signature, self.tbs)


def parse_certificate(certificate: bytes) -> Certificate:
    """Read one DER certificate.

    Raises:
        MalformedError: if it is not a strict X.509 v3 certificate, or an SM2 key in it is
            off the curve.
    """
    return _parsed(certificate)


@lru_cache(maxsize=128)  # the few of each document come again and again
def _parsed(certificate: bytes) -> Certificate:
    outer = der.parse(certificate, der.SEQUENCE, max_bytes=MAX_CERTIFICATE_BYTES).children()
    tbs = outer.take(der.SEQUENCE)
    algorithm = outer.take(der.SEQUENCE)
    signature = outer.bits()
    outer.finish()
    reader = tbs.children()
    version = reader.take_if(der.context(0))
    if version is None or der.integer(version.children().take(der.INTEGER)) != 2:
        raise MalformedError("certificate is not of version 3")
    serial = reader.integer()
    if reader.take(der.SEQUENCE).der != algorithm.der:
        raise MalformedError("certificate names two signature algorithms")
    issuer = reader.take(der.SEQUENCE)
    validity = reader.sequence()
    not_before, not_after = validity.time(), validity.time()
    validity.finish()
    subject, spki = reader.take(der.SEQUENCE), reader.take(der.SEQUENCE)
    parsed = Certificate(
        der=certificate,
        tbs=tbs.der,
        signature_algorithm=_algorithm(algorithm),
        signature=signature,
        serial=serial,
        issuer_der=issuer.der,
        subject_der=subject.der,
        not_before=not_before,
        not_after=not_after,
        spki=spki.der,
        extensions=_extensions(reader),
    )
    _check_values(parsed)
    return parsed


def verify_with(issuer: Certificate, algorithm: str, signature: bytes, tbs: bytes) -> None:
    """Check what `issuer` is said to have signed: a certificate, a CRL, a request.

    Raises:
        InvalidSignatureError: if it does not hold.
        UnsupportedError: for an algorithm we do not accept.
    """
    if algorithm == oids.SM2_WITH_SM3:
        try:
            issuer.sm2_key.verify_der(signature, tbs)
        except (UnsupportedError, InvalidKeyError) as error:
            raise InvalidSignatureError("signed with SM2, but the issuer has no SM2 key") from error
    else:
        algorithms.verify(issuer.spki, algorithm, signature, tbs)


def pem_to_certificates(pem: bytes) -> list[Certificate]:
    """Return every certificate in `pem`, in order; text between the blocks is ignored.

    Raises:
        MalformedError: if a block is not a certificate, or there are over 1000.
    """
    blocks = [body for label, body in _PEM.findall(pem) if label == b"CERTIFICATE"]
    if len(blocks) > MAX_PEM_CERTIFICATES:
        raise MalformedError("PEM file holds too many certificates")
    return [parse_certificate(_from_base64(body)) for body in blocks]


def pem_to_der(pem: bytes, label: str) -> bytes:
    """Return the first block of `label`.

    Raises:
        MalformedError: if there is none.
    """
    return pem_blocks(pem, label)[0]


def pem_blocks(pem: bytes, label: str) -> list[bytes]:
    """Return what every block of `label` holds, in order, not looked into.

    Raises:
        MalformedError: if there is none, there are over 1000, or one is not base64.
    """
    blocks = [body for found, body in _PEM.findall(pem) if found == label.encode()]
    if not 1 <= len(blocks) <= MAX_PEM_CERTIFICATES:
        raise MalformedError(f"PEM file holds {len(blocks)} of {label}")
    return [_from_base64(body) for body in blocks]


def to_pem(content: bytes, label: str) -> bytes:
    """Return `content` as one PEM block (RFC 7468)."""
    text = base64.b64encode(content)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    name = label.encode()
    return b"\n".join(
        (b"-----BEGIN " + name + b"-----", *lines, b"-----END " + name + b"-----", b"")
    )


def _algorithm(identifier: der.Element) -> str:
    reader = identifier.children()
    dotted = reader.object_identifier()
    if dotted == oids.SM2_WITH_SM3:
        # Absent is right; some software writes NULL.
        reader.take_if(der.NULL)
        reader.finish()
    return dotted


def _extensions(reader: der.Reader) -> tuple[Extension, ...]:
    """Take what follows the key: unique identifiers, long out of use, and extensions."""
    for number in (1, 2):
        reader.take_if(der.context(number, constructed=False))
    wrapper = reader.take_if(der.context(3))
    reader.finish()
    if wrapper is None:
        return ()
    inner = wrapper.children()
    found = read_extensions(inner.sequence())
    inner.finish()
    return found


def _check_values(certificate: Certificate) -> None:
    """Read what is decoded on demand once, so that it is `MalformedError` here or never."""
    if len(certificate.signature) > MAX_SIGNATURE_BYTES:
        raise MalformedError("certificate signature is too long")
    for name in _DECODED_ON_DEMAND:
        getattr(certificate, name)
    name_parts(certificate.subject_der)
    name_parts(certificate.issuer_der)
    try:
        certificate.sm2_key  # noqa: B018  # the look is the check
    except UnsupportedError:
        return
    except InvalidKeyError as error:
        raise MalformedError("the certificate's SM2 key is off the curve") from error


@lru_cache(maxsize=128)  # an issuer is named in all that it signs
def name_parts(name: bytes) -> tuple[tuple[str, str], ...]:
    """Return kind and text of each part of a DER Name, in order.

    Raises:
        MalformedError: if it is none.
    """
    parts: list[tuple[str, str]] = []
    for relative in der.parse(name, der.SEQUENCE).children():
        if relative.tag != der.SET:
            raise MalformedError("a name holds something that is no SET")
        for attribute in relative.children():
            members = attribute.children()
            oid = members.object_identifier()
            parts.append((NAME_TYPES.get(oid, oid), _text(members.take())))
    return tuple(parts)


def _name_text(name: bytes) -> str:
    return ",".join(f"{kind}={text}" for kind, text in name_parts(name))


def _text(element: der.Element) -> str:
    if element.tag in (der.UTF8_STRING, der.PRINTABLE_STRING, der.IA5_STRING):
        return der.text(element)
    # TeletexString, BMPString and others of old certificates: shown, never compared.
    encoding = "utf-16-be" if element.tag == 0x1E else "latin-1"
    return element.content.decode(encoding, "replace")


def _from_base64(body: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error as error:
        raise MalformedError("PEM block is not base64") from error
