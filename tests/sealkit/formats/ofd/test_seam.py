"""Checklist of the OFD fact sheet, item 26: seam stamps (骑缝章), numbers of its 5.6."""

import pytest

from sealkit.formats.ofd.container import write_package
from sealkit.formats.ofd.seam import MIN_SLICE_MM, seam


def placed(widths, **options):
    return seam(widths, **{"y_mm": 100.0, "width_mm": 40.0, "height_mm": 38.0} | options)


def test_the_example_of_five_pages():
    placements = placed([210.0] * 5, height_mm=40.0)
    assert [stamp.x_mm for stamp in placements] == [202, 194, 186, 178, 170]
    assert [stamp.clip for stamp in placements] == [(x, 0, 8, 40) for x in (0, 8, 16, 24, 32)]


@pytest.mark.parametrize("pages", [1, 2, 7])
def test_each_slice_ends_at_the_right_edge_and_all_make_the_picture(pages):
    placements = placed([210.0] * pages)
    part = 40 / pages
    for index, stamp in enumerate(placements):
        x, y, width, height = stamp.clip
        assert (stamp.page_index, stamp.y_mm) == (index, 100)
        assert (stamp.width_mm, stamp.height_mm) == (40, 38)
        assert (x, y, width, height) == pytest.approx((index * part, 0, part, 38))
        assert stamp.x_mm + x + width == pytest.approx(210)


def test_one_page_shows_the_whole_picture_at_its_edge():
    (stamp,) = placed([210.0])
    assert (stamp.x_mm, stamp.clip) == (170, (0, 0, 40, 38))


def test_pages_of_mixed_size_are_stamped_at_their_own_edges():
    placements = placed([210.0, 297.0, 148.0, 210.0])
    assert [stamp.x_mm for stamp in placements] == [200, 277, 118, 170]


def test_the_left_edge_shows_the_slices_from_the_last_page():
    placements = placed([210.0] * 4, edge="left")
    assert [stamp.x_mm for stamp in placements] == [-30, -20, -10, 0]
    assert [stamp.clip[0] for stamp in placements] == [30, 20, 10, 0]


def test_a_margin_keeps_slices_where_printers_print():
    assert [stamp.x_mm for stamp in placed([210.0] * 2, margin_mm=5.0)] == [185, 165]
    left = placed([210.0] * 2, margin_mm=5.0, edge="left")
    assert [stamp.x_mm for stamp in left] == [-15, 5]


@pytest.mark.parametrize(("pages", "groups"), [(13, [13]), (14, [7, 7]), (40, [10] * 4)])
def test_many_pages_are_stamped_in_even_groups(pages, groups):
    placements = placed([210.0] * pages)
    assert [stamp.page_index for stamp in placements] == list(range(pages))
    starts = [index for index, stamp in enumerate(placements) if stamp.clip[0] == 0]
    ends = [*starts[1:], pages]
    assert [end - start for start, end in zip(starts, ends, strict=True)] == groups
    assert all(stamp.clip[2] >= MIN_SLICE_MM for stamp in placements)


@pytest.mark.parametrize(("widths", "width"), [([], 40.0), ([210.0], 2.0)])
def test_nothing_to_stamp_and_nothing_to_cut_are_refused(widths, width):
    with pytest.raises(ValueError):
        placed(widths, width_mm=width)


def test_a_seam_is_one_signature_with_a_stamp_on_each_page(entries, seal, seals_of):
    placements = seam([210.0, 210.0], y_mm=100.0, width_mm=40.0, height_mm=40.0)
    (applied,) = seals_of(seal(write_package(entries), stamp=placements))
    assert [(stamp.id, stamp.page_id) for stamp in applied.stamps] == [
        ("s002", "9"),
        ("s003", "10"),
    ]
    assert [stamp.boundary for stamp in applied.stamps] == [(190, 100, 40, 40), (170, 100, 40, 40)]
    assert [stamp.clip for stamp in applied.stamps] == [(0, 0, 20, 40), (20, 0, 20, 40)]
