"""The page of every kind: nothing overprints, nothing leaves its place, whatever is printed."""

from dataclasses import replace
from itertools import combinations, pairwise

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops, ImageStat
from PIL.Image import Resampling

from issuance.model import load_kinds
from issuance.render.composition import compose
from issuance.render.derived import Fill, derived_layout, row_heights
from issuance.render.errors import (
    MissingGlyphError,
    PictureNotDrawnError,
    TextDoesNotFitError,
)
from issuance.render.faces import face_key, layout_of
from issuance.render.items import Box
from issuance.render.layout import RECORD_NAMES
from issuance.render.ofd_page import ofd_entries
from issuance.render.pdf_page import write_pdf
from issuance.render.typefaces import face
from tests.issuance.kinds.records import record_with, sample_record, texts_of
from tests.issuance.kinds.samples import kind_names
from tests.issuance.render.conftest import font_subsets
from tests.issuance.render.conftest import rasterised_ofd as rasterised_ofd

CODE = ((True, False), (False, True))
LEAN = 0.2
"""Letters of one line lean over their neighbour by design, ems."""
COVERED = sorted(face("song").characters)
UNLIKE = (
    "driving_licence", "divorce_certificate", "food_business_licence", "marriage_certificate",
    "real_estate_registration_proof", "vaccination_certificate",
)  # fmt: skip
"""Kinds that between them have every feature of a page."""
LONG = st.text(
    st.one_of(st.sampled_from(COVERED), st.sampled_from("天山区示例路，。（）ABC 123·")),
    min_size=1,
    max_size=600,
)


@st.composite
def filled(draw, name):
    """A record of the kind with long values, and some optional ones left out."""
    kind = load_kinds()[name]
    changes = {
        field.name: draw(LONG)
        for field in draw(st.lists(st.sampled_from(texts_of(name)), max_size=5))
    }
    optional = [field.name for field in kind.fields if not field.required]
    if optional:
        changes |= dict.fromkeys(draw(st.lists(st.sampled_from(optional), max_size=3)))
    return record_with(name, **changes)


def check_pages(record, composed):
    """Every ink lies in a place of its own, on the page, and over no other ink."""
    layout = layout_of(face_key(record))
    sheet = Box(0, 0, layout.page.width, layout.page.height)
    places = [text.box for text in layout.text] + [field.box for field in layout.field]
    places += [table.box for table in layout.table]
    places += [layout.continuation.box, layout.continuation.title_box]
    for page in composed.pages:
        inked = [run for run in page.runs if run.text.strip(" \u00a0\u3000")]
        for run in inked:
            assert sheet.holds(run.ink, 1e-6), run
            assert any(place.holds(run.ink, 1e-6) for place in places), run
        for one, other in combinations(inked, 2):
            same_line = one.baseline == other.baseline
            allowed = LEAN * one.size if same_line else 1e-6
            assert not one.ink.meets(other.ink, allowed), (one, other)
    solid = [layout.code.box, *(picture.box for picture in composed.pages[0].pictures)]
    for one, other in combinations(solid, 2):
        assert not one.meets(other)
    for run in composed.pages[0].runs:
        assert not any(run.ink.meets(box) for box in solid), run


@pytest.mark.parametrize("name", kind_names())
@settings(max_examples=6, deadline=None)
@given(st.data())
def test_long_values_shrink_or_flow_and_never_overprint(name, data):
    record = data.draw(filled(name))
    try:
        composed = compose(record, CODE, demonstration=True)
    except TextDoesNotFitError:
        return  # told to the clerk with its field, before anything is signed
    check_pages(record, composed)


def layout_shorts(kind, layout):
    """GB/T 36903 names of the fields that the page prints."""
    return {field.short for field in kind.fields if field.name in layout.field_names}


@pytest.mark.parametrize("name", kind_names())
def test_the_longest_values_that_a_kind_allows_are_printed_whole(name):
    kind = load_kinds()[name]
    kept_short = {kind.number_field, kind.face.authority, "register_organ", "print_no"}
    longest = {
        field.name: "天" * min(field.longest, 3000)
        for field in texts_of(name)
        if field.name not in kept_short and not field.pattern and field.script == "han"
    }
    record = record_with(name, **longest)
    composed = compose(record, CODE, demonstration=True)
    check_pages(record, composed)
    layout = layout_of(face_key(record))
    printed = "".join(run.text for page in composed.pages for run in page.runs)
    shown = [value for field, value in longest.items() if field in layout.field_names]
    assert printed.count("天") >= sum(map(len, shown))
    begun = {run.field for run in composed.pages[0].runs}
    if not kind.layout:
        # Nobody must turn the page to see how a value begins.
        assert {kind.field(field).short for field in longest} & layout_shorts(kind, layout) <= begun


