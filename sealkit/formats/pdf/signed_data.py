"""What the CMS of a PDF signature says and whether it holds (RFC 5652, 5.4 to 5.6).

Checked over the bytes as they came: the attributes are hashed as written, only their tag
is the SET that the standard signs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from asn1crypto import (
    parser,
    tsp,  # noqa: F401  # teaches asn1crypto.cms the attributes of RFC 5035 and RFC 3161
)
from asn1crypto.cms import ContentInfo, SignedData, SignerInfo
from asn1crypto.core import Void
from asn1crypto.x509 import Certificate

import sealkit.asn1.registry  # noqa: F401  # teaches asn1crypto the names of SM2 and SM3
from sealkit import oids
from sealkit.asn1 import algorithms, der
from sealkit.errors import InvalidSignatureError, UnsupportedError
from sealkit.formats.pdf.errors import MalformedPDFError

MAX_CMS_BYTES: Final = 1024 * 1024
MAX_CERTIFICATES: Final = 64
T = TypeVar("T")
_SET_OF: Final = b"\x31"
DIGESTS_FOR: Final = {
    oids.SM2_WITH_SM3: (oids.SM3, oids.SM3_WITHOUT_KEY),
    oids.SM2_SIGNATURE: (oids.SM3, oids.SM3_WITHOUT_KEY),
    oids.ECDSA_WITH_SHA256: (oids.SHA256,),
}
"""Signature algorithms spoken here, each with the digests that may go with it."""


@dataclass(frozen=True, slots=True)
class SignedDataFacts:
    """One signature value with all that belongs to it."""

    algorithm: str
    """Signature algorithm, dotted."""
    digest_algorithm: str
    digest_holds: bool
    """The document's bytes are those that were signed."""
    signature_holds: bool | None
    """The value verifies with the certificate's key; None for an algorithm not spoken here."""
    value: bytes
    certificate_der: bytes
    certificates: tuple[bytes, ...]
    """DER, the signer's first, then the others as they came."""
    signed_at: datetime | None
    """The signing-time attribute."""
    timestamp_der: bytes | None


def cut_padding(contents: bytes) -> bytes:
    """Return the DER at the start of /Contents, which may be followed by zeros only.

    Raises:
        MalformedPDFError: if something else follows, or it is no DER value.
    """
    cms = first_value(contents)
    der.parse(cms, max_bytes=MAX_CMS_BYTES)
    return cms


def first_value(contents: bytes) -> bytes:
    """Return what the length at the start of `contents` takes in; nothing else is checked.

    Raises:
        MalformedPDFError: if something else than zeros follows.
        ValueError: if there is no length.
    """
    length = parser.peek(contents)
    if contents[length:].strip(b"\0"):
        raise MalformedPDFError("PDF signature is followed by something")
    return contents[:length]


def read_signed_data(cms: bytes, covered: bytes) -> SignedDataFacts:
    """Read the CMS of a signature or document timestamp about the bytes `covered`.

    May raise what asn1crypto raises; the caller stands at the border.
    """
    content_info = ContentInfo.load(cms, strict=True)
    if content_info["content_type"].native != "signed_data":
        raise MalformedPDFError("PDF signature is not SignedData")
    signed_data = content_info["content"]
    (signer_info,) = signed_data["signer_infos"]
    certificate, others = _certificates(signed_data, signer_info)
    content, content_holds = _content(signed_data, covered)
    message, digest_holds = _message(signed_data, signer_info, content)
    return SignedDataFacts(
        algorithm=signer_info["signature_algorithm"]["algorithm"].dotted,
        digest_algorithm=signer_info["digest_algorithm"]["algorithm"].dotted,
        digest_holds=digest_holds and content_holds,
        signature_holds=_signature_holds(signer_info, certificate, message),
        value=signer_info["signature"].native,
        certificate_der=certificate.dump(),
        certificates=(certificate.dump(), *(other.dump() for other in others)),
        signed_at=_single(signer_info["signed_attrs"], "signing_time", lambda time: time.native),
        timestamp_der=_single(
            signer_info["unsigned_attrs"], "signature_time_stamp_token", lambda token: token.dump()
        ),
    )


