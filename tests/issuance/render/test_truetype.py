"""Our reading of the typefaces against fontTools, and what they cover."""

import struct

import pytest
from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

from issuance.render.arabic import drawn_characters
from issuance.render.errors import MissingGlyphError, RenderError
from issuance.render.glyph_paths import glyph_path
from issuance.render.truetype import Component, Face, components
from issuance.render.typefaces import DIRECTORY, FACES, face, face_for

RARE = (
    "𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰"
    "𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭"
    "𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡"
    "𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬"
    "𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)
"""Characters of 通用规范汉字表 that no encoding before Unicode 3.1 holds."""
SAMPLE = "永和龘一，。·（）Ag§éÀ１㎡①"
JOINED_SAMPLE = "ئۈۋڭ·-\ufb57\ufe8c\ufefb\ufefc\ufbe9\ufeea"
CHINESE = sorted(FACES.keys() - {"naskh"})


@pytest.fixture(params=FACES)
def name(request):
    return request.param


@pytest.fixture
def peer(name):
    with TTFont(DIRECTORY / f"{FACES[name]}.ttf", lazy=True) as font:
        yield font


def sample_of(name):
    return SAMPLE if name in CHINESE else JOINED_SAMPLE


def _gb2312():
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            yield bytes([row, cell]).decode("gb2312", "ignore")


def test_character_map_is_that_of_fonttools(name, peer):
    ours = face(name).characters
    theirs = peer.getBestCmap()
    assert set(map(ord, ours)) == set(theirs)
    for character in sample_of(name):
        assert ours[character] == peer.getGlyphID(theirs[ord(character)])


def test_advances_and_ink_are_those_of_fonttools(name, peer):
    glyphs, ours = peer.getGlyphSet(), face(name)
    for character in sample_of(name):
        glyph = peer.getBestCmap()[ord(character)]
        pen = ControlBoundsPen(glyphs)
        glyphs[glyph].draw(pen)
        assert ours.advance(ours.characters[character]) == glyphs[glyph].width
        bounds = ours.bounds(ours.characters[character])
        assert bounds
        assert all(abs(a - b) <= 1 for a, b in zip(bounds, pen.bounds, strict=True))


def test_outlines_are_those_of_fonttools(name, peer):
    """The same points in the same number of contours."""
    glyphs, ours = peer.getGlyphSet(), face(name)
    for character in sample_of(name):
        pen = DecomposingRecordingPen(glyphs)
        glyphs[peer.getBestCmap()[ord(character)]].draw(pen)
        theirs = {tuple(p) for _, points in pen.value for p in points if p}
        contours = ours.outline(ours.characters[character])
        assert len(contours) == sum(1 for operator, _ in pen.value if operator == "closePath")
        assert {(p.x, p.y) for contour in contours for p in contour} <= theirs | {
            (round(x), round(y)) for x, y in theirs
        }


@pytest.mark.parametrize("name", CHINESE)
def test_all_of_gb_2312_is_covered(name):
    missing = {c for c in _gb2312() if c} - set(face(name).characters)
    assert not missing


@pytest.mark.parametrize("name", CHINESE)
def test_every_unified_ideograph_of_the_bmp_is_covered(name):
    held = face(name).characters
    assert all(chr(code) in held for code in range(0x4E00, 0xA000))


def test_naskh_covers_every_form_that_may_be_drawn():
    assert drawn_characters() <= set(face("naskh").characters)


def test_song_covers_extension_a_and_rare_characters_of_the_general_table():
    """Names may hold them; Song is where the other faces turn for them."""
    held = face("song").characters
    assert all(chr(code) in held for code in range(0x3400, 0x4DC0))
    assert set(RARE) <= set(held)


def test_character_outside_a_face_is_taken_from_song():
    assert face_for("㐀", "kai", "name") == "song"
    assert face_for("一", "kai", "name") == "kai"


def test_character_nobody_holds_is_refused_by_name():
    with pytest.raises(MissingGlyphError, match=r"U\+1F600 😀 in 名称") as refusal:
        face_for("😀", "kai", "名称")
    assert refusal.value.character == "😀"


def test_glyph_made_of_parts_is_put_together():
    """Kai draws the minus sign by moving its hyphen."""
    kai = face("kai")
    entry = kai.glyph(kai.characters["−"])
    assert [part.glyph for part in components(entry)] == [kai.characters["-"]]
    assert kai.outline(kai.characters["−"]) == kai.outline(kai.characters["-"])


@pytest.mark.parametrize("flags", [0x0004, 0x000A, 0x0042, 0x0082])
def test_part_that_is_scaled_or_matched_by_points_is_refused(flags):
    entry = struct.pack(">hhhhhHHhh", -1, 0, 0, 0, 0, flags, 7, 0, 0)
    with pytest.raises(RenderError):
        components(entry)


def test_parts_may_be_moved_by_words():
    entry = struct.pack(">hhhhhHHhh", -1, 0, 0, 0, 0, 0x0003, 7, 300, -300)
    assert components(entry) == [Component(7, 12, 300, -300)]


def test_font_without_glyf_outlines_is_refused():
    with pytest.raises(RenderError, match="not a TrueType font"):
        Face("Other", b"OTTO" + bytes(40))


def test_every_outline_becomes_closed_path_data():
    path = glyph_path("永", "song-bold", lambda x, y: (x * 10, 10 - y * 10), "test")
    assert path.startswith("M")
    assert path.count("M") == path.count("Z") > 0


def test_faces_carry_their_own_names_and_the_free_licence(name, peer):
    names = peer["name"]
    assert names.getDebugName(6) == FACES[name]
    assert "Noto" not in names.getDebugName(4)
    assert "SIL Open Font License" in names.getDebugName(13)
    assert "glyf" in peer
