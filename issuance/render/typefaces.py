"""The typefaces that ship with us, and which of them prints a character.

A style names one face. A character which that face lacks is printed in Song Regular, the
largest; one that this lacks too in the picture that a department supplied for it. Without one
it is refused by name, because a licence that shows an empty box instead of a letter of
somebody's name is void.
"""

import mmap
from functools import cache
from pathlib import Path
from typing import Final

from issuance.render.errors import MissingGlyphError
from issuance.render.line_breaking import SPACES
from issuance.render.supplied_face import NAME as SUPPLIED
from issuance.render.supplied_face import is_supplied, supplied_face
from issuance.render.truetype import Face

DIRECTORY: Final = Path(__file__).parent / "fonts"
FACES: Final = {
    "song": "YinxinSong-Regular",
    "song-bold": "YinxinSong-Bold",
    "kai": "YinxinKai-Regular",
    "naskh": "YinxinNaskh-Regular",
}
"""Names used in layouts, and the files (and PostScript names) behind them."""
FALLBACK: Final = "song"


def face(name: str) -> Face:
    """Return a face by its name in layouts, or that of supplied characters."""
    made = supplied_face() if name == SUPPLIED else None
    return made or _shipped(name)


@cache
def _shipped(name: str) -> Face:
    """Map the file of a face; it is not read."""
    with (DIRECTORY / f"{FACES[name]}.ttf").open("rb") as file:
        return Face(FACES[name], mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def face_for(character: str, preferred: str, place: str) -> str:
    """Return the name of the face that prints `character`: `preferred` if it can.

    Raises:
        MissingGlyphError: naming `place`, if no face holds the character.
    """
    for name in (preferred, FALLBACK):
        if character in face(name).characters:
            return name
    if is_supplied(character):
        return SUPPLIED
    raise MissingGlyphError(character, place)


def is_visible(character: str) -> bool:
    """Tell whether `character` has a form: by Unicode, as a blank, or as a department drew it."""
    return character.isprintable() or character in SPACES or is_supplied(character)
