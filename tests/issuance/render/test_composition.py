"""Whole pages: any record that can be printed is printed inside its boxes, nothing over nothing."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuance.render.composition import compose
from issuance.render.errors import (
    MissingGlyphError,
    TextDoesNotFitError,
    UnknownLayoutError,
)
from issuance.render.items import Box
from issuance.render.layout import load_layout
from issuance.render.typefaces import face
from sealkit.record import Holder, printed_form
from tests.issuance.render.conftest import FIELDS, KINDS, example_record

COVERED = sorted(face("song").characters)
VALUES = st.text(
    st.one_of(st.sampled_from(COVERED), st.sampled_from("天山区示例路，。（）ABC 123·\n")),
    max_size=400,
)
CODE = ((True, False), (False, True))
LEAN = 0.2
"""Letters of one line lean over their neighbour by design, ems: f to the right, j to the left."""


@st.composite
def records(draw):
    kind = draw(st.sampled_from(KINDS))
    names = [name for name, _, _ in FIELDS[kind]]
    changed = draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=4))
    return example_record(kind, **changed)


def _places(layout):
    """Return every box that the layout gives to a text."""
    yield from (text.box for text in layout.text)
    yield from (field.box for field in layout.field)
    yield from (table.box for table in layout.table)
    yield from (layout.continuation.box, layout.continuation.title_box)


@settings(max_examples=120, deadline=None)
@given(records())
def test_any_values_stay_in_their_boxes_and_never_overprint(record):
    layout = load_layout(record.kind)
    try:
        composed = compose(record, CODE, demonstration=True)
    except TextDoesNotFitError:
        return
    places = list(_places(layout))
    for page in composed.pages:
        inked = [run for run in page.runs if run.text.strip(" \u00a0\u3000")]
        for run in inked:
            assert any(place.holds(run.ink, 1e-6) for place in places), run
        for one, other in combinations(inked, 2):
            same_line = one.baseline == other.baseline
            assert not one.ink.meets(other.ink, LEAN * one.size if same_line else 1e-6), (
                one,
                other,
            )


@settings(max_examples=60, deadline=None)
@given(records())
def test_runs_of_a_field_read_as_its_printed_form(record):
    try:
        composed = compose(record, CODE, demonstration=False)
    except TextDoesNotFitError:
        return
    texts = {}
    for page in composed.pages:
        for run in page.runs:
            texts.setdefault(run.field, []).append(run.text)
    texts.pop(None)
    for short, parts in texts.items():
        assert "".join(parts) == printed_form(record.metadata()[short]).replace("\n", "")


@pytest.mark.parametrize("kind", KINDS)
def test_texts_up_to_the_longest_the_kind_allows_are_printed(kind):
    """Names of 200 characters and texts of 3,000; identifiers and dates as they are."""
    longest = {
        name: "天" * (3000 if name in ("scope", "other", "note", "location", "premises") else 200)
        for name, short, value in FIELDS[kind]
        if name not in ("uscc", "register_organ", "cert_no") and not value[0].isdigit()
    }
    composed = compose(example_record(kind, **longest), CODE, demonstration=False)
    assert len(composed.pages) > 1


def test_demonstration_line_is_printed_only_when_asked_for(record):
    def texts(demonstration):
        page = compose(record, CODE, demonstration=demonstration).pages[0]
        return "".join(run.text for run in page.runs)

    assert "演示数据DEMO" in texts(True).replace(" ", "")
    assert "演示" not in texts(False)


def test_each_holder_has_a_line(a_record):
    record = a_record("real_estate_certificate")
    page = compose(record, CODE, demonstration=False).pages[0]
    for holder in record.holders:
        lines = {run.baseline for run in page.runs if holder.code in run.text}
        assert len(lines) == 1


def test_many_holders_go_on_on_another_page(a_record, with_holders):
    holders = [Holder(f"权利人{n}", f"6501021985041230{n:02}", "111") for n in range(60)]
    record = with_holders(a_record("real_estate_certificate"), *holders)
    composed = compose(record, CODE, demonstration=False)
    printed = "".join(run.text for page in composed.pages for run in page.runs)
    assert all(holder.code in printed for holder in holders)
    assert len(composed.pages) > 1
    assert any("接附页" in run.text for run in composed.pages[0].runs)


def test_several_long_texts_follow_one_another_under_their_labels(a_record):
    long = {name: "天" * 2500 for name in ("location", "other", "use", "right_nature", "area")}
    composed = compose(a_record("real_estate_certificate", **long), CODE, demonstration=False)
    printed = "".join(run.text for page in composed.pages[1:] for run in page.runs)
    labels = ["坐落（续）", "权利性质（续）", "用途（续）", "面积（续）", "权利其他状况（续）"]
    assert sorted(labels, key=printed.index) == labels
    last = len(composed.pages)
    assert f"（第{last}页，共{last}页）" in printed


def test_absent_values_print_nothing(a_record):
    record = a_record("business_licence", registered_capital="")
    page = compose(record, CODE, demonstration=False).pages[0]
    assert "KZ_ZCZB" not in {run.field for run in page.runs}
    assert any(run.text == "注册资本" for run in page.runs)


def test_end_of_term_comes_from_the_validity_when_the_field_is_absent(a_record):
    page = compose(a_record("business_licence"), CODE, demonstration=False).pages[0]
    line = next(run.baseline for run in page.runs if run.field == "KZ_YYQX_Q")
    assert "至长期" in "".join(run.text for run in page.runs if run.baseline == line)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ud800", "\u200d", "\ufffe"])
@pytest.mark.parametrize("field", ["org_name", "register_organ"])
def test_character_without_form_is_refused_also_where_it_is_not_printed(a_record, field, character):
    record = a_record("business_licence", **{field: f"甲{character}"})
    with pytest.raises(MissingGlyphError):
        compose(record, CODE, demonstration=False)


def test_kind_without_layout_is_refused(a_record):
    record = a_record("business_licence")
    object.__setattr__(record, "kind", "../business_licence")
    with pytest.raises(UnknownLayoutError):
        compose(record, CODE, demonstration=False)


def test_seal_lands_on_issuer_and_date(composed):
    x, y = composed.seal_centre
    seal = Box(x - 21, y - 21, 42, 42)
    covered = "".join(run.text for run in composed.pages[0].runs if seal.meets(run.ink))
    assert "局" in covered
    assert "年" in covered
    assert 0 <= seal.x
    assert seal.right <= composed.width
    assert seal.bottom <= composed.height
