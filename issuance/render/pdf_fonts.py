"""Embedding font subsets in PDF: Type 0 over CIDFontType2, glyph numbers as codes.

ISO 32000-1, 9.7.4 and 9.10.3: `Identity-H` and `CIDToGIDMap /Identity` make the code the
glyph number; `ToUnicode` gives the text back for copying and searching, letters for joined forms.
"""

from typing import Final

from issuance.render.arabic import letters_of
from issuance.render.pdf_file import PDFFile
from issuance.render.subset import FontSubset
from issuance.render.truetype import Face

SYMBOLIC: Final = 4
"""FontDescriptor flag (9.8.2): the characters go beyond the standard Latin set."""
CMAP_BLOCK: Final = 100
"""Most entries between beginbfchar and endbfchar."""


def embed_font(file: PDFFile, face: Face, font: FontSubset) -> str:
    """Add `font`, made from `face`, and return the reference to its Type 0 dictionary."""
    scale = 1000 / face.units_per_em
    program = file.add_stream(f"/Length1 {len(font.program)}", font.program)
    ascent, descent = round(face.ascent * scale), round(face.descent * scale)
    descriptor = file.add(
        f"<< /Type /FontDescriptor /FontName /{font.name} /Flags {SYMBOLIC} "
        f"/FontBBox [-200 {descent} 1200 {ascent}] /ItalicAngle 0 /Ascent {ascent} "
        f"/Descent {descent} /CapHeight 730 /StemV 80 /FontFile2 {program} >>"
    )
    widths = " ".join(str(font.widths[character]) for character in font.glyphs)
    descendant = file.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{font.name} "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} /DW 1000 /W [1 [{widths}]] /CIDToGIDMap /Identity >>"
    )
    to_unicode = file.add_stream("", _to_unicode(font))
    return file.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{font.name} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant}] /ToUnicode {to_unicode} >>"
    )


def _to_unicode(font: FontSubset) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    entries = [
        # Letters of one glyph stand here as the glyphs of a word do in the page: from the left.
        f"<{glyph:04X}> <{letters_of(character)[::-1].encode('utf-16-be').hex().upper()}>"
        for character, glyph in font.glyphs.items()
    ]
    for start in range(0, len(entries), CMAP_BLOCK):
        block = entries[start : start + CMAP_BLOCK]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode("ascii")
