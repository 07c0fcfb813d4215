"""Embedding pictures in PDF: a transparent PNG as colour and soft mask, a JPEG as it is."""

import io
import zlib
from functools import lru_cache

from PIL import Image

from issuance.render.items import Picture
from issuance.render.pdf_file import PDFFile


def embed_picture(file: PDFFile, png: bytes) -> str:
    """Add the picture and return the reference to it."""
    width, height, colour, mask = _planes(png)
    size = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8"
    soft = file.add_packed_stream(f"{size} /ColorSpace /DeviceGray /Filter /FlateDecode", mask)
    return file.add_packed_stream(
        f"{size} /ColorSpace /DeviceRGB /SMask {soft} /Filter /FlateDecode", colour
    )


def embed_jpeg(file: PDFFile, picture: Picture) -> str:
    """Add a JPEG of red, green and blue and return the reference to it."""
    width, height = picture.pixels
    return file.add_packed_stream(
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 "
        "/ColorSpace /DeviceRGB /Filter /DCTDecode",
        picture.jpeg,
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
