"""Reading a seal, GB/T 38540 (V4) or GM/T 0031 (V1).

* The outline tells the versions apart: SEQUENCE of 2 is V1, of 4 is V4; a V5 seal reads as V4
  and may carry a timestamp of its own, which is left alone.
* The certificates in the list stay unread: deployed lists hold other things too.
* Known departures of deployed products are read and recorded; any other is malformed.
"""

from datetime import datetime
from typing import Final

from sealkit.asn1 import der, encode
from sealkit.asn1.ses.structures import (
    V1,
    V4,
    V5,
    CertificateDigest,
    Extension,
    Seal,
    SealInfo,
    SealPicture,
    is_raw_signature,
)
from sealkit.errors import MalformedError

MAX_SEAL_BYTES: Final = 2 * 1024 * 1024
HEADER_ID: Final = "ES"
CERTIFICATES: Final = 1
DIGESTS: Final = 2

_WHOLE_SECONDS: Final = 15  # characters of YYYYMMDDHHMMSSZ


def parse_seal(seal: bytes) -> Seal:
    """Read a seal, the content of an ``.esl`` file.

    Raises:
        MalformedError: if it is not one strict DER value of a known outline.
    """
    return read_seal(der.parse(seal, der.SEQUENCE, max_bytes=MAX_SEAL_BYTES))


def read_seal(element: der.Element) -> Seal:
    """Read a seal that stands inside another structure."""
    outer = element.children()
    info_element = outer.take(der.SEQUENCE)
    deviations: list[str] = []
    of_v1 = outer.next_tag() == der.SEQUENCE
    header_version, info, extensions = _seal_info(info_element, deviations, of_v1=of_v1)
    version = V1 if of_v1 else header_version
    signing = outer.sequence() if of_v1 else outer
    certificate = signing.take(der.OCTET_STRING)
    algorithm = signing.take(der.OBJECT_IDENTIFIER)
    signature = signing.bits()
    if version == V5:
        outer.take_if(der.context(0))
    signing.finish()
    outer.finish()
    if is_raw_signature(signature):
        deviations.append("signature.raw")
    signed = info_element.der
    if of_v1:
        # GM/T 0031: the three stand in a SEQUENCE that is not in the file.
        signed = encode.sequence(info_element.der, certificate.der, algorithm.der)
    return Seal(
        der=element.der,
        version=version,
        header_version=header_version,
        info=info,
        signed=signed,
        maker_certificate_der=certificate.content,
        algorithm=der.object_identifier(algorithm),
        signature=signature,
        extensions=extensions,
        deviations=tuple(dict.fromkeys(deviations)),
    )


def read_time(element: der.Element, expected: int, deviations: list[str]) -> datetime:
    """Read a time that should be of the type `expected`, recording if it is not."""
    moment = der.time(element)
    if element.tag != expected:
        deviations.append("time.utc" if element.tag == der.UTC_TIME else "time.generalized")
    if len(element.content) > _WHOLE_SECONDS:
        deviations.append("time.fraction")
    return moment


def read_extensions(element: der.Element, deviations: list[str]) -> tuple[Extension, ...]:
    """Read ExtensionDatas."""
    extensions = []
    for entry in element.children():
        reader = entry.children()
        identifier = reader.object_identifier()
        flag = reader.take_if(der.BOOLEAN)
        critical = flag is not None and der.boolean(flag)
        if flag is not None and not critical:
            deviations.append("extensions.critical_false")
        extensions.append(Extension(identifier, critical, reader.octets()))
        reader.finish()
    return tuple(extensions)


def _seal_info(
    element: der.Element, deviations: list[str], *, of_v1: bool
) -> tuple[int, SealInfo, tuple[Extension, ...]]:
    reader = element.children()
    header = reader.sequence()
    if header.ia5() != HEADER_ID:
        raise MalformedError("seal header does not say ES")
    version = header.integer()
    vendor_id = header.ia5()
    header.finish()
    if not of_v1 and version not in (V4, V5):
        raise MalformedError(f"outline of a V4 seal, but version {version}")
    seal_id = reader.ia5()
    properties = reader.sequence()
    picture = _picture(reader.sequence(), deviations)
    extensions = _seal_extensions(reader, deviations)
    reader.finish()
    info = _info(properties, seal_id, vendor_id, picture, deviations, of_v1=of_v1)
    return version, info, extensions


def _info(
    reader: der.Reader,
    seal_id: str,
    vendor_id: str,
    picture: SealPicture,
    deviations: list[str],
    *,
    of_v1: bool,
) -> SealInfo:
    seal_type = reader.integer()
    name = reader.utf8()
    list_type = CERTIFICATES if of_v1 else reader.integer()
    entries = reader.sequence()
    certificates: tuple[bytes, ...] = ()
    digests: tuple[CertificateDigest, ...] = ()
    if list_type == CERTIFICATES:
        certificates = _certificates(entries, deviations, of_v1=of_v1)
    elif list_type == DIGESTS:
        digests = _digests(entries)
    else:
        raise MalformedError(f"certificate list of type {list_type}")
    if not certificates and not digests:
        deviations.append("certificates.empty")
    expected = der.UTC_TIME if of_v1 else der.GENERALIZED_TIME
    created_at, valid_from, valid_until = (
        read_time(reader.take(), expected, deviations) for _ in range(3)
    )
    reader.finish()
    if valid_from >= valid_until:
        deviations.append("validity.order")
    return SealInfo(
        seal_id=seal_id,
        name=name,
        type=seal_type,
        vendor_id=vendor_id,
        certificates=certificates,
        created_at=created_at,
        valid_from=valid_from,
        valid_until=valid_until,
        picture=picture,
        certificate_digests=digests,
    )


def _certificates(entries: der.Reader, deviations: list[str], *, of_v1: bool) -> tuple[bytes, ...]:
    certificates = []
    for entry in entries:
        if entry.tag == der.OCTET_STRING:
            certificates.append(entry.content)
        elif of_v1 and entry.tag == der.SEQUENCE:
            # GM/T 0031 reads as if the certificates stood there themselves.
            certificates.append(entry.der)
            deviations.append("certificates.bare")
        else:
            raise MalformedError("certificate list holds something else")
    return tuple(certificates)


def _digests(entries: der.Reader) -> tuple[CertificateDigest, ...]:
    digests = []
    for entry in entries:
        reader = entry.children()
        digests.append(
            CertificateDigest(der.text(reader.take(der.PRINTABLE_STRING)), reader.octets())
        )
        reader.finish()
    return tuple(digests)


def _picture(reader: der.Reader, deviations: list[str]) -> SealPicture:
    picture = SealPicture(reader.ia5(), reader.octets(), reader.integer(), reader.integer())
    reader.finish()
    if not picture.is_of_its_type:
        deviations.append("picture.type")
    if picture.width_mm <= 0 or picture.height_mm <= 0:
        deviations.append("picture.size")
    return picture


def _seal_extensions(reader: der.Reader, deviations: list[str]) -> tuple[Extension, ...]:
    tagged = reader.take_if(der.context(0))
    if tagged is not None:
        deviations.append("extensions.tagged")
        inner = tagged.children()
        extensions = read_extensions(inner.take(der.SEQUENCE), deviations)
        inner.finish()
        return extensions
    bare = reader.take_if(der.SEQUENCE)
    return () if bare is None else read_extensions(bare, deviations)
