"""A typeface made of the characters that departments supplied, as if it had shipped with us.

A real font program, so that both writers embed, tag and search its characters like any other:
the page shows the picture as outlines, the text stays the true code point.

The face belongs to the process, as those that ship do; the roof installs it at the start,
before anything is drawn. `issuance/render/typefaces.py` asks it last.
"""

import struct
from collections.abc import Mapping
from typing import Final

from issuance.render.glyph_pictures import DESCENT, EM, Contours
from issuance.render.subset import assembled, character_map
from issuance.render.truetype import Face

NAME: Final = "supplied"
"""What runs of the page call the face."""
FONT_NAME: Final = "YinxinSupplied"
LONG_OFFSETS: Final = 1
ON_CURVE: Final = 1
_RANGES: Final = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xE000, 0xF8FF),
    (0x20000, 0x2FFFD),
    (0x30000, 0x3FFFD),
    (0xF0000, 0xFFFFD),
    (0x100000, 0x10FFFD),
)
"""Ideographs with all their extensions, those to come among them, and private use."""

_installed: dict[str, Face] = {}


def may_be_supplied(character: str) -> bool:
    """Tell whether a picture may stand for `character`: an ideograph or of private use."""
    return any(first <= ord(character) <= last for first, last in _RANGES)


def install(pictures: Mapping[str, Contours]) -> None:
    """Let the process print the characters of `pictures`; replaces what was there."""
    _installed.clear()
    if pictures:
        _installed[NAME] = made_face(pictures)


def supplied_face() -> Face | None:
    """Return the face of supplied characters, None when there are none."""
    return _installed.get(NAME)


def is_supplied(character: str) -> bool:
    """Tell whether a department supplied a picture of `character`."""
    face = supplied_face()
    return face is not None and character in face.characters


def made_face(pictures: Mapping[str, Contours]) -> Face:
    """Return a face that holds the characters of `pictures`, each an em wide."""
    wanted = sorted(pictures)
    entries = [b"", *(_entry(pictures[character]) for character in wanted)]
    glyf = bytearray()
    offsets = [0]
    for entry in entries:
        glyf += entry + bytes(-len(entry) % 4)
        offsets.append(len(glyf))
    count = len(entries)
    bearings = [struct.unpack_from(">h", entry, 2)[0] if entry else 0 for entry in entries]
    tables = {
        "glyf": bytes(glyf),
        "loca": struct.pack(f">{count + 1}I", *offsets),
        "hmtx": b"".join(struct.pack(">Hh", EM, bearing) for bearing in bearings),
        "cmap": character_map(wanted),
        "head": _head(),
        "hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH",
            *(0x00010000, EM - DESCENT, -DESCENT, 0, EM, 0, 0, EM, 1, 0, 0, 0, 0, 0, 0, 0, count),
        ),
        "maxp": _maxp(pictures, count),
        "OS/2": _os2(),
    }
    return Face(FONT_NAME, assembled(tables))


def _entry(contours: Contours) -> bytes:
    """Return a simple glyph; coordinates in words, which any reader takes."""
    points = [point for contour in contours for point in contour]
    xs, ys = [int(point.x) for point in points], [int(point.y) for point in points]
    ends, last = [], -1
    for contour in contours:
        last += len(contour)
        ends.append(last)
    flags = bytes(ON_CURVE if point.on_curve else 0 for point in points)
    return (
        struct.pack(">hhhhh", len(contours), min(xs), min(ys), max(xs), max(ys))
        + struct.pack(f">{len(ends)}H", *ends)
        + struct.pack(">H", 0)
        + flags
        + _steps(xs)
        + _steps(ys)
    )


def _steps(places: list[int]) -> bytes:
    before = [0, *places[:-1]]
    return struct.pack(
        f">{len(places)}h",
        *(place - earlier for place, earlier in zip(places, before, strict=True)),
    )


def _head() -> bytes:
    # version, revision, checksum (written when assembled), magic, flags, em, two dates, box,
    # style, smallest size, direction, long offsets, format
    return struct.pack(
        ">IIIIHHqqhhhhHHhhh",
        *(0x00010000, 0x00010000, 0, 0x5F0F3CF5, 3, EM, 0, 0),
        *(0, -DESCENT, EM, EM - DESCENT, 0, 8, 2, LONG_OFFSETS, 0),
    )


def _maxp(pictures: Mapping[str, Contours], count: int) -> bytes:
    most_points = max(sum(map(len, contours)) for contours in pictures.values())
    most_contours = max(map(len, pictures.values()))
    return struct.pack(
        ">IHHHHHHHHHHHHHH",
        *(0x00010000, count, most_points, most_contours, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
    )


def _os2() -> bytes:
    # Version 3: widths and weights of a regular face; what subsetting changes stands at 64.
    return struct.pack(
        ">HhHHHhhhhhhhhhhh10s4I4sHHHhhhHHIIhhHHH",
        *(3, EM, 400, 5, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 250, 0, bytes(10)),
        *(0, 0, 0, 0, b"YNXN", 0x40, 0, 0, EM - DESCENT, -DESCENT, 0, EM - DESCENT, DESCENT),
        *(0, 0, 500, 730, 0, 32, 0),
    )
