"""Amounts and areas: read exactly, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.certificate_free.quantities import amount_in_yuan, area_in_square_metres

FORMAL = "零壹贰叁肆伍陆柒捌玖"


def formal(number):
    """A whole number below 10^16 in capital numerals, as cheques have them; another way."""
    text = ""
    for place, digit in enumerate(reversed(str(number))):
        unit = ["", "拾", "佰", "仟"][place % 4]
        large = {0: "", 4: "万", 8: "亿", 12: "万"}[place] if place % 4 == 0 else ""
        text = FORMAL[int(digit)] + (unit if digit != "0" else "") + large + text
    while "零零" in text:
        text = text.replace("零零", "零")
    for mark in "万亿":
        text = text.replace("零" + mark, mark + "零")
    text = text.replace("亿零万", "亿").replace("亿万", "亿")
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.strip("零") or "零"


@given(st.integers(0, 10**12 - 1))
def test_formal_numerals_are_read(number):
    text = formal(number)
    assert amount_in_yuan(f"人民币{text}元整") == number, text


@given(st.integers(0, 10**14), st.integers(0, 99))
def test_figures_are_read_with_and_without_separators(yuan, cents):
    assert amount_in_yuan(f"￥{yuan:,}.{cents:02d}") == Decimal(f"{yuan}.{cents:02d}")
    assert amount_in_yuan(f"{yuan}.{cents:02d}元") == Decimal(f"{yuan}.{cents:02d}")


@given(st.text(max_size=1500) | st.text("壹拾佰仟万亿零元整0123456789,.㎡：面积", max_size=60))
def test_any_text_is_a_quantity_or_none(text):
    for value in (amount_in_yuan(text), area_in_square_metres(text)):
        assert value is None or value >= 0


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("人民币伍佰万元整", 5_000_000),
        ("500万元", 5_000_000),
        ("500 万元人民币", 5_000_000),
        ("壹亿零伍佰万元", 105_000_000),
        ("十万元", 100_000),
        ("两万亿元", 2 * 10**12),
        ("1.5亿元", 150_000_000),
        ("五百五十元", 550),
        ("一万零五元", 10_005),
        ("一万五元", None),
        ("五百五元", None),
        ("500", None),
        ("500万", None),
        ("500万美元", None),
        ("5,00元", None),
        ("100元200元", None),
        ("壹佰元伍角", None),
        ("万元", None),
        ("不详", None),
        ("", None),
    ],
)
def test_an_amount_is_read_or_refused(text, amount):
    assert amount_in_yuan(text) == amount


TWO = "共有宗地面积：18650.40㎡/房屋建筑面积：118.62㎡"


@pytest.mark.parametrize(
    ("text", "label", "area"),
    [
        (TWO, "房屋建筑面积", Decimal("118.62")),
        (TWO, "宗地面积", Decimal("18650.40")),
        (TWO, None, None),
        (TWO, "面积", None),
        (TWO, "车位面积", None),
        ("90平方米", None, 90),
        ("1,234.5 m²", None, Decimal("1234.5")),
        ("2公顷", None, 20_000),
        ("1,23㎡", None, None),
        ("3亩", None, None),
        ("90", None, None),
    ],
)
def test_an_area_is_read_or_refused(text, label, area):
    assert area_in_square_metres(text, label) == area
