"""Breaking, shrinking and placing: no ink leaves its box, no two lines touch."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuance.render.errors import MissingGlyphError, TextDoesNotFitError
from issuance.render.items import Box, Colour
from issuance.render.line_breaking import CLOSING, OPENING
from issuance.render.typefaces import face
from issuance.render.typesetting import MAX_CHARACTERS, Span, Style, cells_of, set_text

BLACK = Colour(0, 0, 0)
COVERED = sorted(face("song").characters)
# Any covered character, but ordinary text often enough to make words and paragraphs.
TEXTS = st.text(
    st.one_of(st.sampled_from(COVERED), st.sampled_from("中文，。（）《》ABC abc 123-/\n·　")),
    max_size=300,
)
BOXES = st.builds(
    Box,
    st.floats(0, 200),
    st.floats(0, 200),
    st.floats(1, 150),
    st.floats(1, 80),
)
ALIGNS = st.sampled_from(["left", "centre", "right", "justify", "distribute"])
VALIGNS = st.sampled_from(["top", "middle", "bottom"])


def _style(align="left", valign="top", size=5.0, min_size=1.5):
    return Style("kai", "song", size, min_size, 1.4, BLACK, align, valign)


def _set(text, box, style=None, **options):
    style = style or _style()
    return set_text(cells_of([Span(text, "F", "field")], style), box, style, **options)


def _lines(setting):
    lines = {}
    for run in setting.runs:
        lines.setdefault(run.baseline, []).append(run)
    return list(lines.values())


def _assert_within(setting, box):
    for run in setting.runs:
        if run.ink.width and run.ink.height:
            assert box.holds(run.ink, 1e-6), (run, box)
    for upper, lower in pairwise(_lines(setting)):
        bottom = max(run.ink.bottom for run in upper)
        assert bottom <= min(run.ink.y for run in lower) + 1e-6


@settings(max_examples=300, deadline=None)
@given(TEXTS, BOXES, ALIGNS, VALIGNS)
def test_ink_stays_in_the_box_and_lines_apart_or_the_text_is_refused(text, box, align, valign):
    try:
        setting = _set(text, box, _style(align, valign))
    except TextDoesNotFitError:
        return
    _assert_within(setting, box)
    assert "".join(run.text for run in setting.runs) == text.replace("\n", "")


@settings(max_examples=200, deadline=None)
@given(TEXTS, BOXES, ALIGNS)
def test_what_flows_on_is_exactly_what_was_not_set(text, box, align):
    try:
        setting = _set(text, box, _style(align), may_flow=True)
    except TextDoesNotFitError:
        return
    _assert_within(setting, box)
    done = "".join(run.text for run in setting.runs)
    rest = "".join(cell.character for cell in setting.rest)
    assert done + rest.replace("\n", "") == text.replace("\n", "")


@settings(deadline=None)
@given(st.text(st.sampled_from("中文字，。、（）《》；"), min_size=1, max_size=200))
def test_marks_stay_off_the_wrong_end_of_a_line(text):
    setting = _set(text, Box(0, 0, 60, 500), _style(size=5, min_size=5))
    lines = ["".join(run.text for run in line) for line in _lines(setting)]
    for before, after in pairwise(lines):
        # A row of marks longer than a line must be cut somewhere.
        if any(c not in CLOSING | OPENING for c in before):
            assert after[0] not in CLOSING or before[-1] in CLOSING
            assert before[-1] not in OPENING or after[0] in CLOSING | OPENING


def test_words_and_numbers_stay_whole():
    setting = _set("编号91650100MA7DEM016D和identifier在此", Box(0, 0, 60, 60), _style(min_size=5))
    lines = ["".join(run.text for run in line) for line in _lines(setting)]
    assert any("91650100MA7DEM016D" in line for line in lines)
    assert any("identifier" in line for line in lines)


def test_word_longer_than_the_line_is_cut():
    setting = _set("A" * 100, Box(0, 0, 30, 60), _style(size=4, min_size=4))
    assert len(_lines(setting)) > 1
    _assert_within(setting, Box(0, 0, 30, 60))


def test_short_text_keeps_its_size_and_long_text_shrinks():
    box = Box(0, 0, 50, 12)
    assert {run.size for run in _set("短", box).runs} == {5.0}
    assert max(run.size for run in _set("长" * 40, box).runs) < 5.0


def test_text_too_long_at_the_smallest_size_is_refused_by_name():
    with pytest.raises(TextDoesNotFitError, match="经营范围"):
        set_text(
            cells_of([Span("长" * 5000, None, "经营范围")], _style()), Box(0, 0, 50, 12), _style()
        )


def test_text_beyond_all_measure_is_refused_before_it_is_measured():
    with pytest.raises(TextDoesNotFitError):
        cells_of([Span("长" * (MAX_CHARACTERS + 1), None, "经营范围")], _style())


@pytest.mark.parametrize("character", ["😀", "\u0627", "\t", "\r", "\u200b", "\ue000", "\x00"])
def test_character_without_glyph_is_refused_not_boxed(character):
    with pytest.raises(MissingGlyphError, match=rf"U\+{ord(character):04X}.* in 名称"):
        cells_of([Span(f"甲{character}乙", "KZ_MC", "名称")], _style())


def test_line_feed_ends_a_line_and_empty_lines_stay():
    lines = _lines(_set("甲\n\n乙", Box(0, 0, 50, 50)))
    assert ["".join(run.text for run in line) for line in lines] == ["甲", "乙"]
    assert lines[1][0].baseline - lines[0][0].baseline == pytest.approx(2 * 1.4 * 5)


def test_distributed_label_fills_its_width():
    setting = _set("名称", Box(10, 0, 30, 8), _style("distribute"))
    ink = setting.runs[0]
    assert ink.x == pytest.approx(10)
    assert ink.x + sum(ink.advances) == pytest.approx(40)


def test_figures_come_from_the_latin_face():
    assert [(run.text, run.face) for run in _set("共10户", Box(0, 0, 50, 9)).runs] == [
        ("共", "kai"),
        ("10", "song"),
        ("户", "kai"),
    ]


def test_nothing_is_set_for_nothing():
    assert _set("", Box(0, 0, 5, 5)).runs == ()