def _content(signed_data: SignedData, covered: bytes) -> tuple[bytes, bool]:
    """Return the content that is signed, and whether it is about `covered`."""
    inside = signed_data["encap_content_info"]
    if inside["content_type"].native == "tst_info":
        imprint = inside["content"].parsed["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].dotted
        expected = algorithms.digest(algorithm, covered)
        return bytes(inside["content"]), imprint["hashed_message"].native == expected
    if not isinstance(inside["content"], Void):
        raise MalformedPDFError("PDF signature carries content of its own")
    return covered, True


def _message(
    signed_data: SignedData, signer_info: SignerInfo, content: bytes
) -> tuple[bytes, bool]:
    """Return the bytes under the signature value, and whether they vouch for `content`."""
    attributes = signer_info["signed_attrs"]
    content_type = signed_data["encap_content_info"]["content_type"].native
    if isinstance(attributes, Void):
        # A PDF begins with "%", so it is never taken for the attributes of a message.
        return content, True
    if _single(attributes, "content_type", lambda value: value.native) != content_type:
        raise MalformedPDFError("PDF signature names two content types")
    digest = algorithms.digest(signer_info["digest_algorithm"]["algorithm"].dotted, content)
    claimed = _single(attributes, "message_digest", lambda value: value.native)
    return _SET_OF + attributes.dump()[1:], claimed == digest


def _signature_holds(
    signer_info: SignerInfo, certificate: Certificate, message: bytes
) -> bool | None:
    algorithm = signer_info["signature_algorithm"]["algorithm"].dotted
    digest_algorithm = signer_info["digest_algorithm"]["algorithm"].dotted
    if algorithm not in DIGESTS_FOR:
        return None
    if digest_algorithm not in DIGESTS_FOR[algorithm]:
        return False
    if not _binds(signer_info["signed_attrs"], certificate):
        return False
    try:
        algorithms.verify(
            certificate.public_key.dump(), algorithm, signer_info["signature"].native, message
        )
    except InvalidSignatureError:
        return False
    return True


def _binds(attributes: Any, certificate: Certificate) -> bool:
    """Whether signing-certificate-v2, where present, is about `certificate` (RFC 5035).

    Issuer and serial alone would let another certificate of the same key take its place.
    """
    bound = _single(attributes, "signing_certificate_v2", lambda value: value["certs"][0])
    if bound is None:
        return True
    algorithm = bound["hash_algorithm"]["algorithm"].dotted
    try:
        expected = algorithms.digest(algorithm, certificate.dump())
    except UnsupportedError:
        return False
    return bool(bound["cert_hash"].native == expected)


def _certificates(
    signed_data: SignedData, signer_info: SignerInfo
) -> tuple[Certificate, list[Certificate]]:
    if isinstance(signed_data["certificates"], Void):
        raise MalformedPDFError("PDF signature carries no certificate")
    choices = list(signed_data["certificates"])
    if len(choices) > MAX_CERTIFICATES:
        raise MalformedPDFError("PDF signature carries too many certificates")
    certificates = [choice.chosen for choice in choices if choice.name == "certificate"]
    signers = [one for one in certificates if _is_named(signer_info["sid"], one)]
    if len(signers) != 1:
        raise MalformedPDFError("PDF signature does not carry its one signer's certificate")
    return signers[0], [one for one in certificates if one is not signers[0]]


def _is_named(identifier: Any, certificate: Certificate) -> bool:
    chosen = identifier.chosen
    if identifier.name == "subject_key_identifier":
        return bool(certificate.key_identifier == chosen.native)
    same_issuer = chosen["issuer"].dump() == certificate.issuer.dump()
    return bool(same_issuer and chosen["serial_number"].native == certificate.serial_number)


def _single(attributes: Any, name: str, read: Callable[[Any], T]) -> T | None:
    """Return the one value of the attribute `name`, None when there is none."""
    if isinstance(attributes, Void):
        return None
    values = [
        value
        for attribute in attributes
        if attribute["type"].native == name
        for value in attribute["values"]
    ]
    if len(values) > 1:
        raise MalformedPDFError(f"PDF signature carries several attributes {name}")
    return read(values[0]) if values else None
