"""The answer to a timestamp request (RFC 3161, 2.4.2): a token, or a refusal that says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from sealkit import oids
from sealkit.asn1 import cms, der, encode
from sealkit.asn1.tsp.imprint import build_imprint
from sealkit.asn1.tsp.request import TimestampRequest
from sealkit.asn1.tsp.token import MAX_TOKEN_BYTES, TimestampToken, parse_token
from sealkit.errors import MalformedError
from sealkit.signer import Signer

_VERSION: Final = 1
_GRANTED: Final = 2  # statuses below this carry a token
_MAX_TEXTS: Final = 16


class Status(IntEnum):
    """PKIStatus."""

    GRANTED = 0
    GRANTED_WITH_MODS = 1
    REJECTION = 2
    WAITING = 3
    REVOCATION_WARNING = 4
    REVOCATION_NOTIFICATION = 5


class Failure(IntEnum):
    """PKIFailureInfo: why no token was made. The values are bit numbers."""

    BAD_ALGORITHM = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    ADDITIONAL_INFORMATION_NOT_AVAILABLE = 17
    SYSTEM_FAILURE = 25


@dataclass(frozen=True, slots=True)
class TimestampResponse:
    """What a timestamp service answered, unverified."""

    status: Status
    texts: tuple[str, ...]
    failures: tuple[Failure, ...]
    token: TimestampToken | None
    """There exactly when the status is granted, with or without modifications."""


def build_response(
    request: TimestampRequest,
    *,
    serial: int,
    at: datetime,
    policy: str,
    signer: Signer,
    accuracy: timedelta | None = None,
    chain: Sequence[bytes] = (),
) -> bytes:
    """Return a TimeStampResp with a token, DER.

    The imprint and nonce are those of the request, the certificate is sent if it was
    wanted. A service answers what it cannot grant by `build_refusal`.

    Args:
        request: what was asked for.
        serial: never used before by this service.
        at: the time stamped, to the microsecond.
        policy: dotted policy of the service.
        signer: key of the service.
        accuracy: how far `at` may be off, either way.
        chain: certificates to send beside the service's own.

    Raises:
        ValueError: if the request asks for another policy, for extensions, or for a
            digest that we do not stamp.
    """
    if request.policy not in (None, policy):
        raise ValueError("the request asks for another policy")
    if request.has_extensions:
        raise ValueError("the request has extensions, of which we know none")
    info = encode.sequence(
        encode.integer(_VERSION),
        encode.object_identifier(policy),
        build_imprint(request.imprint, request.algorithm),
        encode.integer(serial),
        encode.generalized_time(at, fraction=True),
        *(() if accuracy is None else (_accuracy(accuracy),)),
        *(() if request.nonce is None else (encode.integer(request.nonce),)),
    )
    token = cms.sign(
        info,
        signer,
        at=at,
        content_type=oids.TST_INFO,
        chain=chain,
        with_certificates=request.wants_certificate,
    )
    return encode.sequence(encode.sequence(encode.integer(Status.GRANTED)), token)


def build_refusal(status: Status, failure: Failure | None = None, text: str | None = None) -> bytes:
    """Return a TimeStampResp without a token, DER; ValueError for a granting status.

    Args:
        status: usually `Status.REJECTION`.
        failure: the one reason.
        text: a sentence for the reader, without inner details.
    """
    if status < _GRANTED:
        raise ValueError("what is granted carries a token")
    return encode.sequence(
        encode.sequence(
            encode.integer(status),
            *(() if text is None else (encode.sequence(encode.utf8_string(text)),)),
            *(() if failure is None else (encode.named_bits(failure),)),
        )
    )


def parse_response(response: bytes) -> TimestampResponse:
    """Read a TimeStampResp.

    Raises:
        MalformedError: if it is not one strict DER value of that structure, or holds a
            token without granting it, or the reverse.
    """
    outer = der.parse(response, der.SEQUENCE, max_bytes=MAX_TOKEN_BYTES).children()
    reader = outer.sequence()
    try:
        status = Status(reader.integer())
    except ValueError as error:
        raise MalformedError("timestamp response of unknown status") from error
    texts = reader.take_if(der.SEQUENCE)
    failures = reader.take_if(der.BIT_STRING)
    reader.finish()
    token = outer.take_if(der.SEQUENCE)
    outer.finish()
    if (status < _GRANTED) != (token is not None):
        raise MalformedError("timestamp response grants without a token, or the reverse")
    return TimestampResponse(
        status=status,
        texts=() if texts is None else _texts(texts),
        failures=() if failures is None else _failures(failures),
        token=None if token is None else parse_token(token.der),
    )


def _accuracy(accuracy: timedelta) -> bytes:
    if accuracy < timedelta(0):
        raise ValueError("accuracy is a distance")
    seconds = accuracy.days * 86_400 + accuracy.seconds
    millis, micros = divmod(accuracy.microseconds, 1000)
    parts = [encode.integer(seconds)] if seconds else []
    for number, part in enumerate((millis, micros)):
        if part:
            # IMPLICIT: the content of the INTEGER under the tag [0] or [1].
            tag = der.context(number, constructed=False)
            parts.append(encode.value(tag, encode.integer(part)[2:]))
    return encode.sequence(*parts)


def _texts(element: der.Element) -> tuple[str, ...]:
    texts = tuple(der.text(text) for text in element.children())
    if len(texts) > _MAX_TEXTS:
        raise MalformedError("timestamp response is talkative")
    return texts


def _failures(element: der.Element) -> tuple[Failure, ...]:
    content = element.content
    if not 1 <= len(content) <= 5 or content[0] > 7:
        raise MalformedError("failure information is no BIT STRING of its size")
    bits = int.from_bytes(content[1:])
    width = 8 * (len(content) - 1)
    return tuple(f for f in Failure if f < width and bits >> (width - 1 - f) & 1)
