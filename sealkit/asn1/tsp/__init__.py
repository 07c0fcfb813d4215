"""Timestamps (RFC 3161; GM/T 0033 with SM2 and SM3), asked for, given and read.

Asking:  `build_request`, then `parse_response` of the answer and `TimestampToken.verify`.
Serving: `parse_request`, then `build_response` or `build_refusal`.
"""

from sealkit.asn1.tsp.imprint import ALGORITHMS
from sealkit.asn1.tsp.request import (
    MAX_REQUEST_BYTES,
    TimestampRequest,
    build_request,
    parse_request,
)
from sealkit.asn1.tsp.response import (
    Failure,
    Status,
    TimestampResponse,
    build_refusal,
    build_response,
    parse_response,
)
from sealkit.asn1.tsp.token import MAX_TOKEN_BYTES, TimestampToken, parse_token

__all__ = [
    "ALGORITHMS",
    "MAX_REQUEST_BYTES",
    "MAX_TOKEN_BYTES",
    "Failure",
    "Status",
    "TimestampRequest",
    "TimestampResponse",
    "TimestampToken",
    "build_refusal",
    "build_request",
    "build_response",
    "parse_request",
    "parse_response",
    "parse_token",
]