@pytest.mark.parametrize("name", kind_names())
def test_every_field_of_the_kind_is_on_the_page_or_left_off_by_name(name):
    kind = load_kinds()[name]
    printed = layout_of(face_key(sample_record(name))).field_names
    record = sample_record(name)
    present = {field.name for field in record.fields}
    left_off = set(kind.face.unprinted)
    if kind.layout is None:
        # A field may have the name of a member of the record; its value is what is printed.
        assert present - left_off - RECORD_NAMES <= printed


@pytest.mark.parametrize("name", UNLIKE)
def test_ofd_and_pdf_of_the_kind_look_the_same(name, rasterised_ofd):
    record = sample_record(name)
    composed = compose(record, CODE, demonstration=True)
    fonts = font_subsets(composed)
    ofd = rasterised_ofd(ofd_entries(composed, fonts, record), zoom=4.0).reduce(4)
    document = pypdfium2.PdfDocument(write_pdf(composed, fonts, record, None))
    pdf = document[0].render(scale=4 / (72 / 25.4)).to_pil().convert("RGB")
    assert min(ImageStat.Stat(ofd).mean) > 128, "resvg drew no page"
    assert min(ImageStat.Stat(pdf).mean) > 128, "pdfium drew no page"
    difference = ImageStat.Stat(ImageChops.difference(ofd, pdf.resize(ofd.size, Resampling.BOX)))
    # Coarser than in test_ofd_page: what is left is how two programs smooth fine lines.
    assert max(difference.mean) < 7


def test_an_optional_value_that_is_absent_leaves_no_label():
    def labels(record):
        page = compose(record, CODE, demonstration=False).pages[0]
        return {run.text for run in page.runs}

    assert "监护人" in labels(record_with("disability_certificate"))
    assert "监护人" not in labels(record_with("disability_certificate", guardian=None))


def test_a_missing_end_is_printed_as_what_the_rule_says():
    page = compose(record_with("identity_card", valid_to=None), CODE, demonstration=False).pages[0]
    assert any(run.text == "2046年11月20日" and run.field == "ZZYXQJZRQ" for run in page.runs)


def test_a_code_is_printed_as_its_meaning_and_a_number_with_its_unit():
    page = compose(sample_record("birth_certificate"), CODE, demonstration=False).pages[0]
    texts = "".join(run.text for run in page.runs)
    assert "3260克" in texts
    assert "2026年11月02日 08时30分" in texts
    assert "女" in {run.text for run in page.runs}


def _lines_of(page, field):
    lines = {}
    for run in page.runs:
        if run.field == field:
            lines.setdefault(run.baseline, []).append(run)
    return [
        (runs[0].baseline, "".join(run.text for run in runs)) for _, runs in sorted(lines.items())
    ]


def test_a_list_is_printed_as_a_table_under_its_heads_and_without_separators():
    page = compose(sample_record("vaccination_certificate"), CODE, demonstration=False).pages[0]
    lines = _lines_of(page, "KZ_JZJL")
    assert [text.split() for _, text in lines] == [
        ["卡介苗", "第1剂", "2026-11-03", "20260512A", "示例市妇幼保健院"],
        ["乙肝疫苗", "第1剂", "2026-11-03", "202604B17", "示例市妇幼保健院"],
    ]
    (heads,) = (run for run in page.runs if run.text.startswith("疫苗名称"))
    assert "｜" not in "".join(run.text for run in page.runs)
    # Each column begins, to half a narrow blank, where its head does.
    left = min(run.x for run in page.runs if run.field == "KZ_JZJL")
    assert left == heads.x
    for baseline, _ in lines:
        starts = _column_starts(page, baseline)
        assert starts == pytest.approx(_column_starts(page, heads.baseline), abs=heads.size * 0.2)


