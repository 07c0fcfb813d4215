"""Photographs: what is taken, and that nothing but its pixels reaches a licence."""

import base64
import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from issuance.pictures import (
    KEPT_BOX,
    MAX_KEPT_BYTES,
    PREFIX,
    PictureError,
    kept_form,
    kept_picture,
)


def encoded(picture, form="PNG", **options):
    file = io.BytesIO()
    picture.save(file, form, **options)
    return base64.b64encode(file.getvalue()).decode()


def noise(width, height, mode="RGB"):
    return Image.effect_noise((width, height), 90).convert(mode)


def smooth(width, height):
    return Image.radial_gradient("L").resize((width, height)).convert("RGB")


def test_the_worst_grain_is_kept_within_bounds():
    kept = kept_picture(kept_form(encoded(noise(500, 700))))
    assert len(kept.jpeg) <= MAX_KEPT_BYTES


PORTRAIT = encoded(noise(358, 441), "JPEG")


def refusal(sent):
    with pytest.raises(PictureError) as caught:
        kept_form(sent)
    return caught.value.code


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,", "data:image/jpeg;base64,"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "LA", "1"])
def test_any_kind_of_pixels_becomes_a_small_jpeg(prefix, mode):
    kept = kept_picture(kept_form(prefix + encoded(smooth(900, 1200).convert(mode))))
    assert kept.pixels == KEPT_BOX
    assert len(kept.jpeg) <= MAX_KEPT_BYTES
    with Image.open(io.BytesIO(kept.jpeg)) as picture:
        assert (picture.format, picture.mode) == ("JPEG", "RGB")


def test_what_is_kept_is_kept_again_as_it_is():
    once = kept_form(PORTRAIT)
    assert kept_form(once) == once
    assert kept_form(once.removeprefix(PREFIX)) == once


def test_nothing_that_came_along_is_kept():
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6
    sent = encoded(smooth(400, 300), "JPEG", exif=exif, comment=b"secret comment")
    hidden = base64.b64encode(base64.b64decode(sent) + b"<script>secret</script>").decode()
    for text in (sent, hidden):
        kept = kept_picture(kept_form(text))
        assert b"secret" not in kept.jpeg
        assert kept.pixels == (300, 400), "turned upright as the camera says"


def test_a_picture_that_ends_within_a_marker_is_refused():
    begins = bytes.fromhex("ffd8 ffc0000e08007400740302 3d8a28a03a")
    for ending in (b"", b"\xff", b"\xff\xda", b"\xff\xda\x00"):
        assert refusal(base64.b64encode(begins + ending).decode()) == "picture.form"


def test_a_segment_smuggled_into_a_picture_of_our_making_is_dropped():
    once = base64.b64decode(kept_form(PORTRAIT).removeprefix(PREFIX))
    for marker in (0xE1, 0xEB, 0xFE):
        more = once[:2] + bytes([0xFF, marker]) + b"\x00\x08hidden" + once[2:]
        kept = kept_picture(kept_form(base64.b64encode(more).decode()))
        assert b"hidden" not in kept.jpeg


def test_bytes_behind_a_picture_of_our_making_are_dropped():
    once = kept_form(PORTRAIT)
    more = base64.b64decode(once.removeprefix(PREFIX)) + b"hidden\xff\xd9"
    assert b"hidden" not in kept_picture(kept_form(base64.b64encode(more).decode())).jpeg


def test_what_shows_through_is_white():
    clear = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    kept = kept_picture(kept_form(encoded(clear)))
    with Image.open(io.BytesIO(kept.jpeg)) as picture:
        assert picture.getpixel((50, 50)) == (255, 255, 255)


def bomb(width, height):
    """A PNG of a few bytes that claims to be of this size."""

    def chunk(kind, content):
        checked = kind + content
        size, check = len(content).to_bytes(4, "big"), zlib.crc32(checked).to_bytes(4, "big")
        return size + checked + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(999)))
    return base64.b64encode(file + chunk(b"IEND", b"")).decode()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("", "picture.form"),
        ("photo.jpg", "picture.form"),
        ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", "picture.form"),
        (encoded(noise(100, 100), "GIF"), "picture.form"),
        (encoded(noise(100, 100), "BMP"), "picture.form"),
        (encoded(Image.new("I;16", (100, 100))), "picture.form"),
        (encoded(noise(59, 100)), "picture.small"),
        ("A" * 3_000_000, "picture.large"),
        (bomb(60_000, 60_000), "picture.large"),
        (bomb(5_000, 5_000), "picture.large"),
        (bomb(1_000, 1_000), "picture.form"),
        (PORTRAIT[:4000], "picture.form"),
    ],
)
def test_what_is_not_taken_says_why(sent, code):
    assert refusal(sent) == code


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=40))
def test_a_damaged_picture_is_a_picture_or_refused(place, damage):
    whole = bytearray(base64.b64decode(PORTRAIT))
    whole[place : place + len(damage)] = damage
    try:
        kept = kept_picture(kept_form(base64.b64encode(whole).decode()))
    except PictureError as error:
        assert error.code.startswith("picture.")
    else:
        assert len(kept.jpeg) <= MAX_KEPT_BYTES


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=300), st.binary(max_size=300).map(lambda b: base64.b64encode(b).decode())
    )
)
def test_any_text_is_refused_or_kept(text):
    with pytest.raises(PictureError):
        kept_form(text)
    with pytest.raises(PictureError):
        kept_picture(text)
