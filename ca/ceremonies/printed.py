"""The transcript for people, to be printed and signed by hand. Chinese first."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ca.ceremonies.transcript import Line

_TITLE: Final = "密钥仪式记录 · Transcript of a key ceremony"
_SIGN_HERE: Final = "签字 · signature: ________________"


@cache
def catalogue() -> Mapping[str, Any]:
    """Return the ceremony's words: steps, what is told, faults."""
    text = files("ca").joinpath("ceremonies", "messages.toml").read_text("utf-8")
    return tomllib.loads(text)


def step_words(step: str) -> str:
    """Return a step in words, Chinese first; an unknown one by its name."""
    return _both(catalogue()["steps"].get(step), step)


def told_words(name: str) -> str:
    """Return the name of something told in words; ``share_3`` is the third share."""
    known = catalogue()["told"]
    plain, _, number = name.rpartition("_")
    if name not in known and plain in known and number.isdecimal():
        return f"{_both(known[plain], plain)} {number}"
    return _both(known.get(name), name)


def printed(lines: Sequence[Line]) -> str:
    """Return the whole transcript as text, with room for signatures."""
    parts = [_TITLE, ""]
    for line in lines:
        parts.append(f"{line.number}. {line.at}  {step_words(line.step)}")
        parts.extend(f"     {told_words(name)}: {text}" for name, text in line.told)
        parts.append(f"     由 · by: {', '.join(line.by)}")
        parts.append(f"     SM3 {line.digest}")
        parts.append("")
    for person in lines[0].by if lines else ():
        parts.append(f"{person}  {_SIGN_HERE}")
    return "\n".join(parts) + "\n"


def _both(words: Mapping[str, str] | None, otherwise: str) -> str:
    return f"{words['zh']} · {words['en']}" if words else otherwise