def _column_starts(page, baseline):
    """Where on a line something stands after white."""
    runs = sorted((r for r in page.runs if r.baseline == baseline and r.x > 59), key=lambda r: r.x)
    starts, blank = [], True
    for run in runs:
        x = run.x
        for character, advance in zip(run.text, run.advances, strict=True):
            if blank and not character.isspace():
                starts.append(x)
            blank = character.isspace()
            x += advance
    return starts


def test_an_area_that_needs_two_lines_has_the_height_of_two():
    page = compose(sample_record("medical_insurance_voucher"), CODE, demonstration=False).pages[0]
    below = [run for run in page.runs if run.field == "KZ_JHRQ"]
    column = min(run.x for run in below)
    baseline = below[0].baseline
    area = [r for r in page.runs if r.x >= column - 1 and 60 < r.baseline < baseline - 1]
    assert min(run.ink.y for run in below) - max(run.ink.bottom for run in area) > 1


@pytest.mark.parametrize("name", kind_names())
def test_between_two_rows_of_a_derived_page_is_white_however_full_they_are(name):
    kind = load_kinds()[name]
    if kind.layout:
        return
    longest = {field.name: "天" * min(field.longest, 90) for field in texts_of(name)}
    longest = {k: v for k, v in longest.items() if not kind.field(k).pattern}
    layout = layout_of(face_key(record_with(name, **longest)))
    rows = sorted({(field.box.y, field.box.bottom) for field in layout.field})
    assert all(below[0] - above[1] > 0.7 for above, below in pairwise(rows))


def test_a_label_on_a_further_page_stands_over_its_text_at_the_left():
    long = {field: "天" * 199 for field in ("male_nationality", "female_nationality")}
    record = record_with("marriage_certificate", **long)
    _, further = compose(record, CODE, demonstration=False).pages
    label, _ = (run for run in further.runs if "国籍" in run.text.replace("　", ""))
    text = [run for run in further.runs if run.text.startswith("天天")]
    assert label.text == "国籍（续）"
    assert label.x == pytest.approx(min(run.x for run in text), abs=1)
    assert label.ink.bottom < text[0].ink.y < label.ink.bottom + 6


@pytest.mark.parametrize("character", ["\U0002ffff", "\ue000", "𝄞", "ب"])
def test_a_character_without_a_glyph_is_named_and_never_a_box(character):
    record = record_with("passport", birth_place=f"新疆{character}")
    with pytest.raises(MissingGlyphError) as refusal:
        compose(record, CODE, demonstration=False)
    assert refusal.value.character == character


def test_a_rare_character_of_a_name_has_its_glyph():
    for character in "㛃䶮𬭎𬬭𫟼龘":
        record = record_with("degree_certificate", name=f"张{character}")
        page = compose(record, CODE, demonstration=False).pages[0]
        assert any(character in run.text for run in page.runs)


def test_a_text_too_long_for_its_place_is_told_with_its_field():
    number = "新" * 400
    record = replace(sample_record("animal_clinic_licence"), number=number)
    with pytest.raises(TextDoesNotFitError) as refusal:
        compose(record, CODE, demonstration=False)
    assert refusal.value.place == "number"


def test_a_picture_that_is_none_is_refused_with_its_field():
    with pytest.raises(PictureNotDrawnError, match="photo"):
        compose(
            record_with("passport", photo="data:image/jpeg;base64,AAAA"), CODE, demonstration=False
        )


@given(st.lists(st.integers(1, 8), min_size=1, max_size=20), st.floats(40, 90))
def test_rows_share_the_height_and_each_has_some(lines, height):
    places = {"row_height": 11, "least_row_height": 7.2, "line_height": 0.6}
    heights = row_heights(lines, height, places)
    assert sum(heights) <= height + 1e-6
    assert min(heights) >= min(7.2, height / len(lines)) - 1e-6


def test_a_kind_without_a_face_is_laid_out_by_the_lengths_of_its_fields():
    kind = load_kinds()["taxi_driver_certificate"]
    layout = derived_layout(kind, Fill())
    rows = {}
    for field in layout.field:
        rows.setdefault(field.box.y, []).append(field.text)
    assert list(rows.values()) == [
        ["{name}", "{sex}"],
        ["{id_number}", "{category}"],
        ["{first_issue_date}", "{valid_to|valid_until}"],
    ]
    without = derived_layout(kind, Fill(frozenset({"photo"})))
    assert without.field[0].box.width > layout.field[0].box.width
    assert not without.picture
