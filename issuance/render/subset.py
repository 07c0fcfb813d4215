"""Making the small font that goes into a document: only the characters it prints.

Glyphs are renumbered in the order of their characters, so equal sets of characters give
equal bytes. Both containers embed the same program: OFD viewers go through its character
map, PDF viewers by glyph number. The ten tables are those that viewers insist on.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from issuance.render.truetype import Face, components

CHECKSUM_MAGIC: Final = 0xB1B0AFBA
"""OpenType, table `head`: checkSumAdjustment = this − sum of the whole file."""
WINDOWS_ENGLISH: Final = (3, 1, 0x0409)
MAX_BMP: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class FontSubset:
    """A font program that holds just some characters of a face."""

    name: str
    """PostScript name with the six-letter tag of ISO 32000-1, 9.6.4: ``"ABCDEF+YinxinSong"``."""
    program: bytes
    glyphs: dict[str, int]
    widths: dict[str, int]
    """Advance of each character in thousandths of the size."""


def subset(face: Face, characters: Iterable[str]) -> FontSubset:
    """Return the font that holds `characters` of `face`; every one must be there."""
    wanted = sorted(set(characters))
    originals = [0, *(face.characters[character] for character in wanted)]
    entries, originals = _with_components(face, originals)
    name = f"{_tag(face.name, wanted)}+{face.name}"
    glyphs = {character: number for number, character in enumerate(wanted, start=1)}
    tables = _outline_tables(entries) | _metric_tables(face, originals)
    tables["cmap"] = character_map(wanted)
    tables["name"] = _names(face.name, name)
    tables["OS/2"] = _os2(face, wanted)
    # post 3.0 (no glyph names): version, zero angle, underline place and weight, five zeroes
    tables["post"] = struct.pack(">IIhhIIIII", 0x00030000, 0, -100, 50, 0, 0, 0, 0, 0)
    widths = {
        character: round(face.advance(face.characters[character]) * 1000 / face.units_per_em)
        for character in wanted
    }
    return FontSubset(name, assembled(tables), glyphs, widths)


def _tag(face_name: str, characters: list[str]) -> str:
    digest = hashlib.sha256(f"{face_name}:{''.join(characters)}".encode()).digest()
    return "".join(chr(ord("A") + octet % 26) for octet in digest[:6])


def _with_components(face: Face, originals: list[int]) -> tuple[list[bytes], list[int]]:
    """Return glyph entries with their parts renumbered; parts not asked for come last."""
    originals = list(originals)
    numbers: dict[int, int] = {}
    for number, original in enumerate(originals):
        numbers.setdefault(original, number)
    entries: list[bytes] = []
    cursor = 0
    while cursor < len(originals):
        entry = bytearray(face.glyph(originals[cursor]))
        for part in components(bytes(entry)):
            if part.glyph not in numbers:
                numbers[part.glyph] = len(originals)
                originals.append(part.glyph)
            struct.pack_into(">H", entry, part.offset, numbers[part.glyph])
        entries.append(bytes(entry))
        cursor += 1
    return entries, originals


def _outline_tables(entries: list[bytes]) -> dict[str, bytes]:
    glyf = bytearray()
    offsets = [0]
    for entry in entries:
        glyf += entry + bytes(-len(entry) % 4)
        offsets.append(len(glyf))
    return {"glyf": bytes(glyf), "loca": struct.pack(f">{len(offsets)}I", *offsets)}


def _metric_tables(face: Face, originals: list[int]) -> dict[str, bytes]:
    count = len(originals)
    head, hhea = bytearray(face.table("head")), bytearray(face.table("hhea"))
    maxp = bytearray(face.table("maxp"))
    struct.pack_into(">I", head, 8, 0)
    struct.pack_into(">h", head, 50, 1)
    struct.pack_into(">H", hhea, 34, count)
    struct.pack_into(">H", maxp, 4, count)
    hmtx = b"".join(
        struct.pack(">Hh", face.advance(original), face.side_bearing(original))
        for original in originals
    )
    return {"head": bytes(head), "hhea": bytes(hhea), "maxp": bytes(maxp), "hmtx": hmtx}


def character_map(characters: list[str]) -> bytes:
    """Return the table `cmap` of glyphs in the order of `characters`, the first being 1."""
    groups = _groups([ord(character) for character in characters])
    bmp = _format_4(groups)
    full = struct.pack(">HHIII", 12, 0, 16 + 12 * len(groups), 0, len(groups))
    full += b"".join(struct.pack(">III", *group) for group in groups)
    directory = struct.pack(">HHHHIHHI", 0, 2, 3, 1, 20, 3, 10, 20 + len(bmp))
    return directory + bmp + full


def _groups(codes: list[int]) -> list[tuple[int, int, int]]:
    """Return runs of following codes as (first, last, glyph of the first)."""
    groups: list[tuple[int, int, int]] = []
    for glyph, code in enumerate(codes, start=1):
        if groups and groups[-1][1] + 1 == code and code != MAX_BMP + 1:
            first, _, start = groups[-1]
            groups[-1] = (first, code, start)
        else:
            groups.append((code, code, glyph))
    return groups


def _format_4(groups: list[tuple[int, int, int]]) -> bytes:
    """Return the subtable for the BMP; its last segment is the 0xFFFF the format demands."""
    segments = [group for group in groups if group[1] < MAX_BMP]
    segments.append((MAX_BMP, MAX_BMP, 0))
    count = len(segments)
    deltas = [(glyph - first) & 0xFFFF for first, _, glyph in segments]
    deltas[-1] = 1
    power = 1 << (count.bit_length() - 1)
    body = struct.pack(">HHHH", 2 * count, 2 * power, power.bit_length() - 1, 2 * (count - power))
    body += struct.pack(f">{count}H", *(last for _, last, _ in segments)) + b"\0\0"
    body += struct.pack(f">{count}H", *(first for first, _, _ in segments))
    body += struct.pack(f">{count}H", *deltas) + bytes(2 * count)
    return struct.pack(">HHH", 4, 6 + len(body), 0) + body


def _names(family: str, postscript: str) -> bytes:
    texts = {1: family, 2: "Regular", 3: postscript, 4: family, 6: postscript}
    records, storage = b"", b""
    for number, text in texts.items():
        encoded = text.encode("utf-16-be")
        records += struct.pack(">HHHHHH", *WINDOWS_ENGLISH, number, len(encoded), len(storage))
        storage += encoded
    return struct.pack(">HHH", 0, len(texts), 6 + len(records)) + records + storage


def _os2(face: Face, characters: list[str]) -> bytes:
    table = bytearray(face.table("OS/2"))
    codes = [min(ord(character), MAX_BMP) for character in characters] or [0]
    struct.pack_into(">HH", table, 64, codes[0], codes[-1])
    return bytes(table)


def assembled(tables: dict[str, bytes]) -> bytes:
    """Return the font file of `tables`, with directory and checksums."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = struct.pack(
        ">IHHHH", 0x00010000, count, 16 * power, power.bit_length() - 1, 16 * (count - power)
    )
    offset = 12 + 16 * count
    body = bytearray()
    head_offset = 0
    for tag in sorted(tables):
        table = tables[tag]
        if tag == "head":
            head_offset = offset + len(body)
        directory += struct.pack(
            ">4sIII", tag.encode("ascii"), _checksum(table), offset + len(body), len(table)
        )
        body += table + bytes(-len(table) % 4)
    program = bytearray(directory + bytes(body))
    adjustment = (CHECKSUM_MAGIC - _checksum(bytes(program))) & 0xFFFFFFFF
    struct.pack_into(">I", program, head_offset + 8, adjustment)
    return bytes(program)


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
