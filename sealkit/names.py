"""Names of people and organisations: one form to store, and how to compare them.

* Many names of Xinjiang hold a separator, U+00B7 ``·``; keyboards and older systems write
  other points for it. The code point is from general knowledge, the list is a project rule.
* Inner spaces belong to the name and are kept.
* Rare characters are kept as they are; code points without a public meaning are refused.
"""

import re
import unicodedata
from typing import Final

SEPARATOR: Final = "\u00b7"
MAX_NAME_CHARACTERS: Final = 512  # GB/T 36903, rows 6 and 9, as deployed

_POINTS: Final = str.maketrans(dict.fromkeys("\u2022\u30fb\u2027\u22c5", SEPARATOR))
_HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A full stop also ends the initials of foreign names, so only between Han it is a separator.
_HAN_STOP = re.compile(f"(?<=[{_HAN}])[.\uff0e](?=[{_HAN}])")

_REFUSED_CATEGORIES: Final = {"Co": "private_use", "Cc": "control", "Cs": "control"}


def normalise_name(name: str) -> str:
    """Return `name` as it is stored and compared: NFC, separators as ``·``, no outer space."""
    composed = unicodedata.normalize("NFC", name).strip()
    return _HAN_STOP.sub(SEPARATOR, composed.translate(_POINTS))


def name_problem(name: str) -> str | None:
    """Return None, or why `name` cannot be put on a licence.

    ``name.empty``, ``name.length``, ``name.private_use`` (it looks different on each
    machine) or ``name.control``.
    """
    if not name.strip():
        return "name.empty"
    if len(name) > MAX_NAME_CHARACTERS:
        return "name.length"
    for character in name:
        refused = _REFUSED_CATEGORIES.get(unicodedata.category(character))
        if refused:
            return f"name.{refused}"
    return None


def resembles(name: str, other: str) -> bool:
    """Return whether two names may be one, written differently: worth a warning, no more."""
    return _loose(name) == _loose(other)


def _loose(name: str) -> str:
    return unicodedata.normalize("NFKC", normalise_name(name)).casefold()
