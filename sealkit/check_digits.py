"""Check digits of the numbers that name organisations and people.

* 统一社会信用代码 unified social credit code (USCC), GB 32100-2015
* 组织机构代码 organisation code, GB 11714: its positions 9 to 17; a failing one is only
  worth a warning, since some old codes fail
* 公民身份号码 citizen identity number, GB 11643-1999

Each function returns None, or a problem code that never changes. No sex, birthday or
place is handed out: they are not derived from the number.
"""

import re
from datetime import date, datetime, timedelta, timezone
from typing import Final

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_CHECKS: Final = "10X98765432"
_BEIJING: Final = timezone(timedelta(hours=8))

_PROVINCES: Final = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54"
    " 61 62 63 64 65 71 81 82 83".split()
)
"""First two digits of citizen numbers: GB/T 2260, and 81 to 83 of residence permits."""

_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_CITIZEN = re.compile(r"[0-9]{17}[0-9X]")


def uscc_problem(text: str) -> str | None:
    """Return None, ``uscc.length``, ``uscc.alphabet`` or ``uscc.check``."""
    if len(text) != 18:
        return "uscc.length"
    if not set(text) <= set(USCC_ALPHABET):
        return "uscc.alphabet"
    return None if text[17] == uscc_check_character(text[:17]) else "uscc.check"


def uscc_check_character(first17: str) -> str:
    """Return the last character of a USCC from the 17 before it, all of the alphabet."""
    values = map(USCC_ALPHABET.index, first17)
    total = sum(weight * value for weight, value in zip(_USCC_WEIGHTS, values, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_code_problem(text: str) -> str | None:
    """Return None, ``organisation_code.form`` or ``organisation_code.check``.

    `text` is nine characters, such as positions 9 to 17 of a USCC; the hyphen that is
    printed before the last is not part of it.
    """
    if not _ORGANISATION.fullmatch(text):
        return "organisation_code.form"
    total = sum(
        weight * int(character, 36)
        for weight, character in zip(_ORGANISATION_WEIGHTS, text[:8], strict=True)
    )
    expected = "0X987654321"[total % 11]
    return None if text[8] == expected else "organisation_code.check"


def citizen_number_problem(text: str, at: datetime) -> str | None:
    """Return None or ``citizen_number.`` with form, province, date, future or check.

    A lower-case x counts as X; numbers of 15 digits are refused. `at` is the instant
    whose day in Beijing no date of birth may pass.
    """
    number = text.upper()
    if not _CITIZEN.fullmatch(number) or not text.isascii():
        return "citizen_number.form"
    if number[:2] not in _PROVINCES:
        return "citizen_number.province"
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "citizen_number.date"
    if born > at.astimezone(_BEIJING).date():
        return "citizen_number.future"
    if number[17] != citizen_check_character(number[:17]):
        return "citizen_number.check"
    return None


def citizen_check_character(first17: str) -> str:
    """Return the last character of a citizen number from the 17 digits before it."""
    total = sum(
        weight * int(digit) for weight, digit in zip(_CITIZEN_WEIGHTS, first17, strict=True)
    )
    return _CITIZEN_CHECKS[total % 11]
