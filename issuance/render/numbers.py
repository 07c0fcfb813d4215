"""Lengths as the text of page descriptions: short, and never in exponent form."""

from functools import lru_cache


@lru_cache(maxsize=32768)
def fixed(value: float, digits: int = 3) -> str:
    """Return `value` rounded to `digits` decimals, without trailing zeroes.

    `digits` is at least 1.
    """
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
