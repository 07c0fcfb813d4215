"""Base45 (RFC 9285): bytes in the alphabet of QR alphanumeric mode.

Scanner output is read as it is: never trimmed, never raised to upper case, since a space
is data and a lower-case letter an error.
"""

import struct
from typing import Final

from sealkit.errors import MalformedError

ALPHABET: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_VALUES: Final = bytes(max(ALPHABET.find(byte), 0) for byte in range(256))
_LAST_BYTE: Final = 255


def encode(octets: bytes) -> str:
    """Return three characters for every two bytes, little end first; two for a last one."""
    characters = bytearray()
    for n in _pairs(octets):
        characters += bytes((ALPHABET[n % 45], ALPHABET[n // 45 % 45], ALPHABET[n // 2025]))
    if len(octets) % 2:
        characters += bytes((ALPHABET[octets[-1] % 45], ALPHABET[octets[-1] // 45]))
    return characters.decode("ascii")


def decode(text: str) -> bytes:
    """Read Base45.

    Raises:
        MalformedError: for a character outside the alphabet, a length of 1 modulo 3, or a
            group whose value is too large.
    """
    if not text.isascii() or len(text) % 3 == 1:
        raise MalformedError("not Base45")
    characters = text.encode("ascii")
    if characters.translate(None, ALPHABET):
        raise MalformedError("not Base45: a character outside the alphabet")
    values = characters.translate(_VALUES)
    whole = len(values) - len(values) % 3
    low, middle, high = values[0:whole:3], values[1:whole:3], values[2:whole:3]
    # Slices and one comprehension: groups taken one at a time would cost five times this.
    pairs = [c + 45 * d + 2025 * e for c, d, e in zip(low, middle, high, strict=True)]
    try:
        octets = struct.pack(f">{len(pairs)}H", *pairs)
    except struct.error as error:
        raise MalformedError("not Base45: a group above 65535") from error
    return octets + _last_byte(values[whole:])


def _pairs(octets: bytes) -> list[int]:
    return [octets[i] * 256 + octets[i + 1] for i in range(0, len(octets) - 1, 2)]


def _last_byte(values: bytes) -> bytes:
    if not values:
        return b""
    n = values[0] + 45 * values[1]
    if n > _LAST_BYTE:
        raise MalformedError("not Base45: a last group above 255")
    return bytes((n,))
