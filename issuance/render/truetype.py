"""Reading the typefaces that ship with us: TrueType files with `glyf` outlines.

Only what drawing a page needs: which glyph stands for a character, how far it advances,
where its ink lies, its outline. Table layouts are those of the OpenType specification
(ISO/IEC 14496-22). The files are our own, so this is not a parser of foreign bytes.
"""

import struct
from functools import cached_property, lru_cache
from typing import Final, NamedTuple, Protocol

from issuance.render.errors import RenderError

ARGS_ARE_WORDS: Final = 0x0001
ARGS_ARE_OFFSETS: Final = 0x0002
MORE_COMPONENTS: Final = 0x0020
SCALED: Final = 0x0008 | 0x0040 | 0x0080
"""Flags of a component that is not only moved; no glyph of ours has one."""
UNICODE_FULL: Final = (3, 10)
"""Platform and encoding of a cmap subtable (format 12) that reaches beyond the BMP."""


class Bounds(NamedTuple):
    """The ink box of a glyph, in font units, y upwards."""

    x_min: int
    y_min: int
    x_max: int
    y_max: int


class Point(NamedTuple):
    """A point of an outline, in font units."""

    x: float
    y: float
    on_curve: bool


class FontProgram(Protocol):
    """Bytes of a font file: `bytes`, or a memory map."""

    def __getitem__(self, span: slice, /) -> bytes: ...


class Face:
    """One typeface."""

    def __init__(self, name: str, program: FontProgram) -> None:
        self.name = name
        self._program = program
        header = program[0:12]
        if header[:4] != b"\x00\x01\x00\x00":
            raise RenderError(f"{name} is not a TrueType font with glyf outlines")
        count = struct.unpack_from(">H", header, 4)[0]
        self._tables: dict[str, tuple[int, int]] = {}
        for tag, _, offset, length in struct.iter_unpack(">4sIII", program[12 : 12 + 16 * count]):
            self._tables[tag.decode("ascii")] = (offset, length)
        head, hhea = self.table("head"), self.table("hhea")
        self.units_per_em: int = struct.unpack_from(">H", head, 18)[0]
        self._long_offsets: bool = struct.unpack_from(">h", head, 50)[0] == 1
        self.ascent: int = struct.unpack_from(">h", hhea, 4)[0]
        self.descent: int = struct.unpack_from(">h", hhea, 6)[0]
        self._metrics_count: int = struct.unpack_from(">H", hhea, 34)[0]
        self._hmtx = self.table("hmtx")
        self._loca = self.table("loca")

    def table(self, tag: str) -> bytes:
        """Return one table as it stands in the file."""
        offset, length = self._tables[tag]
        return self._program[offset : offset + length]

    @cached_property
    def characters(self) -> dict[str, int]:
        """Which glyph stands for each character the face holds."""
        cmap = self.table("cmap")
        for platform, encoding, offset in struct.iter_unpack(
            ">HHI", cmap[4 : 4 + 8 * struct.unpack_from(">H", cmap, 2)[0]]
        ):
            if (platform, encoding) == UNICODE_FULL:
                return _format_12(cmap, offset)
        raise RenderError(f"{self.name} has no full Unicode character map")

    def advance(self, glyph: int) -> int:
        """Return the advance width of `glyph`, in font units."""
        width: int = struct.unpack_from(">H", self._hmtx, 4 * min(glyph, self._metrics_count - 1))[
            0
        ]
        return width

    def side_bearing(self, glyph: int) -> int:
        """Return the left side bearing of `glyph`, in font units."""
        if glyph < self._metrics_count:
            offset = 4 * glyph + 2
        else:
            offset = 4 * self._metrics_count + 2 * (glyph - self._metrics_count)
        bearing: int = struct.unpack_from(">h", self._hmtx, offset)[0]
        return bearing

    def glyph(self, glyph: int) -> bytes:
        """Return the entry of `glyph` in the glyf table; empty when it has no ink."""
        if self._long_offsets:
            start, end = struct.unpack_from(">II", self._loca, 4 * glyph)
        else:
            start, end = (2 * half for half in struct.unpack_from(">HH", self._loca, 2 * glyph))
        base = self._tables["glyf"][0]
        return self._program[base + start : base + end]

    @lru_cache(maxsize=8192)  # noqa: B019 - faces live as long as the process
    def bounds(self, glyph: int) -> Bounds | None:
        """Return where the ink of `glyph` lies, or None when it has none."""
        entry = self.glyph(glyph)
        return Bounds(*struct.unpack_from(">hhhh", entry, 2)) if entry else None

    def outline(self, glyph: int) -> list[list[Point]]:
        """Return the closed contours of `glyph`, y upwards."""
        entry = self.glyph(glyph)
        if not entry:
            return []
        if struct.unpack_from(">h", entry)[0] >= 0:
            return _simple_contours(entry)
        contours: list[list[Point]] = []
        for part in components(entry):
            for contour in self.outline(part.glyph):
                contours.append([Point(x + part.dx, y + part.dy, on) for x, y, on in contour])
        return contours


