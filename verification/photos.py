"""Licence codes in a photo or screenshot (PNG or JPEG).

The number of pixels is looked at before any is decoded, so that a small file cannot
unfold into a large picture.
"""

import io
from typing import Final

import zxingcpp
from PIL import Image

from sealkit.errors import MalformedError, UnsupportedError

MAX_PIXELS: Final = 24_000_000  # a phone's full-size photo; 24 MB as grey levels
MAX_CODES: Final = 16
_PREFIX: Final = "CL"
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def codes_in(picture: bytes) -> tuple[str, ...]:
    """Return the texts of the licence codes in `picture`, each once, in the order found.

    Other codes that happen to be in the picture are passed over.

    Raises:
        MalformedError: if it is no PNG or JPEG, or is damaged.
        UnsupportedError: if it has more than `MAX_PIXELS` pixels.
    """
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnsupportedError("the picture has too many pixels")
            grey = image.convert("L")
    except Image.DecompressionBombError as error:
        raise UnsupportedError("the picture has too many pixels") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise MalformedError("the picture cannot be decoded") from error
    found = zxingcpp.read_barcodes(grey, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
    texts = dict.fromkeys(code.text for code in found[:MAX_CODES])
    return tuple(text for text in texts if text.startswith(_PREFIX) and text[3:4] == ":")
