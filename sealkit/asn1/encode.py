"""Writing DER (ITU-T X.690): small functions that return encoded values.

`sequence(integer(1), octet_string(b"..."))` reads as the structure it makes. Arguments come
from our own code, so a value that cannot be encoded is a ValueError.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sealkit.asn1 import der

_LAST_UTC_TIME_YEAR = 2049  # RFC 5280, 4.1.2.5


def value(tag: int, content: bytes) -> bytes:
    """Return the value with this identifier octet and content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE of encoded values."""
    return value(der.SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """Return a SET OF encoded values, sorted as DER wants them."""
    return value(der.SET, b"".join(sorted(parts)))


def context(number: int, *parts: bytes) -> bytes:
    """Return the constructed [number] around `parts`: EXPLICIT, or IMPLICIT of a structure."""
    return value(der.context(number), b"".join(parts))


def boolean(truth: bool) -> bytes:
    """Return a BOOLEAN."""
    return value(der.BOOLEAN, b"\xff" if truth else b"\x00")


def integer(number: int) -> bytes:
    """Return an INTEGER."""
    length = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return value(der.INTEGER, number.to_bytes(length, signed=True))


def null() -> bytes:
    """Return a NULL."""
    return value(der.NULL, b"")


def octet_string(octets: bytes) -> bytes:
    """Return an OCTET STRING."""
    return value(der.OCTET_STRING, octets)


def bit_string(octets: bytes) -> bytes:
    """Return a BIT STRING of whole octets."""
    return value(der.BIT_STRING, b"\0" + octets)


def named_bits(*numbers: int) -> bytes:
    """Return a BIT STRING with these bits set and trailing zeros left out (X.690, 11.2.2)."""
    if not numbers:
        return value(der.BIT_STRING, b"\0")
    length = max(numbers) + 1
    unused = -length % 8
    bits = sum(1 << (length - 1 - number) for number in set(numbers)) << unused
    return value(der.BIT_STRING, bytes((unused,)) + bits.to_bytes((length + 7) // 8))


@lru_cache(maxsize=256)  # a certificate names a dozen, and most again in the next
def object_identifier(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = map(int, dotted.split("."))
    content = b"".join(_arc(arc) for arc in (40 * first + second, *rest))
    return value(der.OBJECT_IDENTIFIER, content)


def utf8_string(text: str) -> bytes:
    """Return a UTF8String."""
    return value(der.UTF8_STRING, text.encode())


def ia5_string(text: str) -> bytes:
    """Return an IA5String; ValueError for anything but ASCII."""
    return value(der.IA5_STRING, text.encode("ascii"))


def printable_string(text: str) -> bytes:
    """Return a PrintableString; the caller answers for its characters."""
    return value(der.PRINTABLE_STRING, text.encode("ascii"))


def generalized_time(at: datetime, *, fraction: bool = False) -> bytes:
    """Return a GeneralizedTime in UTC: whole seconds, or with the microseconds it has."""
    moment = _in_utc(at)
    # strftime does not pad years before 1000 everywhere; isoformat does.
    whole = moment.replace(microsecond=0, tzinfo=None).isoformat()
    digits = f".{moment.microsecond:06d}".rstrip("0.") if fraction else ""
    compact = "".join(character for character in whole if character.isdigit())
    return value(der.GENERALIZED_TIME, f"{compact}{digits}Z".encode("ascii"))


def time(at: datetime) -> bytes:
    """Return a Time of RFC 5280: UTCTime through 2049, GeneralizedTime from 2050."""
    moment = _in_utc(at)
    if 1950 <= moment.year <= _LAST_UTC_TIME_YEAR:
        return value(der.UTC_TIME, f"{moment:%y%m%d%H%M%SZ}".encode("ascii"))
    return generalized_time(moment)


def algorithm(dotted: str) -> bytes:
    """Return an AlgorithmIdentifier without parameters, as SM2, SM3 and ECDSA have it."""
    return sequence(object_identifier(dotted))


def _arc(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes(reversed(octets))


def _in_utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("a time must say its zone")
    return at if at.utcoffset() == timedelta(0) else at.astimezone(UTC)
