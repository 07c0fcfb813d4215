"""Picture fields: what is taken, and the one form in which a picture is kept and printed.

* Taken: JPEG or PNG in base64, bare or as a data URI; at most 2 MiB and 20 megapixels,
  and not so small that nobody could be told by it.
* Kept: made anew from its pixels as baseline JPEG, at most 480 by 640 pixels and 32 KiB, so
  that nothing that came with it (EXIF, a second picture, a script) reaches a licence and
  the record stays small. As text it is a data URI, which every reader of the record knows.
"""

import base64
import binascii
import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_SENT_BYTES: Final = 2 * 1024 * 1024
MAX_SENT_PIXELS: Final = 20_000_000
LEAST_SIDE: Final = 60
"""Pixels."""
KEPT_BOX: Final = (480, 640)
"""Pixels: 300 to the inch on a photograph of 41 by 54 mm."""
MAX_KEPT_BYTES: Final = 32 * 1024
PREFIX: Final = "data:image/jpeg;base64,"
_PREFIXES: Final = (PREFIX, "data:image/jpg;base64,", "data:image/png;base64,")
_QUALITIES: Final = (88, 80, 70, 60, 50, 40, 30, 20)
_MARKER, _JFIF, _START_OF_SCAN = 0xFF, 0xE0, 0xDA
_SEGMENT_HEAD: Final = 4
"""Bytes: marker and length."""
_JFIF_BYTES: Final = 16
"""Length of the segment when it holds no preview picture."""
_PIXEL_SEGMENTS: Final = frozenset({_JFIF, 0xDB, 0xC0, 0xC4, _START_OF_SCAN})
"""JFIF head, quantisation, baseline frame, Huffman tables, scan."""
_OPAQUE: Final = ("1", "L", "RGB", "CMYK", "YCbCr")
_TRANSPARENT: Final = ("RGBA", "LA", "PA", "P")


class PictureError(Exception):
    """A picture that is not taken; carries the stable code of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture as the register keeps it."""

    jpeg: bytes
    pixels: tuple[int, int]
    """Width and height."""


def kept_form(sent: str) -> str:
    """Return a sent picture as the register keeps it.

    The same picture sent again, or what was kept before, gives the same text.

    Raises:
        PictureError: if it is not taken.
    """
    content = _decoded(sent)
    if _is_kept(content):
        return PREFIX + base64.b64encode(content).decode("ascii")
    jpeg = _made_anew(content)
    return PREFIX + base64.b64encode(jpeg).decode("ascii")


def kept_picture(value: str) -> KeptPicture:
    """Read what `kept_form` returned.

    Raises:
        PictureError: if it is something else.
    """
    content = _decoded(value)
    if not value.startswith(PREFIX) or len(content) > MAX_KEPT_BYTES:
        raise PictureError("picture.form")
    with _opened(content) as picture:
        if picture.format != "JPEG":
            raise PictureError("picture.form")
        return KeptPicture(content, picture.size)


def _decoded(sent: str) -> bytes:
    text = sent.strip()
    prefix = next((known for known in _PREFIXES if text.startswith(known)), "")
    if len(text) > len(prefix) + MAX_SENT_BYTES * 4 // 3 + 4:
        raise PictureError("picture.large")
    try:
        return base64.b64decode(text[len(prefix) :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise PictureError("picture.form") from error


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Above its own limit Pillow warns first; ours is far lower and checked below.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("picture.large") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureError("picture.form") from error
    width, height = picture.size
    if width * height > MAX_SENT_PIXELS:
        raise PictureError("picture.large")
    if min(width, height) < LEAST_SIDE:
        raise PictureError("picture.small")
    return picture


def _is_kept(content: bytes) -> bool:
    """Tell whether this is a picture of our making, which another encoding would only blur."""
    with _opened(content) as picture:
        within = picture.width <= KEPT_BOX[0] and picture.height <= KEPT_BOX[1]
        plain = picture.format == "JPEG" and picture.mode == "RGB"
    return plain and within and len(content) <= MAX_KEPT_BYTES and _has_pixels_only(content)


def _has_pixels_only(jpeg: bytes) -> bool:
    """Tell whether a JPEG has the segments of its pixels, and ends with them.

    Other segments (EXIF, comments) and bytes behind the end can hold anything.
    """
    place = 2
    while place + _SEGMENT_HEAD <= len(jpeg) and jpeg[place] == _MARKER:
        marker, length = jpeg[place + 1], int.from_bytes(jpeg[place + 2 : place + 4])
        if marker not in _PIXEL_SEGMENTS or (marker == _JFIF and length != _JFIF_BYTES):
            return False
        place += 2 + length
        if marker == _START_OF_SCAN:
            return jpeg.find(b"\xff\xd9", place) == len(jpeg) - 2
    return False


def _made_anew(content: bytes) -> bytes:
    with _opened(content) as picture:
        try:
            upright = ImageOps.exif_transpose(picture)
            pixels = _on_white(upright)
        except (OSError, ValueError, SyntaxError) as error:
            raise PictureError("picture.form") from error
    pixels.thumbnail(KEPT_BOX, Image.Resampling.LANCZOS)
    for quality in _QUALITIES:
        jpeg = _encoded(pixels, quality)
        if len(jpeg) <= MAX_KEPT_BYTES:
            return jpeg
    # Grain so fine that no quality makes it small: nobody sees it on paper either.
    pixels.thumbnail((KEPT_BOX[0] // 2, KEPT_BOX[1] // 2), Image.Resampling.LANCZOS)
    return _encoded(pixels, _QUALITIES[-1])


def _encoded(pixels: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    # Not optimised: Pillow's optimiser fails on pictures that hardly compress.
    pixels.save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the pixels alone: what Pillow remembers of a file it would write again."""
    if picture.mode in _OPAQUE:
        opaque = picture.convert("RGB")
        return Image.frombytes("RGB", opaque.size, opaque.tobytes())
    if picture.mode not in _TRANSPARENT:
        raise PictureError("picture.form")
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    opaque = Image.alpha_composite(white, layered).convert("RGB")
    return Image.frombytes("RGB", opaque.size, opaque.tobytes())
