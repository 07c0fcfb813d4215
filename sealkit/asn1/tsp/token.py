"""A timestamp token (RFC 3161, 2.4.2): a signed message over a TSTInfo.

The outer form may be that of RFC 5652 or of GB/T 35275; both are deployed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sealkit import oids
from sealkit.asn1 import algorithms, cms, der
from sealkit.asn1.tsp.imprint import read_imprint
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError

MAX_TOKEN_BYTES: Final = 256 * 1024

_VERSION: Final = 1
_MILLIS: Final = der.context(0, constructed=False)
_MICROS: Final = der.context(1, constructed=False)


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """A statement that something existed at a time, unverified."""

    der: bytes = field(repr=False)
    signed: cms.SignedData
    policy: str
    imprint: bytes
    imprint_algorithm: str
    """``sm3``, ``sha256``, …, or a dotted identifier."""

    serial: int
    at: datetime
    accuracy: timedelta | None
    """How far `at` may be off, either way; None when the service does not say."""

    nonce: int | None
    deviations: tuple[str, ...]
    """Those of the signed message, and ``signing_certificate.absent``."""

    @property
    def signer_certificate_der(self) -> bytes | None:
        """The service's certificate, if the token carries it."""
        return self.signed.signer_certificate_der

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """All certificates in the token."""
        return self.signed.certificates

    def verify(
        self,
        message: bytes | None = None,
        *,
        imprint: bytes | None = None,
        certificate_der: bytes | None = None,
    ) -> None:
        """Check that the token stamps this and that its signature holds.

        Give either the message that was stamped or its digest. The purpose, chain and
        validity of the service's certificate are not judged.

        Args:
            message: what was stamped; for a seal signature, the signature value.
            imprint: its digest under `imprint_algorithm`, when the message is not at hand.
            certificate_der: the service's certificate, when the token does not carry it.

        Raises:
            InvalidSignatureError: if it stamps something else, or the signature fails.
            MalformedError: if the service's certificate cannot be read.
            UnsupportedError: if an algorithm is not ours.
            ValueError: if not exactly one of `message` and `imprint` is given.
        """
        if (message is None) == (imprint is None):
            raise ValueError("give the message or its imprint")
        expected = self._digest(message) if message is not None else imprint
        if expected != self.imprint:
            raise InvalidSignatureError("the timestamp is over something else")
        self.signed.verify(certificate_der=certificate_der)

    def _digest(self, message: bytes) -> bytes:
        for identifier, name in algorithms.DIGEST_NAMES.items():
            if name == self.imprint_algorithm:
                return algorithms.digest(identifier, message)
        raise UnsupportedError(f"imprint algorithm {self.imprint_algorithm}")


def parse_token(token: bytes) -> TimestampToken:
    """Read a timestamp token.

    Raises:
        MalformedError: if it is not one strict DER value of that structure.
    """
    signed = cms.parse(token, max_bytes=MAX_TOKEN_BYTES)
    if signed.content_type != oids.TST_INFO or signed.content is None:
        raise MalformedError("signed message does not hold a timestamp")
    reader = der.parse(signed.content, der.SEQUENCE).children()
    if reader.integer() != _VERSION:
        raise MalformedError("timestamp of another version")
    policy = reader.object_identifier()
    imprint, algorithm = read_imprint(reader)
    serial = reader.integer()
    at = der.time(reader.take(der.GENERALIZED_TIME))
    accuracy = reader.take_if(der.SEQUENCE)
    ordering = reader.take_if(der.BOOLEAN)
    nonce = reader.take_if(der.INTEGER)
    reader.take_if(der.context(0))
    reader.take_if(der.context(1))
    reader.finish()
    if ordering is not None:
        der.boolean(ordering)
    deviations = signed.deviations
    if signed.attributes is None or signed.attributes.certificate_digest is None:
        deviations += ("signing_certificate.absent",)
    return TimestampToken(
        der=token,
        signed=signed,
        policy=policy,
        imprint=imprint,
        imprint_algorithm=algorithm,
        serial=serial,
        at=at,
        accuracy=None if accuracy is None else _accuracy(accuracy),
        nonce=None if nonce is None else der.integer(nonce),
        deviations=deviations,
    )


def _accuracy(element: der.Element) -> timedelta:
    reader = element.children()
    values = []
    for tag in (der.INTEGER, _MILLIS, _MICROS):
        part = reader.take_if(tag)
        values.append(0 if part is None else der.integer(part, 4))
    reader.finish()
    seconds, millis, micros = values
    if min(values) < 0 or max(millis, micros) > 999:
        raise MalformedError("timestamp accuracy is out of range")
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)
