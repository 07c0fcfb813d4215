"""An electronic seal (电子印章) and its signature (电子签章), as values.

V4 is GB/T 38540-2020, V1 is GM/T 0031-2014; their structures are listed in
`docs/standards.md`. A parsed value keeps the very bytes that were signed, and says in
`deviations` where it left the letter of its format and was read all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sealkit.asn1 import algorithms
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError
from sealkit.sm import signature as encodings
from sealkit.sm import sm3

V1: Final = 1
V4: Final = 4
V5: Final = 5

DEVIATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "certificates.bare": "the certificate list holds certificates, not OCTET STRINGs of them",
        "certificates.empty": "the certificate list is empty",
        "data_hash.length": "dataHash has not 32 bytes",
        "data_hash.octet_string": "dataHash is an OCTET STRING",
        "extensions.critical_false": "an extension spells out critical FALSE, the default",
        "extensions.tagged": "the extensions of the seal stand in [0]",
        "picture.size": "the picture has no size",
        "picture.type": "the picture is not of the type it names",
        "signature.raw": "the signature value is 64 bytes r and s, not their DER SEQUENCE",
        "time.fraction": "a time holds fractions of a second",
        "time.generalized": "a time is a GeneralizedTime where UTCTime belongs",
        "time.octet_string": "timeInfo is an OCTET STRING",
        "time.unreadable": "timeInfo is neither a time nor a timestamp that we can read",
        "time.utc": "a time is a UTCTime where GeneralizedTime belongs",
        "validity.order": "the seal ends before it begins",
        "version.mismatch": "the signature names another version than its seal",
    }
)
"""Every code that `Seal.deviations` and `SealSignature.deviations` may hold."""

PICTURE_MAGIC: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "png": b"\x89PNG\r\n\x1a\n",
        "jpg": b"\xff\xd8\xff",
        "jpeg": b"\xff\xd8\xff",
        "gif": b"GIF8",
        "bmp": b"BM",
        "ofd": b"PK\x03\x04",
    }
)
"""How an image of each type begins; the type is compared without case."""


@dataclass(frozen=True, slots=True)
class SealPicture:
    """What the seal looks like (SES_ESPictrueInfo, the misspelling is official)."""

    type: str
    """Image format as written, such as ``PNG`` or ``ofd``; compare without case."""

    image: bytes = field(repr=False)
    """The image file."""

    width_mm: int
    height_mm: int

    @property
    def is_of_its_type(self) -> bool:
        """Whether the image begins as one of its type does."""
        magic = PICTURE_MAGIC.get(self.type.lower())
        return magic is not None and self.image.startswith(magic)


@dataclass(frozen=True, slots=True)
class CertificateDigest:
    """A signer's certificate named by its digest (certListType 2)."""

    algorithm: str
    """As written; products do not agree on the text."""

    digest: bytes


@dataclass(frozen=True, slots=True)
class SealInfo:
    """What the maker certifies about a seal (SES_SealInfo)."""

    seal_id: str
    """esID, unique per seal, ASCII."""

    name: str

    type: int
    """Code set by the business side, such as 4 for e-licences."""

    vendor_id: str
    """Vid of the header, ASCII."""

    certificates: tuple[bytes, ...] = field(repr=False)
    """DER certificates of those who may use the seal; unread, products put other things here."""

    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture: SealPicture

    certificate_digests: tuple[CertificateDigest, ...] = ()
    """In place of `certificates` in a seal of certListType 2; read, never written."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One ExtData, unread."""

    identifier: str
    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal (SESeal), the content of an ``.esl`` file, unverified."""

    der: bytes = field(repr=False)
    version: int
    """`V1`, `V4` or `V5`, by the outline."""

    header_version: int
    """As written in the header; free in V1, and 1 in practice."""

    info: SealInfo
    signed: bytes = field(repr=False)
    """What the maker signed: DER(SES_SealInfo) in V4, DER(SEQUENCE{info, cert, alg}) in V1."""

    maker_certificate_der: bytes = field(repr=False)
    algorithm: str
    """Dotted signature algorithm."""

    signature: bytes = field(repr=False)
    """Content of the BIT STRING."""

    extensions: tuple[Extension, ...]
    deviations: tuple[str, ...]

    def verify_maker(self) -> None:
        """Check the maker's signature. The maker's certificate is not judged.

        Raises:
            InvalidSignatureError: if it does not hold.
            MalformedError: if the maker's certificate cannot be read.
            UnsupportedError: if the algorithm is not ours.
        """
        _verify(self.maker_certificate_der, self.algorithm, self.signature, self.signed)

    def lists(self, certificate_der: bytes) -> bool:
        """Whether this certificate may use the seal.

        By its bytes, or in a list of digests by plain SM3 of them (without Z).
        """
        if certificate_der in self.info.certificates:
            return True
        named = sm3.digest(certificate_der)
        return any(entry.digest == named for entry in self.info.certificate_digests)


@dataclass(frozen=True, slots=True)
class SealSignature:
    """The signature made with a seal (SES_Signature, ``SignedValue.dat``), unverified."""

    der: bytes = field(repr=False)
    version: int
    """`V1`, `V4` or `V5`, as its seal."""

    seal: Seal
    signed_at: datetime | None
    """timeInfo; None where a V1 product wrote something that is no time."""

    time_info: bytes
    """timeInfo as written: text of a time, or in V1 perhaps a timestamp token."""

    data_hash: bytes
    property_info: str
    """In OFD: absolute path of the Signature.xml that `data_hash` was computed over."""

    certificate_der: bytes = field(repr=False)
    """The signer's certificate. In V4 it is outside the signed bytes: see `Seal.lists`."""

    algorithm: str
    """Dotted signature algorithm."""

    signature: bytes = field(repr=False)
    """Content of the BIT STRING; a timestamp is made over exactly these bytes."""

    timestamp: bytes | None = field(repr=False)
    """RFC 3161 token over `signature`, DER."""

    tbs: bytes = field(repr=False)
    """DER(TBS_Sign), what the signer signed."""

    extensions: tuple[Extension, ...]
    deviations: tuple[str, ...]
    """Of the signature itself; those of the seal are in `seal.deviations`."""

    @property
    def time_token(self) -> bytes | None:
        """The RFC 3161 token that a V1 signature has for its timeInfo, DER, unverified.

        It was there before the signature, so it is about what was signed and not about the
        signature value. None where timeInfo is the text of a time.
        """
        is_token = self.version == V1 and self.time_info[:1] == b"\x30"
        return self.time_info if is_token and self.signed_at is not None else None

    @property
    def seal_der(self) -> bytes:
        """The seal as embedded; equals the ``.esl`` file where there is one."""
        return self.seal.der

    def verify_value(self) -> None:
        """Check the signature value. Neither certificate, seal nor data hash is judged.

        Raises:
            InvalidSignatureError: if it does not hold.
            MalformedError: if the signer's certificate cannot be read.
            UnsupportedError: if the algorithm is not ours.
        """
        _verify(self.certificate_der, self.algorithm, self.signature, self.tbs)


def is_raw_signature(value: bytes) -> bool:
    """Whether this is r‖s rather than DER; 64 bytes that read as DER are DER."""
    if len(value) != encodings.RAW_BYTES:
        return False
    try:
        encodings.from_der(value)
    except InvalidSignatureError:
        return True
    return False


def _verify(certificate_der: bytes, algorithm: str, value: bytes, message: bytes) -> None:
    signature = encodings.to_der(value) if is_raw_signature(value) else value
    algorithms.verify(parse_certificate(certificate_der).spki, algorithm, signature, message)
