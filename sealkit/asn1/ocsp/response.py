"""An answer about certificates (RFC 6960, 4.2), read and checked.

An answer counts when it is signed by the certificate's issuer, or by a responder whose
certificate that same issuer signed for the purpose OCSPSigning.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final

from sealkit import oids
from sealkit.asn1 import der
from sealkit.asn1.extensions import Extension
from sealkit.asn1.ocsp.certificate_id import CertificateID, key_octets, read_certificate_id
from sealkit.asn1.ocsp.request import MAX_SINGLE_REQUESTS, only, read_nonce, wrapped_extensions
from sealkit.asn1.x509 import MAX_SIGNATURE_BYTES, Certificate, parse_certificate, verify_with
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError

MAX_RESPONSE_BYTES: Final = 256 * 1024
BASIC: Final = "1.3.6.1.5.5.7.48.1.1"

_MAX_CERTIFICATES: Final = 16
_VERSION: Final = 0
_BY_NAME: Final = der.context(1)
_BY_KEY: Final = der.context(2)
_GOOD: Final = der.context(0, constructed=False)
_REVOKED: Final = der.context(1)
_UNKNOWN: Final = der.context(2, constructed=False)


class ResponseStatus(IntEnum):
    """OCSPResponseStatus; only SUCCESSFUL carries an answer, the others are not signed."""

    SUCCESSFUL = 0
    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    SIGNATURE_REQUIRED = 5
    UNAUTHORIZED = 6


@dataclass(frozen=True, slots=True)
class SingleResponse:
    """What is said of one certificate."""

    certificate: CertificateID
    status: str
    """``good``, ``revoked`` or ``unknown``."""
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None = None
    """Exactly when revoked."""
    reason: int | None = None
    """CRLReason number; None when not said."""
    extensions: tuple[Extension, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class BasicResponse:
    """An answer with its signature, unverified."""

    tbs: bytes = field(repr=False)
    signature_algorithm: str
    signature: bytes = field(repr=False)
    responder_name: bytes | None = field(repr=False)
    """DER Name of the responder, if it is named so."""
    responder_key_digest: bytes | None
    """SHA-1 over the responder's key, if it is named so."""
    produced_at: datetime
    singles: tuple[SingleResponse, ...]
    nonce: bytes | None
    certificates: tuple[bytes, ...] = field(repr=False)
    """Certificates that came along, DER."""

    def verify(self, issuer: Certificate, *, at: datetime) -> Certificate:
        """Check that `issuer`, or a responder it appointed, signed this; return who did.

        Whether `at` lies between thisUpdate and nextUpdate is the caller's to judge.

        Args:
            issuer: who issued the certificates asked about, itself trusted.
            at: when the responder's certificate must be valid.

        Raises:
            InvalidSignatureError: if nobody entitled has signed it.
            MalformedError: if a certificate that came along cannot be read.
        """
        for candidate in (issuer, *map(parse_certificate, self.certificates)):
            if self._names(candidate) and _is_appointed(candidate, issuer, at):
                verify_with(candidate, self.signature_algorithm, self.signature, self.tbs)
                return candidate
        raise InvalidSignatureError("no responder that the issuer appointed signed this answer")

    def _names(self, candidate: Certificate) -> bool:
        if self.responder_name is not None:
            return candidate.subject_der == self.responder_name
        key = key_octets(candidate.spki)
        return hashlib.sha1(key, usedforsecurity=False).digest() == self.responder_key_digest


@dataclass(frozen=True, slots=True)
class OCSPResponse:
    """What came back: an answer, or a status that says why there is none."""

    status: ResponseStatus
    basic: BasicResponse | None
    """There exactly when the status is successful."""


def parse_response(response: bytes) -> OCSPResponse:
    """Read an OCSPResponse.

    Raises:
        MalformedError: if it is not one strict DER value of that structure, has a status of
            another number, or another kind of answer than the basic one.
    """
    reader = der.parse(response, der.SEQUENCE, max_bytes=MAX_RESPONSE_BYTES).children()
    try:
        status = ResponseStatus(der.integer(reader.take(der.ENUMERATED)))
    except ValueError as error:
        raise MalformedError("OCSP response of unknown status") from error
    wrapper = reader.take_if(der.context(0))
    reader.finish()
    if (status is ResponseStatus.SUCCESSFUL) != (wrapper is not None):
        raise MalformedError("OCSP response is successful without an answer, or the reverse")
    if wrapper is None:
        return OCSPResponse(status, None)
    inner = only(wrapper, der.SEQUENCE).children()
    if inner.object_identifier() != BASIC:
        raise MalformedError("OCSP response of another kind than basic")
    encoded = inner.octets()
    inner.finish()
    return OCSPResponse(status, _basic(encoded))


