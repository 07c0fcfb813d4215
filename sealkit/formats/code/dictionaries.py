"""Preset dictionaries of the code's DEFLATE stream: the words that licences repeat.

A number, once given out, means these very bytes for ever: codes on paper depend on them.
A better dictionary gets the next number. Regions distribute theirs with the trust list,
so a reader may be handed more than are built in.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sealkit.errors import UnknownDictionaryError

CURRENT: Final = 1

# DEFLATE reaches back farther at a higher price, so what is most frequent stands last.
_NAMES: Final = (
    "古丽娜尔热合曼吐尔逊阿卜杜艾合买提努尔麦麦提如则帕尔哈提迪丽努热依拉玉素甫·阿迪力·买买提·"
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗建国志强秀英明华文军海燕雪莲晓丽俊杰"
)
_PLACES: Final = (
    "香港特别行政区澳门特别行政区台湾省西藏自治区宁夏回族自治区内蒙古自治区广西壮族自治区"
    "山西省吉林省黑龙江省辽宁省江西省海南省贵州省青海省甘肃省陕西省云南省天津市安徽省福建省"
    "河北省河南省湖北省湖南省山东省"
    "石河子市吐鲁番市哈密市昌吉回族自治州伊犁哈萨克自治州喀什地区阿克苏地区和田地区克拉玛依市"
    "天山区沙依巴克区高新技术产业开发区经济技术开发区北京市上海市重庆市江苏省浙江省四川省"
    "广东省深圳市福田区广州市天河区新疆维吾尔自治区新疆乌鲁木齐市示例市"
)
_ISSUERS: Final = (
    "人力资源和社会保障局住房和城乡建设局卫生健康委员会交通运输局农业农村局公安局教育局应急管理局"
    "医疗保障局税务局人民政府行政审批服务局不动产登记中心自然资源局民政局市场监督管理局"
)
_ORGANISATIONS: Final = (
    "合伙企业（有限合伙）个体工商户农民专业合作社股份有限公司分公司集团建筑工程物流餐饮管理贸易"
    "商贸信息技术网络数字科技发展实业有限责任公司科技有限公司"
)
_NUMBERS: Final = (
    "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘桂琼渝川贵云藏陕甘青宁粤新(2026)新(2027)"
    "乌鲁木齐市不动产权第00号J650102-2026-00JY265010091440000914403009165010091650100MA7"
)
_TYPES: Final = (
    "11100000PRJ000056J11100000PRJ000048P11100000PRJ0000210"
    "食品经营许可证药品经营许可证医疗机构执业许可证道路运输经营许可证建筑业企业资质证书"
    "机动车行驶证机动车驾驶证出生医学证明离婚证11100000000013127D001居民身份证"
    "11100000PRJ0000135901结婚证11100000MB03271699001不动产权证书11100000MB0143028R001营业执照"
)
_ADDRESSES: Final = (
    "http://127.0.0.1:8000http://localhost:8000.example.cn.example.gov.cnhttps://"
    "/status/v1/status//status-lists/v1/status-lists/"
)
_ROOT: Final = "11440000PRJ000011650000PRJ0006.001.1.2.156.3005.2.11100000"

_SKELETON: Final = bytes.fromhex(
    # Header, then claims in the order that `credential` writes them, variable parts as zeros.
    "d28451a2013a000100000448a05901"
    "a40166343430303030061a6aa50166363530303030041a061a6a19ffffa16b7374617475735f6c697374a263"
    "6964781900001a000063757269781e"
    "3a00010001ab0169026f0278190272037845312e322e3135362e333030352e322e313131303030303000"
    "04754d423001054006723131363530303030500778" + "1e088108820919000a190b500a19510b50"
    "5840"
)

DICTIONARIES: Final[Mapping[int, bytes]] = MappingProxyType(
    {
        1: (
            _NAMES + _PLACES + _ISSUERS + _ORGANISATIONS + _NUMBERS + _TYPES + _ADDRESSES + _ROOT
        ).encode()
        + _SKELETON
    }
)
"""The dictionaries that are built in, by number."""


def dictionary(number: int, known: Mapping[int, bytes] = DICTIONARIES) -> bytes:
    """Return a dictionary.

    Raises:
        UnknownDictionaryError: if `known` does not hold it.
    """
    try:
        return known[number]
    except KeyError as error:
        raise UnknownDictionaryError(f"preset dictionary {number} is not known") from error
