"""The program that looks for codes in one picture: bytes in, JSON out, then it ends.

Run by `verification.photos` in a process of its own, which the kernel ends when it takes too
long or too much: a picture of 17 KB full of corner marks keeps any QR decoder busy for
minutes, since it tries every three of them. Nothing of the house is imported here, so that
it starts in a tenth of a second.
"""

import io
import json
import resource
import sys
from typing import Final

import zxingcpp
from PIL import Image

MAX_PIXELS: Final = 24_000_000  # a phone's full-size photo; 24 MB as grey levels
MAX_CODES: Final = 16
MAX_SECONDS: Final = 2
"""Of processor time; an honest photo takes a tenth of it."""
MAX_MEMORY_BYTES: Final = 1 << 30
"""Of addresses, libraries included."""
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def texts_in(picture: bytes) -> tuple[str, ...] | None:
    """Return the texts of the codes in a PNG or JPEG, each once; None for too many pixels.

    Raises:
        ValueError: if it is neither, or is damaged.
    """
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            grey = image.convert("L")
    except Image.DecompressionBombError:
        return None
    except (OSError, SyntaxError) as error:
        raise ValueError("the picture cannot be decoded") from error
    found = zxingcpp.read_barcodes(grey, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
    return tuple(dict.fromkeys(code.text for code in found[:MAX_CODES]))


def main() -> None:
    """Read a picture from standard input, and write what is in it as JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        texts = texts_in(sys.stdin.buffer.read())
    except ValueError:
        print(json.dumps({"refused": "damaged"}))
    else:
        print(json.dumps({"refused": "pixels"} if texts is None else {"texts": texts}))


if __name__ == "__main__":
    main()
