"""Administrative areas (行政区划) by their code of six digits: what a page prints for one.

`areas.toml` names provinces and the prefectures of Xinjiang. Names below are the business of
the source of data; the code stands beside the name, so nothing is lost.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "areas.toml"


def printed_area(code: str) -> str:
    """Return the name of the area, or of the area that holds it, with `code` behind it."""
    holding = (code, f"{code[:4]}00", f"{code[:2]}0000")
    name = next((_names()[one] for one in holding if one in _names()), None)
    return f"{name}（{code}）" if name else code


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = tomllib.loads(FILE.read_text("utf-8"))["areas"]
    return names
