"""Reading the signature made with a seal, GB/T 38540 (V4) or GM/T 0031 (V1).

* SEQUENCE of 2 is V1; of 4, or 5 with a timestamp, is V4. The seal inside must be of the
  same outline.
* In V1 timeInfo is a BIT STRING around the text of a time, of which products write several
  forms, or around a timestamp token. Text without a zone is taken as UTC.
"""

import re
from datetime import UTC, datetime
from typing import Final

from sealkit.asn1 import der, tsp
from sealkit.asn1.ses.read_seal import read_extensions, read_seal, read_time
from sealkit.asn1.ses.structures import V1, Extension, Seal, SealSignature, is_raw_signature
from sealkit.errors import MalformedError

MAX_SIGNATURE_BYTES: Final = 4 * 1024 * 1024

_SM3_BYTES: Final = 32
_TIME_TEXT: Final = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})[ T]?([0-9]{2}):?([0-9]{2}):?([0-9]{2})"
    r"(?:\.[0-9]{1,9})?Z?"
)
_UTC_TIME_TEXT: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})Z")


def parse_signature(signature: bytes) -> SealSignature:
    """Read a seal signature, the content of a ``SignedValue.dat``.

    Raises:
        MalformedError: if it is not one strict DER value of a known outline.
    """
    element = der.parse(signature, der.SEQUENCE, max_bytes=MAX_SIGNATURE_BYTES)
    outer = element.children()
    tbs = outer.take(der.SEQUENCE)
    if outer.next_tag() == der.BIT_STRING:
        return _read_v1(element, tbs, outer)
    return _read_v4(element, tbs, outer)


def _read_v4(element: der.Element, tbs: der.Element, outer: der.Reader) -> SealSignature:
    deviations: list[str] = []
    reader = tbs.children()
    version = reader.integer()
    seal = _embedded_seal(reader, version, deviations, of_v1=False)
    time_element = reader.take()
    signed_at = read_time(time_element, der.GENERALIZED_TIME, deviations)
    data_hash = _data_hash(reader.take(der.BIT_STRING), deviations)
    property_info = reader.ia5()
    extensions = _tagged_extensions(reader, deviations)
    reader.finish()
    certificate = outer.octets()
    algorithm = outer.object_identifier()
    signature = _signature_value(outer, deviations)
    tagged = outer.take_if(der.context(0))
    timestamp = None
    if tagged is not None:
        inner = tagged.children()
        timestamp = inner.bits()
        inner.finish()
    outer.finish()
    return SealSignature(
        der=element.der,
        version=seal.version,
        seal=seal,
        signed_at=signed_at,
        time_info=time_element.content,
        data_hash=data_hash,
        property_info=property_info,
        certificate_der=certificate,
        algorithm=algorithm,
        signature=signature,
        timestamp=timestamp,
        tbs=tbs.der,
        extensions=extensions,
        deviations=tuple(dict.fromkeys(deviations)),
    )


def _read_v1(element: der.Element, tbs: der.Element, outer: der.Reader) -> SealSignature:
    deviations: list[str] = []
    reader = tbs.children()
    version = reader.integer()
    seal = _embedded_seal(reader, version, deviations, of_v1=True)
    time_info = _bit_or_octet_string(reader.take(), "time.octet_string", deviations)
    signed_at = _v1_time(time_info)
    if signed_at is None:
        deviations.append("time.unreadable")
    data_hash = _data_hash(reader.take(), deviations)
    property_info = reader.ia5()
    certificate = reader.octets()
    algorithm = reader.object_identifier()
    reader.finish()
    signature = _signature_value(outer, deviations)
    outer.finish()
    return SealSignature(
        der=element.der,
        version=seal.version,
        seal=seal,
        signed_at=signed_at,
        time_info=time_info,
        data_hash=data_hash,
        property_info=property_info,
        certificate_der=certificate,
        algorithm=algorithm,
        signature=signature,
        timestamp=None,
        tbs=tbs.der,
        extensions=(),
        deviations=tuple(dict.fromkeys(deviations)),
    )


def _embedded_seal(reader: der.Reader, version: int, deviations: list[str], *, of_v1: bool) -> Seal:
    seal = read_seal(reader.take(der.SEQUENCE))
    if (seal.version == V1) != of_v1:
        raise MalformedError("seal and signature are of different outlines")
    if seal.header_version != version:
        deviations.append("version.mismatch")
    return seal


def _signature_value(reader: der.Reader, deviations: list[str]) -> bytes:
    signature = reader.bits()
    if is_raw_signature(signature):
        deviations.append("signature.raw")
    return signature


def _data_hash(element: der.Element, deviations: list[str]) -> bytes:
    data_hash = _bit_or_octet_string(element, "data_hash.octet_string", deviations)
    if len(data_hash) != _SM3_BYTES:
        deviations.append("data_hash.length")
    return data_hash


def _bit_or_octet_string(element: der.Element, deviation: str, deviations: list[str]) -> bytes:
    if element.tag == der.OCTET_STRING:
        deviations.append(deviation)
        return element.content
    if element.tag != der.BIT_STRING:
        raise MalformedError(f"DER value {element.tag:#04x} where a BIT STRING belongs")
    return der.bits(element)


def _tagged_extensions(reader: der.Reader, deviations: list[str]) -> tuple[Extension, ...]:
    tagged = reader.take_if(der.context(0))
    if tagged is None:
        return ()
    inner = tagged.children()
    extensions = read_extensions(inner.take(der.SEQUENCE), deviations)
    inner.finish()
    return extensions


def _v1_time(time_info: bytes) -> datetime | None:
    if time_info[:1] == bytes((der.SEQUENCE,)):
        try:
            return tsp.parse_token(time_info).at
        except MalformedError:
            return None
    text = time_info.decode("ascii", errors="replace").strip("\0 ")
    match = _TIME_TEXT.fullmatch(text)
    century = 0
    if match is None:
        match = _UTC_TIME_TEXT.fullmatch(text)
        century = 2000  # V1 dates from 2014: nothing was signed with it before 2000
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(group) for group in match.groups())
    try:
        return datetime(century + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
