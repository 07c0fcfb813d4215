"""The code as a QR symbol: alphanumeric mode, error correction M.

Base45 was made for that mode; any other would need a larger symbol.
"""

import io
from functools import lru_cache
from typing import Final

import qrcode
import qrcode.exceptions
import qrcode.util
from PIL import Image

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

_ALPHABET: Final = frozenset(base45.ALPHABET.decode("ascii"))


@lru_cache(maxsize=16)  # one edition prints its code into two files and a picture
def qr_matrix(text: str) -> Matrix:
    """Return the smallest symbol that holds `text`.

    Raises:
        UnsupportedError: if `text` needs a symbol above `MAX_VERSION`, or has a character
            that alphanumeric mode has not.
    """
    symbol, _version = _fitted(text)
    symbol.make(fit=False)
    return tuple(tuple(map(bool, row)) for row in symbol.modules)


def qr_side(text: str) -> int:
    """Return how many modules a side of the symbol of `text` has, without drawing it.

    Raises:
        UnsupportedError: as `qr_matrix`.
    """
    return 17 + 4 * _fitted(text)[1]


def _fitted(text: str) -> tuple[qrcode.QRCode, int]:
    if not _ALPHABET.issuperset(text):
        raise UnsupportedError("the text is not for a QR symbol in alphanumeric mode")
    symbol = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0)
    symbol.add_data(qrcode.util.QRData(text.encode("ascii"), qrcode.util.MODE_ALPHA_NUM))
    try:
        version = symbol.best_fit()
    except (ValueError, qrcode.exceptions.DataOverflowError) as error:
        raise UnsupportedError("the text is too long for a QR symbol") from error
    if version > MAX_VERSION:
        raise UnsupportedError("the text is too long for a printed QR symbol")
    return symbol, version


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
    small = Image.new("1", (side, side), 1)
    for y, row in enumerate(matrix, QUIET_MODULES):
        for x, dark in enumerate(row, QUIET_MODULES):
            if dark:
                small.putpixel((x, y), 0)
    edge = side * module_pixels
    file = io.BytesIO()
    small.resize((edge, edge), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()
