"""Check digits of the numbers that people and organisations go by.

Each function returns None when the text is right, else a stable code of what is wrong.
"""

from datetime import date
from typing import Final

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_CITIZEN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_CITIZEN_CHECKS: Final = "10X98765432"
_PROVINCES: Final = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 "
    "61 62 63 64 65 71 81 82 83".split()
)


def uscc_problem(text: str) -> str | None:
    """Judge an 18-character unified social credit code (统一社会信用代码, GB 32100-2015)."""
    if len(text) != 18:
        return "uscc.length"
    if any(character not in USCC_ALPHABET for character in text):
        return "uscc.alphabet"
    values = [USCC_ALPHABET.index(character) for character in text]
    total = sum(value * weight for value, weight in zip(values[:17], _USCC_WEIGHTS, strict=True))
    if values[17] != (31 - total % 31) % 31:
        return "uscc.check_digit"
    return None


def organisation_code_problem(text: str) -> str | None:
    """Judge a 9-character organisation code (组织机构代码, GB 11714).

    It is characters 9 to 17 of a USCC; some old ones fail, so a failure there is a warning.
    """
    if len(text) != 9:
        return "organisation_code.length"
    if not (text.isascii() and text[:8].isalnum() and text.upper() == text):
        return "organisation_code.alphabet"
    values = [int(character, 36) for character in text[:8]]
    total = sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True))
    check = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    return None if text[8] == check else "organisation_code.check_digit"


def citizen_number_problem(text: str, on: date) -> str | None:
    """Judge an 18-character citizen number (公民身份号码, GB 11643-1999) as of the day `on`.

    The area part is judged by province only: districts are abolished, numbers stay.
    """
    if len(text) != 18:
        return "citizen_number.length"
    if not (text.isascii() and text[:17].isdigit() and (text[17].isdigit() or text[17] == "X")):
        return "citizen_number.alphabet"
    if text[:2] not in _PROVINCES:
        return "citizen_number.province"
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return "citizen_number.birth_date"
    if born > on or born.year < 1850:
        return "citizen_number.birth_date"
    total = sum(
        int(digit) * weight for digit, weight in zip(text[:17], _CITIZEN_WEIGHTS, strict=True)
    )
    if text[17] != _CITIZEN_CHECKS[total % 11]:
        return "citizen_number.check_digit"
    return None
