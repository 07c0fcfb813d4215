"""Area codes as a page prints them."""

import pytest

from issuance.areas import printed_area


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("650100", "新疆维吾尔自治区乌鲁木齐市（650100）"),
        ("650102", "新疆维吾尔自治区乌鲁木齐市（650102）"),
        ("440300", "广东省（440300）"),
        ("990000", "990000"),
    ],
)
def test_an_area_is_printed_by_its_name_and_code(code, printed):
    assert printed_area(code) == printed
