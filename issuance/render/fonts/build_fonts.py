"""Build the typefaces of this folder from their published originals.

    python issuance/render/fonts/build_fonts.py DIRECTORY [TYPEFACE…]

DIRECTORY holds the original files named in `SOURCES`; README.md says which packages they
come from. Needs fontTools with brotli (requirements-dev). The originals are checked by
their SHA-256; the results depend on nothing but them and the fontTools version.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

HERE: Final = Path(__file__).resolve().parent
LICENCE: Final = "This Font Software is licensed under the SIL Open Font License, Version 1.1."
LICENCE_ADDRESS: Final = "https://openfontlicense.org"

SIGNS: Final = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x17F), (0x1CD, 0x1DC), (0x251, 0x251), (0x261, 0x261),
    (0x2C7, 0x2CB), (0x2D9, 0x2D9), (0x391, 0x3C9), (0x401, 0x451),
    (0x2010, 0x2027), (0x2030, 0x203B), (0x20AC, 0x20AC),
    (0x2100, 0x2189), (0x2190, 0x2199), (0x2200, 0x22FF), (0x2312, 0x2312), (0x2460, 0x249B),
    (0x2500, 0x25E5), (0x2605, 0x2609), (0x2640, 0x2642),
    (0x3000, 0x3029), (0x3030, 0x303F), (0x3041, 0x3093), (0x309B, 0x30FE), (0x3105, 0x3129),
    (0x3220, 0x3243), (0x3280, 0x33FF), (0xF900, 0xFAD9), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE5),
)  # fmt: skip
"""All signs of GB 2312 and those of GBK but its vertical and small forms; besides, Latin with
marks, pinyin, fractions, arrows, mathematics. No combining marks: nothing here moves a mark
onto its letter."""
UNIFIED: Final = (0x4E00, 0x9FFF)
"""All of GBK's 20,902 ideographs and the ninety added since."""
EXTENSION_A: Final = (0x3400, 0x4DBF)
ARABIC: Final = ((0x20, 0x20), (0x2D, 0x2D), (0xB7, 0xB7), (0x621, 0x6D5), (0xFB50, 0xFBFF),
                 (0xFE80, 0xFEFC))  # fmt: skip
"""Letters of Uyghur, Kazakh and Kyrgyz with all their forms, which `render.arabic` chooses:
so no table of the font that joins letters is needed."""
SUPPLEMENTARY: Final = (0x20000, 0x3FFFF)
"""What the original holds beyond the BMP, above all the rest of 通用规范汉字表."""


@dataclass(frozen=True)
class Source:
    """One typeface: where it comes from and what is taken of it."""

    original: str
    sha256: str
    family: str
    copyright: str
    ranges: tuple[tuple[int, int], ...]


SOURCES: Final = {
    "YinxinSong-Regular": Source(
        "NotoSerifSC_400Regular.ttf",
        "c358a69de3df5f423a8946a7b03e3126fb6ba116f1130a463455b4e39e1f0742",
        "Yinxin Song",
        "(c) 2017-2024 Adobe (http://www.adobe.com/).",
        (*SIGNS, UNIFIED, EXTENSION_A, SUPPLEMENTARY),
    ),
    "YinxinSong-Bold": Source(
        "NotoSerifSC_700Bold.ttf",
        "9c6a2ba736e4b499c84f65ce366bd3625c0401885fd3e585ace50fb738b96ff6",
        "Yinxin Song",
        "(c) 2017-2024 Adobe (http://www.adobe.com/).",
        (*SIGNS, UNIFIED, SUPPLEMENTARY),
    ),
    "YinxinKai-Regular": Source(
        "lxgw-wenkai-latin-500-normal.woff2",
        "013fa90e3e7c3b30aeb0a5311ef92d9aee0d3def5817bc27c357198796d34306",
        "Yinxin Kai",
        "Copyright 2021-2023 LXGW (https://github.com/lxgw/LxgwWenKai). Copyright 2020 The "
        "Klee Project Authors (https://github.com/fontworks-fonts/Klee).",
        (*SIGNS, UNIFIED, SUPPLEMENTARY),
    ),
    "YinxinNaskh-Regular": Source(
        "NotoNaskhArabic_400Regular.ttf",
        "706b4580c025f6c75ec1c06013e17f00a23ec1780091b77a5a5b339469bda94d",
        "Yinxin Naskh",
        "Copyright 2022 The Noto Project Authors (https://github.com/notofonts/arabic)",
        ARABIC,
    ),
}
UNUSED_TABLES: Final = (
    "BASE", "GDEF", "GPOS", "GSUB", "STAT", "gasp", "GlyphOrder", "prep", "vhea", "vmtx",
    "FFTM", "bsln", "feat", "morx", "prop",
)  # fmt: skip


def build(name: str, source: Source, originals: Path) -> Path:
    """Write one typeface beside this script and return its path."""
    path = originals / source.original
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != source.sha256:
        raise SystemExit(f"{path} is not the expected original (SHA-256 {found})")
    font = TTFont(path, recalcTimestamp=False)
    font.flavor = None
    options = subset.Options(
        hinting=False,
        layout_features=[],
        notdef_outline=True,
        glyph_names=False,
        name_IDs=[],
        drop_tables=list(UNUSED_TABLES),
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes={c for a, b in source.ranges for c in range(a, b + 1)})
    subsetter.subset(font)
    _rename(font, name, source)
    font["post"].formatType = 3.0
    _map_all_of_unicode(font)
    target = HERE / f"{name}.ttf"
    font.save(target)
    return target


def _map_all_of_unicode(font: TTFont) -> None:
    """Give a font of the BMP alone a format 12 map too: `render.truetype` reads no other."""
    if any(table.format == 12 for table in font["cmap"].tables):
        return
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.cmap = font.getBestCmap()
    font["cmap"].tables.append(table)


def _rename(font: TTFont, name: str, source: Source) -> None:
    """Give the changed font a name of its own (OFL 1.1, condition 3)."""
    style = name.rpartition("-")[2]
    texts = {
        0: source.copyright,
        1: source.family,
        2: style,
        3: f"{name};yinxin",
        4: f"{source.family} {style}",
        6: name,
        13: LICENCE,
        14: LICENCE_ADDRESS,
    }
    font["name"].names = []
    for number, text in texts.items():
        font["name"].setName(text, number, 3, 1, 0x0409)


if __name__ == "__main__":
    chosen = sys.argv[2:] or SOURCES
    for face in chosen:
        origin = SOURCES[face]
        written = build(face, origin, Path(sys.argv[1]))
        sys.stdout.write(f"{written.name} {written.stat().st_size}\n")
