"""The seal's picture: size, ring, star, transparency, 样章."""

import io

import pytest
from PIL import Image, ImageChops

from issuance.render.errors import MissingGlyphError
from issuance.render.seal_picture import SealFace, draw_seal

FACE = SealFace("示例市市场监督管理局", "电子证照专用章")


def _opened(seal):
    return Image.open(io.BytesIO(seal.png))


@pytest.mark.parametrize("diameter", [38, 42, 45])
def test_size_is_exact_in_millimetres_at_300_dots_per_inch(diameter):
    seal = draw_seal(SealFace("示例市民政局", "", diameter_mm=diameter))
    picture = _opened(seal)
    assert (seal.width_mm, seal.height_mm) == (diameter, diameter)
    assert picture.size == (round(diameter / 25.4 * 300),) * 2
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert f'width="{diameter}mm" height="{diameter}mm"' in seal.svg


def test_picture_is_red_on_a_transparent_ground():
    seal = draw_seal(FACE)
    picture = _opened(seal)
    assert seal.png.startswith(b"\x89PNG")
    assert picture.mode == "RGBA"
    assert picture.getpixel((0, 0))[3] == 0
    assert len(picture.convert("RGB").getcolors()) == 1


def test_rim_is_one_millimetre_and_reaches_the_edge():
    alpha = _opened(draw_seal(FACE)).getchannel("A")
    middle, dot = alpha.height // 2, 300 / 25.4
    assert alpha.getpixel((round(0.5 * dot), middle)) == 255
    assert alpha.getpixel((round(1.5 * dot), middle)) == 0


def test_star_stands_in_the_middle():
    alpha = _opened(draw_seal(FACE)).getchannel("A")
    assert alpha.getpixel((alpha.width // 2, alpha.height // 2)) == 255


def test_specimen_is_marked_and_a_real_seal_is_not():
    specimen, real = (
        draw_seal(SealFace("示例市民政局", "电子证照专用章", specimen=flag))
        for flag in (True, False)
    )
    assert ImageChops.difference(
        _opened(specimen).getchannel("A"), _opened(real).getchannel("A")
    ).getbbox()


def test_drawing_needs_no_font():
    svg = draw_seal(FACE).svg
    assert "<text" not in svg
    assert "font" not in svg


@pytest.mark.parametrize(
    "owner", ["局", "新疆维吾尔自治区乌鲁木齐市示例区市场监督管理局", "长" * 40]
)
def test_short_and_long_names_stay_inside_the_rim(owner):
    with_name = _opened(draw_seal(SealFace(owner, "", specimen=False))).getchannel("A")
    millimetre = 300 / 25.4
    for x in range(with_name.width):
        for y in range(with_name.height):
            out = ((x - 247.5) ** 2 + (y - 247.5) ** 2) ** 0.5 / millimetre
            if 19.0 < out < 19.9:
                assert with_name.getpixel((x, y)) == 0


def test_equal_faces_give_equal_bytes():
    assert draw_seal(FACE) == draw_seal(FACE)


@pytest.mark.parametrize(
    "face",
    [
        SealFace("", "章"),
        SealFace("长" * 41, "章"),
        SealFace("示例局", "章" * 17),
        SealFace("示例局", "章", diameter_mm=51),
        SealFace("示例局", "章", diameter_mm=5),
    ],
)
def test_what_no_seal_may_be_is_refused(face):
    with pytest.raises(ValueError, match="seal"):
        draw_seal(face)


def test_owner_with_a_character_we_lack_is_refused():
    with pytest.raises(MissingGlyphError, match="seal owner"):
        draw_seal(SealFace("示例😀局", ""))
