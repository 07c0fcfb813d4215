"""The code as a QR symbol: alphanumeric mode, error correction M.

Base45 was made for that mode; any other would need a larger symbol. `qrcode` says which symbol
holds a text, zxing draws it: weighing the eight masks takes a tenth of the time there
(docs/adr/0031-who-draws-the-code.md).
"""

import io
from functools import lru_cache
from typing import Final, cast

import qrcode
import zxingcpp
from PIL import Image
from qrcode import util

from sealkit.errors import UnsupportedError
from sealkit.formats.code import base45

Matrix = tuple[tuple[bool, ...], ...]
"""Rows of modules, True for dark, without the quiet zone."""

PRINT_VERSION: Final = 13
"""The symbol that a normal licence must fit: 69 modules, 483 characters at level M."""
MAX_VERSION: Final = 20
"""97 modules, 970 characters: what a phone still reads from a printed page."""
QUIET_MODULES: Final = 4
MAX_MODULE_PIXELS: Final = 32

_MODE_BITS: Final = 4
_BITS_OF_A_PAIR: Final = 11
_BITS_OF_ONE: Final = 6
"""ISO/IEC 18004 packs two characters of its alphanumeric mode into eleven bits."""
_IS_DARK: Final = (True, *(255 * (False,)))
"""By grey level."""
_ALPHABET: Final = frozenset(base45.ALPHABET.decode("ascii"))


@lru_cache(maxsize=16)  # one edition prints its code into two files and a picture
def qr_matrix(text: str) -> Matrix:
    """Return the smallest symbol that holds `text`.

    Raises:
        UnsupportedError: if `text` needs a symbol above `MAX_VERSION`, or has a character
            that alphanumeric mode has not.
    """
    version = _version_for(text)
    drawn = zxingcpp.create_barcode(
        text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", version=version
    )
    # Its stubs do not say that an image is a buffer.
    levels = bytes(cast(bytes, drawn.to_image(scale=1, add_quiet_zones=False)))
    side = _side_of(version)
    dark = [_IS_DARK[level] for level in levels]
    return tuple(tuple(dark[start : start + side]) for start in range(0, side * side, side))


def qr_side(text: str) -> int:
    """Return how many modules a side of the symbol of `text` has, without drawing it.

    Raises:
        UnsupportedError: as `qr_matrix`.
    """
    return _side_of(_version_for(text))


def _side_of(version: int) -> int:
    return 17 + 4 * version


def _version_for(text: str) -> int:
    if not _ALPHABET.issuperset(text):
        raise UnsupportedError("the text is not for a QR symbol in alphanumeric mode")
    pairs, single = divmod(len(text), 2)
    data = _MODE_BITS + _BITS_OF_A_PAIR * pairs + _BITS_OF_ONE * single
    for version in range(1, MAX_VERSION + 1):
        count = util.mode_sizes_for_version(version)[util.MODE_ALPHA_NUM]
        if data + count <= util.BIT_LIMIT_TABLE[qrcode.ERROR_CORRECT_M][version]:
            return version
    raise UnsupportedError("the text is too long for a printed QR symbol")


def qr_version(matrix: Matrix) -> int:
    """Return the version of a symbol, 1 to 40."""
    return (len(matrix) - 17) // 4


def qr_png(text: str, *, module_pixels: int = 8) -> bytes:
    """Return the symbol of `text` as a black and white PNG with its quiet zone.

    Raises:
        UnsupportedError: as `qr_matrix`.
        ValueError: if `module_pixels` is not 1 to 32.
    """
    if not 1 <= module_pixels <= MAX_MODULE_PIXELS:
        raise ValueError(f"a module has 1 to {MAX_MODULE_PIXELS} pixels")
    matrix = qr_matrix(text)
    side = len(matrix) + 2 * QUIET_MODULES
    small = Image.new("L", (side, side), 255)
    octets = bytes(0 if dark else 255 for row in matrix for dark in row)
    small.paste(Image.frombytes("L", (len(matrix),) * 2, octets), (QUIET_MODULES, QUIET_MODULES))
    edge = side * module_pixels
    file = io.BytesIO()
    large = small.resize((edge, edge), Image.Resampling.NEAREST)
    large.convert("1", dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()
