"""Amounts of money and areas as licences print them, read exactly or not at all.

* Amounts in yuan: ``人民币伍佰万元整``, ``500万元``, ``￥5,000,000.00``. Another currency, a
  bare number or a colloquial form (一万五) is no amount: no answer may rest on a guess.
* Areas in square metres: ``房屋建筑面积：118.62㎡``; a text may name several, each after its
  label.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Final

MAX_CHARACTERS: Final = 1000

_CANONICAL: Final = str.maketrans(
    "零〇壹贰叁肆伍陆柒捌玖一二三四五六七八九两拾佰仟", "001234567891234567892十百千"
)
_AMOUNT: Final = re.compile(
    r"(?P<before>人民币|RMB|CNY|)¥?(?P<number>[0-9.,零〇壹贰叁肆伍陆柒捌玖一二三四五六七八九两"
    r"十拾百佰千仟万亿]{1,40})(?P<yuan>[元圆]|)(?P<after>人民币|)[整正]?"
)
_FIGURES: Final = re.compile(
    r"(?P<digits>(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,15})(?:\.[0-9]{1,6})?)(?P<unit>万亿|万|亿|)"
)
_UNITS: Final = {"": 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}
_BELOW_TEN_THOUSAND: Final = re.compile(
    r"0?(?:([1-9])千)?0?(?:([1-9])百)?0?(?:([1-9]?)(十))?0?([1-9])?"
)
_AREA: Final = re.compile(
    r"(?P<label>[^\W0-9]{0,40}):?\s?(?<![0-9.,])"
    r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,6})?)\s?"
    r"(?P<unit>m2|平方米|公顷)"
)
_SQUARE_METRES: Final = {"m2": 1, "平方米": 1, "公顷": 10_000}


def amount_in_yuan(text: str) -> Decimal | None:
    """Return the amount that `text` is, in yuan; None if it is not exactly one of ours."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]))
    found = _AMOUNT.fullmatch(plain)
    if found is None or not (found["before"] or found["yuan"] or "¥" in plain):
        return None
    number = found["number"]
    figures = _FIGURES.fullmatch(number)
    if figures:
        return Decimal(figures["digits"].replace(",", "")) * _UNITS[figures["unit"]]
    value = _chinese_number(number.translate(_CANONICAL), leading=True)
    return None if value is None else Decimal(value)


def area_in_square_metres(text: str, label: str | None = None) -> Decimal | None:
    """Return the area that follows `label` in `text`; without a label, the only area there.

    None if there is no such area, or more than one.
    """
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    wanted = unicodedata.normalize("NFKC", label or "")
    found = {
        Decimal(match["number"].replace(",", "")) * _SQUARE_METRES[match["unit"]]
        for match in _AREA.finditer(plain)
        if match["label"].endswith(wanted)
    }
    return found.pop() if len(found) == 1 else None


def _chinese_number(text: str, *, leading: bool) -> int | None:
    """Return the number; `leading` says that nothing larger stands before it."""
    for mark, unit in (("亿", 10**8), ("万", 10**4)):
        if mark in text:
            head, _, tail = text.rpartition(mark)
            high = _chinese_number(head, leading=leading)
            low = _chinese_number(tail, leading=False) if tail else 0
            if not high or low is None or low >= unit:
                return None
            return high * unit + low
    return _below_ten_thousand(text, leading)


def _below_ten_thousand(text: str, leading: bool) -> int | None:
    found = _BELOW_TEN_THOUSAND.fullmatch(text)
    if found is None or not text:
        return None
    thousands, hundreds, tens, ten, ones = found.groups()
    # 一万五 and 五百五 leave out the last unit in speech: they are not 10005 and 505.
    before = text[-2:-1] or ("" if leading else "?")
    if ones and before not in ("", "0", "十"):
        return None
    digits = (int(thousands or 0), int(hundreds or 0), int(tens or 1) if ten else 0, int(ones or 0))
    return sum(digit * unit for digit, unit in zip(digits, (1000, 100, 10, 1), strict=True))
