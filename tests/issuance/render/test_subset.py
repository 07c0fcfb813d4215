"""The font that goes into a document, read by fontTools."""

import io
from functools import cache

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from issuance.render.subset import subset
from issuance.render.typefaces import DIRECTORY, FACES, face

ALL = {name: sorted(face(name).characters) for name in FACES}


@cache
def _whole(name):
    return TTFont(DIRECTORY / f"{FACES[name]}.ttf", lazy=True)


def _outline(font, character):
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.value


@settings(deadline=None)
@given(
    st.sampled_from(sorted(FACES)).flatmap(
        lambda name: st.tuples(st.just(name), st.sets(st.sampled_from(ALL[name]), max_size=40))
    )
)
def test_any_characters_keep_their_outlines_and_widths(chosen):
    name, characters = chosen
    made = subset(face(name), characters)
    font = TTFont(io.BytesIO(made.program), checkChecksums=2)
    assert set(font.getBestCmap()) == set(map(ord, characters))
    assert made.glyphs.keys() == made.widths.keys() == characters
    for character in characters:
        assert font.getGlyphID(font.getBestCmap()[ord(character)]) == made.glyphs[character]
        assert _outline(font, character) == _outline(_whole(name), character)
        assert font["hmtx"][font.getBestCmap()[ord(character)]][0] == made.widths[character]


def test_has_the_ten_tables_viewers_insist_on():
    font = TTFont(io.BytesIO(subset(face("song"), "印信").program))
    wanted = {"cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post", "OS/2"}
    assert wanted <= set(font.keys())
    assert font["maxp"].numGlyphs == 3


@pytest.mark.parametrize("characters", ["一", "一𠅤", "", "ABC一丁七𫘜"])
def test_both_character_maps_agree_where_both_reach(characters):
    font = TTFont(io.BytesIO(subset(face("song"), characters).program))
    short, full = font["cmap"].getcmap(3, 1), font["cmap"].getcmap(3, 10)
    assert short.format == 4
    assert full.format == 12
    assert short.cmap == {code: glyph for code, glyph in full.cmap.items() if code < 0xFFFF}


@pytest.mark.parametrize("characters", ["−", "−-", "¨∕"])
def test_parts_of_a_glyph_come_along(characters):
    made = subset(face("kai"), characters)
    font = TTFont(io.BytesIO(made.program))
    for character in characters:
        assert _outline(font, character) == _outline(_whole("kai"), character)


def test_order_and_repetition_do_not_matter():
    first, second = subset(face("kai"), "乙甲丙"), subset(face("kai"), "丙乙甲甲乙")
    assert first == second
    assert first.name[6:] == "+YinxinKai-Regular"


def test_other_characters_get_another_name():
    assert subset(face("kai"), "甲").name != subset(face("kai"), "乙").name
