"""Pictures of rare characters that departments supplied, as the region keeps them.

One file for each code point, ``U+30003.svg`` or ``U+30003.png``, read once at the start.

An edition that was planned is drawn anew after a stop, so a picture that was used is never
replaced or taken away: `add` refuses it.
"""

import os
import re
from pathlib import Path
from typing import Final

from issuance.render.glyph_pictures import MAX_PICTURE_BYTES, PNG_MAGIC, Contours, contours_of
from issuance.render.supplied_face import may_be_supplied
from issuance.render.typefaces import FALLBACK, face
from sealkit.errors import MalformedError
from yinxin.settings import Settings, SettingsError

MAX_GLYPHS: Final = 20_000
_FILE: Final = re.compile(r"U\+([0-9A-F]{4,6})\.(svg|png)")


def glyphs_directory(settings: Settings) -> Path:
    """Return where the pictures are; it need not exist."""
    return settings.glyphs_directory or settings.data_directory / "glyphs"


def glyph_files(directory: Path) -> dict[str, Path]:
    """Return the picture of each character.

    Raises:
        SettingsError: naming a file that does not belong there.
    """
    files: dict[str, Path] = {}
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        if path.name.startswith("."):
            continue  # one being written
        named = _FILE.fullmatch(path.name)
        if named is None:
            raise SettingsError(f"{path.name}: name a picture of a character like U+30003.svg")
        code = int(named[1], 16)
        if problem := code_point_problem(code):
            raise SettingsError(f"{path.name}: {problem}")
        if chr(code) in files or len(files) >= MAX_GLYPHS:
            raise SettingsError(f"{path.name}: one picture for a character, {MAX_GLYPHS} in all")
        files[chr(code)] = path
    return files


def supplied_glyphs(directory: Path) -> dict[str, Contours]:
    """Return the outlines of all characters that were supplied.

    Raises:
        SettingsError: naming the file that is no picture of a character, and why.
    """
    outlines: dict[str, Contours] = {}
    for character, path in glyph_files(directory).items():
        try:
            outlines[character] = contours_of(read_picture(path))
        except (MalformedError, OSError) as error:
            raise SettingsError(f"{path.name}: {error}") from error
    return outlines


def code_point_problem(code: int) -> str | None:
    """Return None, or why no picture is taken for the character of `code`."""
    if code > 0x10FFFF or not may_be_supplied(chr(code)):
        return "pictures are taken for ideographs and private use alone"
    if chr(code) in face(FALLBACK).characters:
        return "the typefaces have this character already"
    return None


def add_glyph(directory: Path, code: int, picture: bytes) -> Path:
    """Keep `picture` as that of the character of `code`; whole or not at all.

    Raises:
        SettingsError: if the character needs no picture or has one.
        MalformedError: if it is not a picture of a character.
    """
    if problem := code_point_problem(code):
        raise SettingsError(f"U+{code:04X}: {problem}")
    kept = glyph_files(directory)
    if len(kept) >= MAX_GLYPHS:
        # One more would stop the next start.
        raise SettingsError(f"U+{code:04X}: {MAX_GLYPHS} pictures are kept, no more are taken")
    if chr(code) in kept:
        raise SettingsError(f"U+{code:04X}: has a picture; licences may stand that show it")
    contours_of(picture)
    directory.mkdir(parents=True, exist_ok=True)
    form = "png" if picture.startswith(PNG_MAGIC) else "svg"
    path = directory / f"U+{code:04X}.{form}"
    unfinished = path.with_name(f".{path.name}")
    with unfinished.open("wb") as file:
        file.write(picture)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path


def read_picture(path: Path) -> bytes:
    """Return what a file holds, no more than a picture may have and one byte."""
    with path.open("rb") as file:
        return file.read(MAX_PICTURE_BYTES + 1)
