"""Codes are found in pictures, and no picture keeps the service busy."""

import io

import pytest
from PIL import Image

from sealkit.errors import MalformedError, UnsupportedError
from sealkit.formats.code.qr import qr_png
from verification.photo_reader import MAX_PIXELS
from verification.photos import codes_in

TEXT = "CL1:THE CODE"


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def tiled(mark, side):
    """Return a picture full of `mark`."""
    image = Image.new("1", (side, side), 1)
    for left in range(0, side, mark.width):
        for top in range(0, side, mark.height):
            image.paste(mark, (left, top))
    return png(image)


def corner_mark():
    """The square in a square by which a decoder finds the corners of a QR symbol."""
    mark = Image.new("1", (9, 9), 1)
    mark.paste(0, (1, 1, 8, 8))
    mark.paste(1, (2, 2, 7, 7))
    mark.paste(0, (3, 3, 6, 6))
    return mark


def test_a_code_is_found_once_and_other_codes_are_passed_over():
    symbols = [Image.open(io.BytesIO(qr_png(text))) for text in (TEXT, TEXT, "HTTP://EXAMPLE")]
    picture = Image.new("L", (sum(symbol.width for symbol in symbols), symbols[0].height), 255)
    left = 0
    for symbol in symbols:
        picture.paste(symbol, (left, 0))
        left += symbol.width
    assert codes_in(png(picture)) == (TEXT,)


def test_fifteen_kilobytes_full_of_corner_marks_are_given_up():
    """Every three marks may be a symbol: a decoder tried them for minutes."""
    with pytest.raises(MalformedError):
        codes_in(tiled(corner_mark(), 4896))


@pytest.mark.parametrize("picture", [b"", b"\x89PNG\r\n\x1a\n" + bytes(40), b"\xff\xd8\xff"])
def test_what_is_no_picture_is_malformed(picture):
    with pytest.raises(MalformedError):
        codes_in(picture)


def test_a_picture_of_too_many_pixels_is_not_decoded():
    with pytest.raises(UnsupportedError):
        codes_in(png(Image.new("1", (MAX_PIXELS // 4000 + 1, 4000))))
