"""A request for the status of certificates (RFC 6960, 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sealkit.asn1 import der, encode
from sealkit.asn1.extensions import Extension, build_extension, read_extensions
from sealkit.asn1.ocsp.certificate_id import CertificateID, read_certificate_id
from sealkit.errors import MalformedError

MAX_REQUEST_BYTES: Final = 64 * 1024
MAX_SINGLE_REQUESTS: Final = 32
MAX_NONCE_BYTES: Final = 128  # RFC 9654
NONCE: Final = "1.3.6.1.5.5.7.48.1.2"
ACCEPTABLE_RESPONSES: Final = "1.3.6.1.5.5.7.48.1.4"

_VERSION: Final = 0
_KNOWN: Final = frozenset({NONCE, ACCEPTABLE_RESPONSES})


@dataclass(frozen=True, slots=True)
class OCSPRequest:
    """What somebody asks. A signature of the asker is not looked at."""

    certificates: tuple[CertificateID, ...]
    """1 to `MAX_SINGLE_REQUESTS`."""
    nonce: bytes | None
    """To be echoed, 1 to 128 octets."""
    has_unknown_critical: bool
    """Whether a critical extension is there that we do not know; such a request is refused."""


def build_request(certificate_ids: Sequence[bytes], *, nonce: bytes | None = None) -> bytes:
    """Return an OCSPRequest, DER, without signature.

    Args:
        certificate_ids: of `certificate_id`, 1 to 32.
        nonce: random, 32 octets are usual; None lets a prepared answer be served.

    Raises:
        ValueError: if there are none or too many, or the nonce is not of 1 to 128 octets.
    """
    if not 0 < len(certificate_ids) <= MAX_SINGLE_REQUESTS:
        raise ValueError("a request asks for 1 to 32 certificates")
    extensions = () if nonce is None else (encode.context(2, encode.sequence(build_nonce(nonce))),)
    singles = encode.sequence(*map(encode.sequence, certificate_ids))
    return encode.sequence(encode.sequence(singles, *extensions))


def parse_request(request: bytes) -> OCSPRequest:
    """Read an OCSPRequest.

    Raises:
        MalformedError: if it is not one strict DER value of that structure, asks for too
            many certificates, or has a nonce of another length than 1 to 128 octets.
    """
    outer = der.parse(request, der.SEQUENCE, max_bytes=MAX_REQUEST_BYTES).children()
    reader = outer.sequence()
    outer.take_if(der.context(0))  # the asker's signature
    outer.finish()
    version = reader.take_if(der.context(0))
    if version is not None and only(version, der.INTEGER).content != bytes((_VERSION,)):
        raise MalformedError("OCSP request of another version")
    reader.take_if(der.context(1))  # the asker's name
    singles = list(reader.sequence())
    if not 0 < len(singles) <= MAX_SINGLE_REQUESTS:
        raise MalformedError("OCSP request asks for nothing, or too much")
    wrapper = reader.take_if(der.context(2))
    reader.finish()
    extensions = wrapped_extensions(wrapper)
    asked = [_single(single) for single in singles]
    critical = [entry for entry in extensions if entry.critical and entry.oid not in _KNOWN]
    return OCSPRequest(
        certificates=tuple(identifier for identifier, _ in asked),
        nonce=read_nonce(extensions),
        has_unknown_critical=bool(critical) or any(unknown for _, unknown in asked),
    )


def wrapped_extensions(wrapper: der.Element | None) -> tuple[Extension, ...]:
    """Return the extensions inside an EXPLICIT tag; none when it is absent."""
    if wrapper is None:
        return ()
    return read_extensions(only(wrapper, der.SEQUENCE).children())


def read_nonce(extensions: tuple[Extension, ...]) -> bytes | None:
    """Return the nonce among `extensions`.

    Raises:
        MalformedError: if it is not an OCTET STRING of 1 to 128 octets.
    """
    found = next((entry for entry in extensions if entry.oid == NONCE), None)
    if found is None:
        return None
    nonce = der.parse(found.value, der.OCTET_STRING).content
    if not 0 < len(nonce) <= MAX_NONCE_BYTES:
        raise MalformedError("OCSP nonce is empty or too long")
    return nonce


def build_nonce(nonce: bytes) -> bytes:
    """Return the nonce extension; ValueError unless it has 1 to 128 octets."""
    if not 0 < len(nonce) <= MAX_NONCE_BYTES:
        raise ValueError("a nonce has 1 to 128 octets")
    return build_extension(NONCE, encode.octet_string(nonce))


def _single(element: der.Element) -> tuple[CertificateID, bool]:
    reader = element.children()
    identifier = read_certificate_id(reader.take(der.SEQUENCE))
    extensions = wrapped_extensions(reader.take_if(der.context(0)))
    reader.finish()
    return identifier, any(entry.critical for entry in extensions)


def only(wrapper: der.Element, tag: int) -> der.Element:
    """Return the one value inside an EXPLICIT tag, which must carry `tag`."""
    inner = wrapper.children()
    found = inner.take(tag)
    inner.finish()
    return found
