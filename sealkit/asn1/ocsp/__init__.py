"""Certificate status at this moment (OCSP, RFC 6960), asked for, given and read.

Asking:  `certificate_id`, `build_request`, then `parse_response` and `BasicResponse.verify`.
Serving: `parse_request`, then `build_response` or `build_refusal`.
"""

from sealkit.asn1.ocsp.certificate_id import (
    CertificateID,
    certificate_id,
    issuer_digests,
)
from sealkit.asn1.ocsp.request import (
    MAX_NONCE_BYTES,
    MAX_REQUEST_BYTES,
    MAX_SINGLE_REQUESTS,
    OCSPRequest,
    build_request,
    parse_request,
)
from sealkit.asn1.ocsp.response import (
    MAX_RESPONSE_BYTES,
    BasicResponse,
    OCSPResponse,
    ResponseStatus,
    SingleResponse,
    parse_response,
)
from sealkit.asn1.ocsp.signing import GOOD, UNKNOWN, Answer, build_refusal, build_response

__all__ = [
    "GOOD",
    "MAX_NONCE_BYTES",
    "MAX_REQUEST_BYTES",
    "MAX_RESPONSE_BYTES",
    "MAX_SINGLE_REQUESTS",
    "UNKNOWN",
    "Answer",
    "BasicResponse",
    "CertificateID",
    "OCSPRequest",
    "OCSPResponse",
    "ResponseStatus",
    "SingleResponse",
    "build_refusal",
    "build_request",
    "build_response",
    "certificate_id",
    "issuer_digests",
    "parse_request",
    "parse_response",
]
