"""A request for a timestamp (RFC 3161, 2.4.1), as GM/T 0033 takes it over."""

from dataclasses import dataclass
from typing import Final

from sealkit.asn1 import der, encode
from sealkit.asn1.tsp.imprint import build_imprint, read_imprint
from sealkit.errors import MalformedError

MAX_REQUEST_BYTES: Final = 64 * 1024

_VERSION: Final = 1
_EXTENSIONS: Final = der.context(0)


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """What somebody wants to have stamped."""

    imprint: bytes
    algorithm: str
    """``sm3`` or ``sha256``; another name, or a dotted identifier, is to be refused."""

    policy: str | None
    """Dotted policy that the stamp must be made under, if one is asked for."""

    nonce: int | None
    """To be echoed; it may be negative, since some clients send random octets."""

    wants_certificate: bool
    has_extensions: bool
    """Whether there are extensions. We know none, so RFC 3161 has such a request refused."""


def build_request(
    imprint: bytes,
    *,
    algorithm: str = "sm3",
    nonce: int | None,
    policy: str | None = None,
    wants_certificate: bool = True,
) -> bytes:
    """Return a TimeStampReq, DER.

    Args:
        imprint: the digest of the message.
        algorithm: ``sm3`` or ``sha256``.
        nonce: random, 64 bits or more; the answer must echo it. None only where the
            answer comes by a trusted way.
        policy: dotted policy to insist on.
        wants_certificate: ask for the certificate within the token.

    Raises:
        ValueError: if the imprint does not fit its algorithm.
    """
    return encode.sequence(
        encode.integer(_VERSION),
        build_imprint(imprint, algorithm),
        *(() if policy is None else (encode.object_identifier(policy),)),
        *(() if nonce is None else (encode.integer(nonce),)),
        *((encode.boolean(True),) if wants_certificate else ()),
    )


def parse_request(request: bytes) -> TimestampRequest:
    """Read a TimeStampReq.

    Raises:
        MalformedError: if it is not one strict DER value of that structure, version 1.
    """
    reader = der.parse(request, der.SEQUENCE, max_bytes=MAX_REQUEST_BYTES).children()
    if reader.integer() != _VERSION:
        raise MalformedError("timestamp request of another version")
    imprint, algorithm = read_imprint(reader)
    policy = reader.take_if(der.OBJECT_IDENTIFIER)
    nonce = reader.take_if(der.INTEGER)
    wanted = reader.take_if(der.BOOLEAN)
    extensions = reader.take_if(_EXTENSIONS)
    reader.finish()
    return TimestampRequest(
        imprint=imprint,
        algorithm=algorithm,
        policy=None if policy is None else der.object_identifier(policy),
        nonce=None if nonce is None else der.integer(nonce),
        wants_certificate=wanted is not None and der.boolean(wanted),
        has_extensions=extensions is not None,
    )