class Component(NamedTuple):
    """One part of a composite glyph."""

    glyph: int
    offset: int
    """Where the glyph index stands in the entry, for renumbering."""
    dx: int
    dy: int


def components(entry: bytes) -> list[Component]:
    """Return the parts of a composite glyph; empty for a simple one."""
    if not entry or struct.unpack_from(">h", entry)[0] >= 0:
        return []
    parts: list[Component] = []
    cursor, flags = 10, MORE_COMPONENTS
    while flags & MORE_COMPONENTS:
        flags, glyph = struct.unpack_from(">HH", entry, cursor)
        offset = cursor + 2
        if not flags & ARGS_ARE_OFFSETS or flags & SCALED:
            raise RenderError("a composite glyph does more than move its parts")
        pair = ">hh" if flags & ARGS_ARE_WORDS else ">bb"
        dx, dy = struct.unpack_from(pair, entry, cursor + 4)
        cursor += 4 + struct.calcsize(pair)
        parts.append(Component(glyph, offset, dx, dy))
    return parts


def _format_12(cmap: bytes, offset: int) -> dict[str, int]:
    kind, _, _, _, groups = struct.unpack_from(">HHIII", cmap, offset)
    if kind != 12:
        raise RenderError(f"character map of format {kind}, not 12")
    characters: dict[str, int] = {}
    start_of_groups = offset + 16
    for first, last, glyph in struct.iter_unpack(
        ">III", cmap[start_of_groups : start_of_groups + 12 * groups]
    ):
        for code in range(first, last + 1):
            characters[chr(code)] = glyph + code - first
    return characters


def _simple_contours(entry: bytes) -> list[list[Point]]:
    contour_count = struct.unpack_from(">h", entry)[0]
    ends = struct.unpack_from(f">{contour_count}H", entry, 10)
    cursor = 10 + 2 * contour_count
    cursor += 2 + struct.unpack_from(">H", entry, cursor)[0]
    count = ends[-1] + 1 if ends else 0
    flags: list[int] = []
    while len(flags) < count:
        flag = entry[cursor]
        cursor += 1
        repeats = 1
        if flag & 0x08:
            repeats += entry[cursor]
            cursor += 1
        flags += [flag] * repeats
    xs, cursor = _coordinates(entry, cursor, flags, short=0x02, same=0x10)
    ys, cursor = _coordinates(entry, cursor, flags, short=0x04, same=0x20)
    points = [Point(x, y, bool(flag & 1)) for x, y, flag in zip(xs, ys, flags, strict=True)]
    starts = [0, *(end + 1 for end in ends)]
    return [points[start : end + 1] for start, end in zip(starts, ends, strict=False)]


def _coordinates(
    entry: bytes, cursor: int, flags: list[int], *, short: int, same: int
) -> tuple[list[int], int]:
    values: list[int] = []
    value = 0
    for flag in flags:
        if flag & short:
            value += entry[cursor] if flag & same else -entry[cursor]
            cursor += 1
        elif not flag & same:
            value += struct.unpack_from(">h", entry, cursor)[0]
            cursor += 2
        values.append(value)
    return values, cursor
