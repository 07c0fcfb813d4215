"""Pictures by owner and type: size, outline, second script, and what is never drawn."""

import io
from dataclasses import replace
from math import cos, radians, sin

import pytest
from PIL import Image

from issuance.errors import InvalidSealError
from issuance.render.seal_lettering import joined_arc
from issuance.render.seal_picture import SealFace, Shape, draw_seal
from issuance.seals import making
from issuance.seals.faces import OwnerKind, face_for
from issuance.seals.making import SealWish
from sealkit.asn1.ses import parse_seal
from tests.issuance.seals.steps import keeper, seal_of
from tests.issuance.seals.test_several_seals import put_into_service
from tests.issuance.world import AT, MARKET

UYGHUR = "ئۈلگە شەھەرلىك بازار باشقۇرۇش ئىدارىسى"


def alpha(face, dots_per_inch=300):
    picture = Image.open(io.BytesIO(draw_seal(face, dots_per_inch=dots_per_inch).png))
    return picture.getchannel("A")


def ink(channel, inner, outer, size_mm=42):
    """Return the angles (degrees clockwise from the top) at which a ring has ink."""
    middle, unit = channel.width / 2, channel.width / size_mm
    return {
        angle
        for angle in range(-180, 180)
        for step in range(13)
        if channel.getpixel(
            (
                int(middle + (inner + (outer - inner) * step / 12) * unit * sin(radians(angle))),
                int(middle - (inner + (outer - inner) * step / 12) * unit * cos(radians(angle))),
            )
        )
        > 128
    }


@pytest.mark.parametrize(
    ("kind", "seal_type", "size", "shape"),
    [
        (OwnerKind.ADMINISTRATIVE_OFFICE, 1, (45, 45), Shape.ROUND),
        (OwnerKind.TOWNSHIP, 1, (42, 42), Shape.ROUND),
        (OwnerKind.DEPARTMENT, 1, (42, 42), Shape.ROUND),
        (OwnerKind.ORGANISATION, 1, (40, 40), Shape.ROUND),
        (OwnerKind.DEPARTMENT, 2, (38, 38), Shape.ROUND),
        (OwnerKind.ORGANISATION, 3, (40, 30), Shape.OVAL),
        (OwnerKind.ORGANISATION, 4, (38, 38), Shape.ROUND),
        (OwnerKind.DEPARTMENT, 6, (42, 42), Shape.ROUND),
    ],
)
def test_size_and_outline_follow_owner_and_type(world, kind, seal_type, size, shape):
    seal = replace(seal_of(world), owner_kind=kind.value, type=seal_type)
    face = face_for(seal, specimen=False)
    assert (face.size_mm, face.shape) == (size, shape)
    drawn = draw_seal(face)
    assert (drawn.width_mm, drawn.height_mm) == size
    pixels = Image.open(io.BytesIO(drawn.png)).size
    assert pixels == tuple(round(side / 25.4 * 300) for side in size)


def test_a_name_seal_is_square_and_small(world):
    face = face_for(replace(seal_of(world), type=5, label="张明远"), specimen=False)
    assert (face.size_mm, face.shape, face.owner_zh) == ((18, 18), Shape.SQUARE, "张明远")
    corner = alpha(face).getpixel((6, 6))
    assert corner == 255


@pytest.mark.parametrize("kind", [OwnerKind.PROVINCE, OwnerKind.GOVERNMENT])
def test_a_seal_with_the_national_emblem_is_never_drawn(world, kind):
    with pytest.raises(ValueError, match="emblem"):
        face_for(replace(seal_of(world), type=1, owner_kind=kind.value), specimen=True)


@pytest.mark.parametrize(
    "changes",
    [{"label": ""}, {"type": 5, "label": "张"}, {"type": 3, "second_name": UYGHUR}],
)
def test_what_cannot_be_a_seal_is_refused(world, changes):
    with pytest.raises(ValueError, match="seal"):
        draw_seal(face_for(replace(seal_of(world), **changes), specimen=False))


def test_the_second_script_stands_in_a_ring_of_its_own():
    plain = SealFace("示例市市场监督管理局", "电子证照专用章", specimen=False)
    channel = alpha(replace(plain, second_name=UYGHUR))
    assert not ink(channel, 19.3, 19.9), "nothing between the outer ring and the rim"
    ring = ink(channel, 16.6, 18.0)
    assert len(ring) > 90
    assert all(-135 < angle < 135 for angle in ring)
    below = ink(channel, 11.0, 14.0)
    assert below, "the Chinese name stands inside"


def test_joined_letters_run_from_right_to_left():
    """The first letter is the rightmost: alone, ئ begins right of the top and ى ends left."""
    two = joined_arc("ئى", baseline=16.4, size=3.4, widest=4.5)
    swapped = joined_arc("ىئ", baseline=16.4, size=3.4, widest=4.5)
    assert two != swapped
    long_name = SealFace("示例局", "章", specimen=False, second_name="ئ" + "ا" * 30)
    ring = ink(alpha(long_name), 16.6, 18.0)
    assert min(ring) < -20
    assert max(ring) > 20


def test_a_very_long_second_name_still_ends_before_it_meets_itself():
    long_name = SealFace("示例局", "", specimen=False, second_name="ئۇيغۇر " * 11)
    ring = ink(alpha(long_name), 15.6, 18.6)
    assert all(-135 < angle < 135 for angle in ring)


@pytest.mark.parametrize("second", ["Market Bureau", "ئ" * 81])
def test_a_second_name_is_joined_letters_that_fit(second):
    with pytest.raises(ValueError, match="second name"):
        draw_seal(SealFace("示例局", "章", second_name=second))


def test_letters_of_one_word_meet_without_a_gap():
    """باش: the strokes of joined letters overlap, so the word is one piece of ink per column."""
    channel = alpha(SealFace("示例局", "", specimen=False, star=False, second_name="سسسس"), 600)
    ring = sorted(ink(channel, 15.4, 17.6))
    assert ring == list(range(ring[0], ring[-1] + 1))


def test_a_seal_is_made_with_both_names_of_its_owner(world):
    seal = put_into_service(world, second_name=UYGHUR, label="行政审批专用章")
    picture = parse_seal(seal.der).info.picture
    assert (picture.width_mm, picture.height_mm) == (42, 42)
    assert seal.second_name == UYGHUR


def test_an_application_that_cannot_be_drawn_is_refused(world):
    with world.writing() as session, pytest.raises(InvalidSealError) as refused:
        making.apply_for_seal(
            session,
            world.services,
            MARKET,
            actor=keeper("a"),
            at=AT,
            wish=SealWish(type=1, owner_kind=OwnerKind.GOVERNMENT),
        )
    assert [problem.code for problem in refused.value.problems] == ["data.seal.face"]
