"""Names of people as they are stored: one separator, no invisible differences."""

import unicodedata
from typing import Final

SEPARATOR: Final = "·"  # U+00B7, as in 阿迪力·买买提
_LOOKALIKES: Final = "\u2022\u30fb\u2027\u22c5\uff0e\uff65\u00b7"
_FULL_STOP: Final = "."


def normalise_name(name: str) -> str:
    """Return `name` in NFC with every dot between Han characters as `SEPARATOR`.

    Inner spaces of Latin names stay; a full stop counts as a separator only between Han
    characters, so that ``Jr.`` keeps its own.
    """
    text = unicodedata.normalize("NFC", name.strip())
    characters = [SEPARATOR if character in _LOOKALIKES else character for character in text]
    for position in range(1, len(characters) - 1):
        if (
            characters[position] == _FULL_STOP
            and is_han(characters[position - 1])
            and is_han(characters[position + 1])
        ):
            characters[position] = SEPARATOR
    return "".join(characters)


def has_private_characters(text: str) -> bool:
    """Tell whether `text` holds a private-use code point, which no other system can print."""
    return any(unicodedata.category(character) == "Co" for character in text)


def is_han(character: str) -> bool:
    """Tell whether `character` is a Han character."""
    return unicodedata.name(character, "").startswith("CJK ") or character == "〇"
