"""Reading DER strictly, over the original bytes (ITU-T X.690).

* One value, nothing after it; every constructed value inside is walked before anything is
  believed, without recursion, within limits of size, depth and number.
* Only definite lengths in their shortest form, and tags of one octet.
* An `Element` keeps the bytes it came from: what was signed is never encoded again.
* Every refusal is a `MalformedError`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sealkit.errors import MalformedError

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_IDENTIFIER: Final = 0x06
ENUMERATED: Final = 0x0A
UTF8_STRING: Final = 0x0C
PRINTABLE_STRING: Final = 0x13
IA5_STRING: Final = 0x16
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 32
MAX_ELEMENTS: Final = 20_000  # a certificate has about 100, a seal about 40
MAX_INTEGER_BYTES: Final = 64
MAX_OBJECT_IDENTIFIER_BYTES: Final = 64

_CONSTRUCTED: Final = 0x20
_HIGH_TAG: Final = 0x1F
_END_OF_CONTENTS: Final = 0x00  # ends indefinite lengths, which DER has not
_MAX_LENGTH_OCTETS: Final = 4
_PRINTABLE: Final = re.compile(rb"[A-Za-z0-9 '()+,\-./:=?]*")
_UTC_TIME: Final = re.compile(rb"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})Z")
_GENERALIZED_TIME: Final = re.compile(
    rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{0,8}[1-9]))?Z"
)


def context(number: int, *, constructed: bool = True) -> int:
    """Return the identifier octet of the context-specific tag [number]."""
    return 0x80 | (_CONSTRUCTED if constructed else 0) | number


@dataclass(frozen=True, slots=True)
class Element:
    """One DER value as it stands in the bytes it was read from."""

    tag: int
    """The identifier octet, class and constructed bit included."""

    der: bytes
    """The whole value: identifier, length, content."""

    header_bytes: int
    """How many octets identifier and length take."""

    @property
    def content(self) -> bytes:
        """The content octets."""
        return self.der[self.header_bytes :]

    def children(self) -> "Reader":
        """Return a reader over the values inside.

        Raises:
            MalformedError: if this is not a constructed value.
        """
        if not self.tag & _CONSTRUCTED:
            raise MalformedError(f"DER value {self.tag:#04x} holds no values")
        return Reader(self.content)


class Reader:
    """Takes values one after the other; `finish` refuses what is left."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def next_tag(self) -> int | None:
        """Return the identifier octet of the next value, None at the end."""
        if self._position == len(self._content):
            return None
        return self._content[self._position]

    def take(self, tag: int | None = None) -> Element:
        """Return the next value, which must carry `tag` when one is given."""
        found, start, end = _header(self._content, self._position, len(self._content))
        if tag is not None and found != tag:
            raise MalformedError(f"DER value {found:#04x} where {tag:#04x} belongs")
        element = Element(found, self._content[self._position : end], start - self._position)
        self._position = end
        return element

    def take_if(self, tag: int) -> Element | None:
        """Return the next value if it carries `tag`, else None, leaving it there."""
        return self.take(tag) if self.next_tag() == tag else None

    def __iter__(self) -> Iterator[Element]:
        while self.next_tag() is not None:
            yield self.take()

    def finish(self) -> None:
        """Refuse values that nobody has taken."""
        if self.next_tag() is not None:
            raise MalformedError("DER structure holds more values than it should")

    def sequence(self) -> "Reader":
        """Take a SEQUENCE and return a reader over it."""
        return self.take(SEQUENCE).children()

    def set(self) -> "Reader":
        """Take a SET and return a reader over it."""
        return self.take(SET).children()

    def integer(self, max_bytes: int = MAX_INTEGER_BYTES) -> int:
        """Take an INTEGER of at most `max_bytes` octets; it may be negative."""
        return integer(self.take(INTEGER), max_bytes)

    def object_identifier(self) -> str:
        """Take an OBJECT IDENTIFIER, in dotted form."""
        return object_identifier(self.take(OBJECT_IDENTIFIER))

    def octets(self) -> bytes:
        """Take an OCTET STRING."""
        return self.take(OCTET_STRING).content

    def bits(self) -> bytes:
        """Take a BIT STRING of whole octets."""
        return bits(self.take(BIT_STRING))

    def utf8(self) -> str:
        """Take a UTF8String."""
        return text(self.take(UTF8_STRING))

    def ia5(self) -> str:
        """Take an IA5String."""
        return text(self.take(IA5_STRING))

    def time(self) -> datetime:
        """Take a UTCTime or GeneralizedTime."""
        return time(self.take())


def parse(
    der: bytes,
    tag: int | None = None,
    *,
    max_bytes: int = MAX_BYTES,
    max_elements: int = MAX_ELEMENTS,
) -> Element:
    """Return the one DER value that `der` is, after walking all of it.

    Raises:
        MalformedError: if it is not strict DER, is followed by other bytes, passes a
            limit, or does not carry `tag` when one is given.
    """
    if len(der) > max_bytes:
        raise MalformedError(f"DER value has over {max_bytes} bytes")
    _walk(der, max_elements)
    return Reader(der).take(tag)


