"""Names in Arabic letters: joined, right to left, and the letters themselves in the text."""

import io
import shutil
import subprocess
from itertools import pairwise

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat, features

from issuance.render.arabic import is_arabic_name, letters_of, shaped
from issuance.render.composition import compose
from issuance.render.ofd_page import ofd_entries
from issuance.render.pdf_page import write_pdf
from issuance.render.typefaces import DIRECTORY, FACES
from tests.issuance.kinds.records import record_with
from tests.issuance.render.conftest import font_subsets
from tests.issuance.render.test_ofd_page import _tied_texts

CODE = ((True, False), (False, True))
NAMES = ("گۈلنار ئەھمەت", "ئابدۇللا", "لالە", "نۇرگۈل", "مەھمۇتجان", "پەرھات", "ئايشەم", "جاڭ ۋېي")
FONT = str(DIRECTORY / f"{FACES['naskh']}.ttf")


def drawn(text, engine, **settings):
    """Return `text` drawn by Pillow, cut to its ink."""
    font = ImageFont.truetype(FONT, 80, layout_engine=engine)
    picture = Image.new("L", (2000, 240), 0)
    ImageDraw.Draw(picture).text((40, 40), text, font=font, fill=255, **settings)
    return picture.crop(picture.getbbox())


@pytest.mark.skipif(not features.check("raqm"), reason="needs a Pillow with HarfBuzz")
@pytest.mark.parametrize("name", [name for name in NAMES if "ە" not in name])
def test_the_forms_are_those_that_harfbuzz_chooses(name):
    """HarfBuzz, told nothing of our table, joins the same letters of the same typeface.

    Without a table in the typeface it knows no joined form of ە; that one is looked at below.
    """
    by_harfbuzz = drawn(name, ImageFont.Layout.RAQM, direction="rtl", language="ug")
    forms = "".join(glyph.character for glyph in reversed(shaped(name)))
    by_us = drawn(forms, ImageFont.Layout.BASIC)
    assert abs(by_us.width - by_harfbuzz.width) <= 3
    difference = ImageChops.difference(by_us.resize(by_harfbuzz.size), by_harfbuzz)
    assert ImageStat.Stat(difference).mean[0] < 12


def test_the_glyphs_say_the_letters_of_the_text():
    for name in NAMES:
        assert "".join(glyph.source for glyph in shaped(name)) == name
        assert all(letters_of(glyph.character) == glyph.source for glyph in shaped(name))


def test_lam_with_alef_is_one_glyph_of_two_letters():
    assert [(hex(ord(g.character)), g.source) for g in shaped("لالە")] == [
        ("0xfefb", "لا"),
        ("0xfedf", "ل"),
        ("0xfeea", "ە"),
    ]
    assert hex(ord(shaped("ئابدۇللا")[-1].character)) == "0xfefc"


@pytest.mark.parametrize("text", ["张三", "Gulnar", "گۈل1", "", "·", "ه", "گۈل\u200cنار"])
def test_other_writing_is_no_such_name(text):
    assert not is_arabic_name(text)


@pytest.mark.parametrize("name", NAMES)
def test_ofd_and_pdf_give_the_name_back_as_it_was_written(name):
    record = record_with("identity_card", name_ug=name)
    composed = compose(record, CODE, demonstration=True)
    fonts = font_subsets(composed)
    assert _tied_texts(ofd_entries(composed, fonts, record))["KZ_WWXM"] == name
    pdf = write_pdf(composed, fonts, record, None)
    # PDFium takes the words of a line for separate texts, so their order is not looked at here.
    words = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split()
    assert set(name.split()) <= set(words)
    if pdftotext := shutil.which("pdftotext"):
        told = subprocess.run([pdftotext, "-", "-"], input=pdf, capture_output=True, check=True)
        assert name in told.stdout.decode()


def test_the_first_letter_stands_rightmost():
    record = record_with("identity_card", name_ug="گۈلنار")
    page = compose(record, CODE, demonstration=True).pages[0]
    runs = [run for run in page.runs if run.field == "KZ_WWXM"]
    assert "".join(run.source for run in runs) == "گۈلنار"
    assert [run.x for run in runs] == sorted((run.x for run in runs), reverse=True)
    for right, left in pairwise(runs):
        assert left.x + sum(left.advances) == pytest.approx(right.x)


def test_ofd_and_pdf_show_the_name_alike(rasterised_ofd):
    record = record_with("identity_card", name_ug="ئابدۇللا مەھمۇتجان")
    composed = compose(record, CODE, demonstration=True)
    fonts = font_subsets(composed)
    runs = [run for run in composed.pages[0].runs if run.field == "KZ_WWXM"]
    left, top = min(run.ink.x for run in runs), min(run.ink.y for run in runs)
    right, bottom = max(run.ink.right for run in runs), max(run.ink.bottom for run in runs)
    box = tuple(round(8 * place) for place in (left, top, right, bottom))
    ofd = rasterised_ofd(ofd_entries(composed, fonts, record), zoom=8.0).crop(box)
    document = pypdfium2.PdfDocument(io.BytesIO(write_pdf(composed, fonts, record, None)))
    pdf = document[0].render(scale=8 / (72 / 25.4)).to_pil().convert("RGB").crop(box)
    assert ImageStat.Stat(ofd.convert("L")).extrema[0][0] < 60, "nothing was drawn"
    assert max(ImageStat.Stat(ImageChops.difference(ofd, pdf)).mean) < 20
