"""Characters that no typeface holds: printed from the picture a department supplied."""

import io
import itertools
from dataclasses import replace

import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageStat

from issuance.render.composition import compose
from issuance.render.errors import MissingGlyphError
from issuance.render.glyph_pictures import MAX_PICTURE_BYTES, contours_of
from issuance.render.ofd_page import ofd_entries
from issuance.render.pdf_page import write_pdf
from issuance.render.subset import subset
from issuance.render.supplied_face import install, made_face
from issuance.render.typefaces import FACES, face
from sealkit.errors import MalformedError
from tests.issuance.render.conftest import _picture, _svg, font_subsets

EXTENSION_G, EXTENSION_H, PRIVATE = "\U00030003", "\U000323a0", "\ue0f1"
"""A character of extension G and one of H, which Python's own tables do not yet know."""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><path d="{}"/></svg>'
STROKES = "M10 10h80v10h-80zM45 20v70h10V20zM20 50C20 30 80 30 80 50S40 80 20 50Z"


def svg(path=STROKES):
    return SVG.format(path).encode()


def png(side=128):
    picture = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((side // 8, side // 8, side * 7 // 8, side * 7 // 8), fill=0)
    draw.rectangle((side // 3, side // 3, side * 2 // 3, side * 2 // 3), fill=255)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def supplied():
    install(
        {c: contours_of(svg()) for c in (EXTENSION_G, EXTENSION_H)} | {PRIVATE: contours_of(png())}
    )
    yield
    install({})


def named(a_record, name):
    return a_record("business_licence", legal_rep=name)


@pytest.mark.parametrize("character", [EXTENSION_G, EXTENSION_H, PRIVATE])
def test_the_typefaces_that_ship_lack_it(character):
    assert not any(character in face(name).characters for name in FACES)


@pytest.mark.parametrize("character", ["\U00030004", "\U000323a1", "\ue0f2"])
def test_without_a_picture_it_is_refused_by_its_code_point(a_record, modules, character):
    with pytest.raises(MissingGlyphError, match=f"U\\+{ord(character):04X}"):
        compose(named(a_record, f"王{character}"), modules, demonstration=False)


@pytest.mark.parametrize("character", [EXTENSION_G, EXTENSION_H, PRIVATE])
def test_both_files_carry_the_true_code_point_and_show_the_picture(
    supplied, a_record, modules, character
):
    record = named(a_record, f"王{character}某")
    composed = compose(record, modules, demonstration=False)
    fonts = font_subsets(composed)
    entries = ofd_entries(composed, fonts, record)
    page = next(text for name, text in entries.items() if name.endswith("Pages/Page_0/Content.xml"))
    assert character in page.decode()
    assert f"王{character}某" in entries["OFD.xml"].decode()

    document = pypdfium2.PdfDocument(write_pdf(composed, fonts, record, None))
    text = document[0].get_textpage().get_text_range()
    assert character in text.encode("utf-16", "surrogatepass").decode("utf-16")

    (run,) = (run for run in composed.pages[0].runs if character in run.text)
    box = [round(4 * place) for place in (run.ink.x, run.ink.y, run.ink.right, run.ink.bottom)]
    ofd = _picture(_svg(entries, 0), 4.0).convert("L")
    pdf = document[0].render(scale=4 * 25.4 / 72).to_pil().convert("L").resize(ofd.size)
    inked = [ImageStat.Stat(drawn.crop(box)).mean[0] for drawn in (ofd, pdf)]
    assert all(mean < 230 for mean in inked), inked
    assert ImageStat.Stat(ImageChops.difference(ofd.crop(box), pdf.crop(box))).mean[0] < 25


@pytest.mark.parametrize("picture", [svg(), png(), png(64), png(512)])
def test_the_face_made_of_pictures_is_a_font_others_read(picture):
    made = subset(
        made_face({EXTENSION_G: contours_of(picture), PRIVATE: contours_of(svg())}), EXTENSION_G
    )
    font = TTFont(io.BytesIO(made.program))
    (name,) = font.getBestCmap().values()
    assert font.getBestCmap().keys() == {ord(EXTENSION_G)}
    assert font["glyf"][name].numberOfContours > 0
    assert font["hmtx"][name][0] == font["head"].unitsPerEm == 1000


def test_the_outline_is_what_the_picture_shows():
    (ring, hole) = contours_of(png())
    size = {max(axis) - min(axis) for axis in zip(*((x, y) for x, y, _ in ring), strict=True)}
    assert all(740 < side < 780 for side in size)
    assert len(hole) == 4
    (square,) = contours_of(svg("M0 0H100V100H0Z"))
    assert [point[:2] for point in square] == [(0, 880), (1000, 880), (1000, -120), (0, -120)]


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (b"", "neither PNG nor"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged PNG"),
        (png(48), "64 to 512"),
        (svg(""), "shows nothing"),
        (svg("M10 10L90 90"), "shows nothing"),
        (svg("M0 0A1 1 0 0 1 9 9Z"), "no arcs"),
        (svg("M0 0L120 9L9 9Z"), "leaves the viewBox"),
        (svg("M0 0L1e9 9L9 9Z"), "plain numbers"),
        (svg("1 2"), "without a command"),
        (svg("M0 0L9Z"), "lacks numbers"),
        (svg("M0 0" + "l1 1l-1 -1" * 6000), "more than 8000 points"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "neither PNG nor"),
        (svg().replace(b"<path", b"<image/><path"), "only path elements"),
        (svg().replace(b"<path", b'<path transform="scale(2)"'), "apply them"),
        (svg().replace(b"<path", b'<path fill-rule="evenodd"'), "nonzero"),
        (svg().replace(b"<path", b'<path onload="x"'), "d and fill alone"),
        (svg().replace(b"100 100", b"100 90"), "square"),
        (svg() + b" " * MAX_PICTURE_BYTES, "at most"),
    ],
)
def test_what_is_no_picture_of_a_character_is_refused_with_its_reason(picture, why):
    with pytest.raises(MalformedError, match=why):
        contours_of(picture)


@given(st.one_of(st.binary(max_size=300), st.text("MLHVCSQTZmlhvcsqtz0123456789 .,-", max_size=80)))
def test_any_bytes_give_an_outline_or_a_refusal(foreign):
    picture = foreign if isinstance(foreign, bytes) else svg("M0 0" + foreign)
    try:
        contours = contours_of(picture)
    except MalformedError:
        return
    made_face({EXTENSION_G: contours})
    assert all(-120 <= point.y <= 880 for point in itertools.chain(*contours) if point.on_curve)


def test_a_name_for_the_seal_may_hold_a_supplied_character(supplied, a_record, modules):
    record = replace(named(a_record, "王某"), issuer_name=f"{EXTENSION_G}城市场监督管理局")
    page = compose(record, modules, demonstration=False).pages[0]
    assert any(EXTENSION_G in run.text for run in page.runs)
