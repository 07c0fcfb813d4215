"""The QR symbol of a code: modules for printing, and a PNG for screens."""

from io import BytesIO
from typing import Final

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from sealkit.errors import MalformedError

QUIET_ZONE: Final = 4
"""Empty modules that belong around a symbol (ISO/IEC 18004)."""
MAX_VERSION: Final = 40


def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of `text` at level M, dark ones true, without quiet zone.

    Raises:
        MalformedError: if `text` is too long for a QR code.
    """
    return tuple(tuple(bool(module) for module in row) for row in _symbol(text).get_matrix())


def qr_version(text: str) -> int:
    """Return the version, 1 to 40, that `text` needs at level M."""
    version: int = _symbol(text).version
    return version


def qr_png(text: str, *, pixels_per_module: int = 8) -> bytes:
    """Return a black-and-white PNG of `text` with its quiet zone."""
    matrix = qr_matrix(text)
    side = len(matrix) + 2 * QUIET_ZONE
    image = Image.new("1", (side, side), 1)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    large = image.resize((side * pixels_per_module,) * 2, Image.Resampling.NEAREST)
    png = BytesIO()
    large.save(png, "PNG", optimize=True)
    return png.getvalue()


def _symbol(text: str) -> qrcode.QRCode:
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    # 0: do not look for runs to split; the whole text is in the alphanumeric alphabet.
    symbol.add_data(text, optimize=0)
    try:
        symbol.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise MalformedError("text is too long for a QR code") from error
    return symbol