def _basic(encoded: bytes) -> BasicResponse:
    outer = der.parse(encoded, der.SEQUENCE, max_bytes=MAX_RESPONSE_BYTES).children()
    tbs, identifier, signature = outer.take(der.SEQUENCE), outer.sequence(), outer.bits()
    algorithm = identifier.object_identifier()
    if algorithm == oids.SM2_WITH_SM3:
        identifier.take_if(der.NULL)  # absent is right; some software writes it
        identifier.finish()
    wrapper = outer.take_if(der.context(0))
    outer.finish()
    certificates = () if wrapper is None else _certificates(wrapper)
    if len(signature) > MAX_SIGNATURE_BYTES:
        raise MalformedError("OCSP signature is too long")
    reader = tbs.children()
    version = reader.take_if(der.context(0))
    if version is not None and only(version, der.INTEGER).content != bytes((_VERSION,)):
        raise MalformedError("OCSP answer of another version")
    name, key_digest = _responder(reader)
    produced_at = der.time(reader.take(der.GENERALIZED_TIME))
    singles = tuple(map(_single, reader.sequence()))
    if not 0 < len(singles) <= MAX_SINGLE_REQUESTS:
        raise MalformedError("OCSP answer is about nothing, or too much")
    extensions = wrapped_extensions(reader.take_if(der.context(1)))
    reader.finish()
    return BasicResponse(
        tbs=tbs.der,
        signature_algorithm=algorithm,
        signature=signature,
        responder_name=name,
        responder_key_digest=key_digest,
        produced_at=produced_at,
        singles=singles,
        nonce=read_nonce(extensions),
        certificates=certificates,
    )


def _responder(reader: der.Reader) -> tuple[bytes | None, bytes | None]:
    by_name = reader.take_if(_BY_NAME)
    if by_name is not None:
        return only(by_name, der.SEQUENCE).der, None
    return None, only(reader.take(_BY_KEY), der.OCTET_STRING).content


def _certificates(wrapper: der.Element) -> tuple[bytes, ...]:
    found = tuple(entry.der for entry in only(wrapper, der.SEQUENCE).children())
    if len(found) > _MAX_CERTIFICATES:
        raise MalformedError("OCSP answer brings too many certificates")
    return found


def _single(element: der.Element) -> SingleResponse:
    reader = element.children()
    identifier = read_certificate_id(reader.take(der.SEQUENCE))
    status, revoked_at, reason = _status(reader.take())
    this_update = der.time(reader.take(der.GENERALIZED_TIME))
    wrapper = reader.take_if(der.context(0))
    next_update = None if wrapper is None else der.time(only(wrapper, der.GENERALIZED_TIME))
    extensions = wrapped_extensions(reader.take_if(der.context(1)))
    reader.finish()
    return SingleResponse(
        identifier, status, this_update, next_update, revoked_at, reason, extensions
    )


def _status(element: der.Element) -> tuple[str, datetime | None, int | None]:
    if element.tag in (_GOOD, _UNKNOWN):
        if element.content:
            raise MalformedError("OCSP status holds something")
        return ("good" if element.tag == _GOOD else "unknown"), None, None
    if element.tag != _REVOKED:
        raise MalformedError("OCSP status is neither good, revoked nor unknown")
    reader = element.children()
    revoked_at = der.time(reader.take(der.GENERALIZED_TIME))
    wrapper = reader.take_if(der.context(0))
    reader.finish()
    reason = None if wrapper is None else der.integer(only(wrapper, der.ENUMERATED), 1)
    return "revoked", revoked_at, reason


def _is_appointed(candidate: Certificate, issuer: Certificate, at: datetime) -> bool:
    if candidate.der == issuer.der:
        return True
    if candidate.issuer_der != issuer.subject_der or not candidate.valid_at(at):
        return False
    if oids.EKU_OCSP_SIGNING not in candidate.extended_key_usage:
        return False
    try:
        candidate.verify_signed_by(issuer)
    except (InvalidSignatureError, UnsupportedError):
        return False
    return True
