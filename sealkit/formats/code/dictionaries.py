"""Preset dictionaries of the credential's DEFLATE container, by number.

A number once given keeps its bytes for ever: printed codes depend on them. The likeliest
strings stand last, where DEFLATE reaches them cheapest.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NEWEST: Final = 1

DICTIONARIES: Final[Mapping[int, bytes]] = MappingProxyType(
    {
        1: (
            "有限责任公司股份有限公司科技有限公司（自然人投资或控股）分公司个体工商户"
            "新疆维吾尔自治区乌鲁木齐市广东省广州市深圳市示例市"
            "民政局自然资源局市场监督管理局行政审批局公安局卫生健康委员会交通运输局"
            "不动产权第号不动产权证书结婚证离婚证食品经营许可证道路运输经营许可证营业执照"
            "长期9999-12-312026-01-01"
            "11100000PRJ000013590111100000MB0327169900111100000MB0143028R001"
            "1144000011650000PRJ0"
            "http://127.0.0.1:8000/v1/status-lists/https://"
            "status_list\u0000idxcuri"
        ).encode(),
    }
)