def integer(element: Element, max_bytes: int = MAX_INTEGER_BYTES) -> int:
    """Return the number of an INTEGER or ENUMERATED, whatever its tag."""
    content = element.content
    if not 0 < len(content) <= max_bytes:
        raise MalformedError("DER INTEGER is empty or too long")
    if len(content) > 1 and (content[0], content[1] >> 7) in ((0x00, 0), (0xFF, 1)):
        raise MalformedError("DER INTEGER is not minimal")
    return int.from_bytes(content, signed=True)


def boolean(element: Element) -> bool:
    """Return the value of a BOOLEAN, which is 00 or FF and nothing else."""
    if element.content not in (b"\x00", b"\xff"):
        raise MalformedError("DER BOOLEAN is neither 00 nor FF")
    return element.content == b"\xff"


def bits(element: Element) -> bytes:
    """Return the octets of a BIT STRING that leaves no bit unused."""
    content = element.content
    if not content or content[0] != 0:
        raise MalformedError("DER BIT STRING is empty or does not hold whole octets")
    return content[1:]


def object_identifier(element: Element) -> str:
    """Return the dotted form of an OBJECT IDENTIFIER."""
    content = element.content
    if not 0 < len(content) <= MAX_OBJECT_IDENTIFIER_BYTES or content[-1] & 0x80:
        raise MalformedError("DER OBJECT IDENTIFIER is empty, cut or too long")
    arcs: list[int] = []
    arc = 0
    fresh = True
    for octet in content:
        if fresh and octet == 0x80:
            raise MalformedError("DER OBJECT IDENTIFIER is not minimal")
        arc = arc << 7 | octet & 0x7F
        fresh = not octet & 0x80
        if fresh:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def text(element: Element) -> str:
    """Return the text of a UTF8String, PrintableString or IA5String."""
    if element.tag == PRINTABLE_STRING and not _PRINTABLE.fullmatch(element.content):
        raise MalformedError("PrintableString holds other characters")
    if element.tag not in (UTF8_STRING, PRINTABLE_STRING, IA5_STRING):
        raise MalformedError(f"DER value {element.tag:#04x} where text belongs")
    try:
        return element.content.decode("utf-8" if element.tag == UTF8_STRING else "ascii")
    except UnicodeDecodeError as error:
        raise MalformedError("DER string is not in its own encoding") from error


def time(element: Element) -> datetime:
    """Return the instant of a UTCTime (RFC 5280 window: 1950 to 2049) or GeneralizedTime.

    Both in UTC with seconds; a fraction only in GeneralizedTime, kept to the microsecond.
    """
    if element.tag == UTC_TIME:
        match = _UTC_TIME.fullmatch(element.content)
    elif element.tag == GENERALIZED_TIME:
        match = _GENERALIZED_TIME.fullmatch(element.content)
    else:
        raise MalformedError(f"DER value {element.tag:#04x} where a time belongs")
    if match is None:
        raise MalformedError("DER time is not in UTC with seconds")
    year, month, day, hour, minute, second = (int(group) for group in match.groups()[:6])
    if element.tag == UTC_TIME:
        year += 2000 if year < 50 else 1900
    fraction = match[7] if element.tag == GENERALIZED_TIME else None
    microseconds = int((fraction or b"")[:6].ljust(6, b"0"))
    try:
        return datetime(year, month, day, hour, minute, second, microseconds, tzinfo=UTC)
    except ValueError as error:
        raise MalformedError("DER time names no instant") from error


def _header(der: bytes, start: int, end: int) -> tuple[int, int, int]:
    """Return tag, start and end of the content of the value at `start`."""
    if start + 2 > end:
        raise MalformedError("DER value is cut")
    tag, length = der[start], der[start + 1]
    content = start + 2
    if tag == _END_OF_CONTENTS or tag & _HIGH_TAG == _HIGH_TAG:
        raise MalformedError("DER tag of several octets, or of none")
    if length >= 0x80:
        octets = length - 0x80
        if not 0 < octets <= _MAX_LENGTH_OCTETS or content + octets > end:
            raise MalformedError("DER length is indefinite, cut or too long")
        length = int.from_bytes(der[content : content + octets])
        if length < 0x80 or length >> (8 * (octets - 1)) == 0:
            raise MalformedError("DER length is not minimal")
        content += octets
    if content + length > end:
        raise MalformedError("DER value runs past its end")
    return tag, content, content + length


def _walk(der: bytes, max_elements: int) -> None:
    """Check that every constructed value holds whole values, depth first, without recursion."""
    ends = [len(der)]
    position = found = 0
    last = ends[-1]
    while ends:
        if position == last and found:
            ends.pop()
            last = ends[-1] if ends else 0
            continue
        if len(ends) == 1 and found:
            raise MalformedError("bytes after the DER value")
        tag, content, end = _header(der, position, last)
        found += 1
        if found > max_elements:
            raise MalformedError(f"DER value holds over {max_elements} values")
        if tag & _CONSTRUCTED:
            if len(ends) > MAX_DEPTH:
                raise MalformedError(f"DER value is nested over {MAX_DEPTH} deep")
            ends.append(end)
            position, last = content, end
        else:
            position = end
