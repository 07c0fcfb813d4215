"""Making an answer about certificates (RFC 6960, 4.2)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealkit.asn1 import algorithms, der, encode
from sealkit.asn1.crl import Revocation, build_invalidity_date
from sealkit.asn1.ocsp.certificate_id import key_octets
from sealkit.asn1.ocsp.request import build_nonce
from sealkit.asn1.ocsp.response import BASIC, ResponseStatus
from sealkit.asn1.x509 import parse_certificate
from sealkit.signer import Signer

GOOD: Final = "good"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say of one certificate."""

    certificate_id: bytes
    """The CertID of the question, byte for byte."""
    status: str | Revocation
    """`GOOD`, `UNKNOWN`, or the revocation."""


def build_response(
    answers: Sequence[Answer],
    *,
    signer: Signer,
    at: datetime,
    next_update: datetime,
    nonce: bytes | None = None,
) -> bytes:
    """Return a successful OCSPResponse, DER, with the responder's certificate beside it.

    Args:
        answers: one for each certificate asked about, in the order of the question.
        signer: the responder, named by its key.
        at: producedAt and thisUpdate, cut to whole seconds.
        next_update: until when the answer may be relied on.
        nonce: of the question, 1 to 128 octets.
    """
    extensions = () if nonce is None else (encode.context(1, encode.sequence(build_nonce(nonce))),)
    key = key_octets(parse_certificate(signer.certificate_der).spki)
    key_digest = hashlib.sha1(key, usedforsecurity=False).digest()
    tbs = encode.sequence(
        encode.context(2, encode.octet_string(key_digest)),
        encode.generalized_time(at),
        encode.sequence(*(_single(answer, at, next_update) for answer in answers)),
        *extensions,
    )
    basic = encode.sequence(
        tbs,
        encode.algorithm(algorithms.signature_algorithm(signer)),
        encode.bit_string(algorithms.sign(signer, tbs)),
        encode.context(0, encode.sequence(signer.certificate_der)),
    )
    body = encode.sequence(encode.object_identifier(BASIC), encode.octet_string(basic))
    return encode.sequence(_enumerated(ResponseStatus.SUCCESSFUL), encode.context(0, body))


def build_refusal(status: ResponseStatus) -> bytes:
    """Return an OCSPResponse without an answer, DER; ValueError for SUCCESSFUL."""
    if status is ResponseStatus.SUCCESSFUL:
        raise ValueError("what is successful carries an answer")
    return encode.sequence(_enumerated(status))


def _single(answer: Answer, at: datetime, next_update: datetime) -> bytes:
    extensions: tuple[bytes, ...] = ()
    if isinstance(answer.status, Revocation):
        status = _revoked(answer.status)
        if answer.status.invalid_since is not None:
            date = build_invalidity_date(answer.status.invalid_since)
            extensions = (encode.context(1, encode.sequence(date)),)
    elif answer.status in (GOOD, UNKNOWN):
        number = 0 if answer.status == GOOD else 2
        status = encode.value(der.context(number, constructed=False), b"")
    else:
        raise ValueError(f"no status: {answer.status}")
    return encode.sequence(
        answer.certificate_id,
        status,
        encode.generalized_time(at),
        encode.context(0, encode.generalized_time(next_update)),
        *extensions,
    )


def _revoked(revocation: Revocation) -> bytes:
    reason = (
        (encode.context(0, _enumerated(revocation.reason)),) if revocation.reason else ()
    )  # unspecified is left out
    return encode.context(1, encode.generalized_time(revocation.at), *reason)


def _enumerated(number: int) -> bytes:
    return encode.value(der.ENUMERATED, bytes((number,)))
