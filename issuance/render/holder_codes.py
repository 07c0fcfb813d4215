"""What a page calls the number of a holder's document (GB/T 36903, annex A, shortened)."""

from typing import Final

NAMES: Final = {
    "001": "统一社会信用代码",
    "099": "其他组织证件",
    "111": "公民身份号码",
    "114": "军官证",
    "115": "武警警官证",
    "118": "士兵证",
    "119": "武警士兵证",
    "120": "军队文职人员证",
    "122": "武警文职人员证",
    "411": "外交护照",
    "412": "公务护照",
    "413": "公务普通护照",
    "414": "普通护照",
    "511": "台湾居民来往大陆通行证",
    "516": "港澳居民来往内地通行证",
    "999": "其他证件",
}


def code_type_name(code_type: str) -> str:
    """Return the name of a code type; an unknown one keeps its digits."""
    return NAMES.get(code_type, code_type)
