"""Base45 (RFC 9285): bytes in the alphanumeric alphabet of a QR code."""

from typing import Final

from sealkit.errors import MalformedError

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_PAIRS: Final = [first + second for second in ALPHABET for first in ALPHABET]
"""Two characters, little end first, by their value c + 45d."""


def encode(octets: bytes) -> str:
    """Return the text of `octets`: three characters for two bytes, two for a last one."""
    parts = []
    for start in range(0, len(octets) - 1, 2):
        high, low = divmod(octets[start] << 8 | octets[start + 1], 2025)
        parts.append(_PAIRS[low] + ALPHABET[high])
    if len(octets) % 2:
        parts.append(_PAIRS[octets[-1]])
    return "".join(parts)


def decode(text: str) -> bytes:
    """Return the bytes of `text`; nothing is trimmed, a space is data.

    Raises:
        MalformedError: for a character outside the alphabet, a length of 3k+1, or a group
            that stands for more than its bytes hold.
    """
    try:
        values = [_VALUES[character] for character in text]
    except KeyError as error:
        raise MalformedError("not Base45: a character outside its alphabet") from error
    if len(values) % 3 == 1:
        raise MalformedError("not Base45: a single character is left over")
    whole = len(values) - len(values) % 3
    octets = bytearray()
    for start in range(0, whole, 3):
        number = values[start] + 45 * values[start + 1] + 2025 * values[start + 2]
        if number > 0xFFFF:
            raise MalformedError("not Base45: a group is over two bytes")
        octets += number.to_bytes(2)
    if whole < len(values):
        number = values[whole] + 45 * values[whole + 1]
        if number > 0xFF:
            raise MalformedError("not Base45: the last group is over one byte")
        octets.append(number)
    return bytes(octets)
