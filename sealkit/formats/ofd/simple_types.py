"""Numbers, boxes, identifiers and dates as OFD writes them (ST_Box, ST_ID, ST_Array).

What Python would read and the format does not know (``1_0``, ``nan``, digits of other
scripts) is no number here.
"""

import math
import re
from datetime import date
from functools import lru_cache
from typing import Final

Box = tuple[float, float, float, float]
"""x, y, width, height in millimetres, y downwards."""

_NUMBERS: Final = re.compile(r"[0-9.eE+\- \t\r\n]*")
_IDENTIFIER: Final = re.compile(r"[0-9]{1,18}")
_SHORT: Final = 64  # characters
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def numbers(text: str) -> list[float] | None:
    """Return the numbers that `text` lists, separated by blanks; None when one is none."""
    if not _NUMBERS.fullmatch(text):
        return None
    parts = text.split()
    try:
        found = [float(part) for part in parts]
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None


def number(text: str) -> float | None:
    """Return the one number that `text` is; None when it is none."""
    match numbers(text):
        case [found]:
            return found
    return None


def box(text: str) -> Box | None:
    """Return the box that `text` is; None when it is none, or is empty."""
    return _known_box(text) if len(text) <= _SHORT else _box(text)


def _box(text: str) -> Box | None:
    match numbers(text):
        case [x, y, width, height] if width > 0 and height > 0:
            return x, y, width, height
    return None


def identifier(text: str) -> int | None:
    """Return the ST_ID that `text` is; None when it is none."""
    return int(text) if _IDENTIFIER.fullmatch(text) else None


def is_date(text: str) -> bool:
    """Tell whether `text` is a day as ``yyyy-MM-dd``."""
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def count_advances(deltas: str) -> int | None:
    """Return how many advances a DeltaX or DeltaY holds; None when it is malformed.

    ``g count value`` stands for a run: it is counted, not unfolded.
    """
    return _counted(deltas) if len(deltas) <= _SHORT else _count(deltas)


def _count(deltas: str) -> int | None:
    plain, *runs = deltas.split("g")
    count = numbers(plain)
    if count is None:
        return None
    total = len(count)
    for run in runs:
        length, _, values = run.strip().partition(" ")
        repeated, listed = identifier(length), numbers(values)
        if repeated is None or not listed:
            return None
        # The first value is the run's; those after it stand for themselves.
        total += repeated + len(listed) - 1
    return total


_counted: Final = lru_cache(maxsize=4096)(_count)
_known_box: Final = lru_cache(maxsize=4096)(_box)
"""Licences of a kind are laid out alike."""
