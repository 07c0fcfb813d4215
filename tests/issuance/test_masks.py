import pytest

from issuance.masks import MASKS


@pytest.mark.parametrize(
    ("rule", "value", "shown"),
    [
        ("person_name", "张三", "张*"),
        ("person_name", "王小明", "王*明"),
        ("person_name", "欧阳明月", "欧**月"),
        ("person_name", "阿迪力·买买提", "阿**·***"),
        ("person_name", "张明远、古丽娜尔·艾合买提", "张*远、古***·****"),
        ("person_name", "张", "张"),
        ("id_number", "650102198504123019", "6****************9"),
        ("id_number", "12", "**"),
        ("phone", "13812345678", "138****5678"),
        ("address", "新疆乌鲁木齐市天山区示例路88号", "新疆乌鲁木齐市天山区***"),
        ("address", "新疆维吾尔自治区乌鲁木齐市示例路1号", "新疆维吾尔自治区乌鲁木齐市***"),
        ("address", "某处", "***"),
        ("birth_date", "1990-03-15", "1990-**-**"),
        ("keep_last4", "123456789", "****6789"),
        ("keep_last4", "1234", "****"),
        ("hide", "共同共有", "已隐藏"),
    ],
)
def test_what_is_left_of_a_value(rule, value, shown):
    assert MASKS[rule](value) == shown


def test_a_masked_value_of_an_id_number_is_as_long_as_it_was():
    assert len(MASKS["id_number"]("65010219920618204X")) == 18
