"""What part of a file a PDF signature is about (ISO 32000-1, 12.8.1).

A signature names the bytes it covers. The only honest form is: everything from the start
to its own value, and everything from there to the end of the revision that holds it. All
known forgeries of signed PDFs use another form, or something left in the gap.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Two half-open pieces of a file, with a gap between them for the signature value."""

    before_end: int
    after_start: int
    after_end: int

    def covered(self, document: bytes) -> bytes:
        """Return the bytes that were signed."""
        return document[: self.before_end] + document[self.after_start : self.after_end]


def honest_range(document: bytes, byte_range: Any, contents: bytes) -> ByteRange | None:
    """Return the range if its gap holds `contents` as a hexadecimal string and nothing else.

    `byte_range` is the value of /ByteRange, any type; `contents` the raw value of /Contents
    with its padding. None for every other form.
    """
    if not isinstance(byte_range, list) or len(byte_range) != 4:
        return None
    numbers = [number for number in byte_range if isinstance(number, int)]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
        return None
    _, before_end, after_start, after_length = numbers
    after_end = after_start + after_length
    if not 0 < before_end < after_start < after_end <= len(document):
        return None
    gap = document[before_end:after_start]
    if gap[:1] != b"<" or gap[-1:] != b">" or gap[1:-1].lower() != contents.hex().encode():
        return None
    return ByteRange(before_end, after_start, after_end)
