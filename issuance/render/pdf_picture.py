"""Embedding a transparent PNG in PDF: colour and soft mask as two image streams."""

import io
import zlib
from functools import lru_cache

from PIL import Image

from issuance.render.pdf_file import PDFFile


def embed_picture(file: PDFFile, png: bytes) -> str:
    """Add the picture and return the reference to it."""
    width, height, colour, mask = _planes(png)
    size = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8"
    soft = file.add_packed_stream(f"{size} /ColorSpace /DeviceGray /Filter /FlateDecode", mask)
    return file.add_packed_stream(
        f"{size} /ColorSpace /DeviceRGB /SMask {soft} /Filter /FlateDecode", colour
    )


@lru_cache(maxsize=32)
def _planes(png: bytes) -> tuple[int, int, bytes, bytes]:
    """Return size, packed colour and packed opacity; a seal's picture comes many times."""
    with Image.open(io.BytesIO(png)) as picture:
        pixels = picture.convert("RGBA")
    return (
        pixels.width,
        pixels.height,
        zlib.compress(pixels.convert("RGB").tobytes(), 9),
        zlib.compress(pixels.getchannel("A").tobytes(), 9),
    )
