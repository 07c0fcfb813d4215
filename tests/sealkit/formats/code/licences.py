"""Realistic licences and a signer to make codes from."""

from datetime import UTC, datetime

from sealkit.record import LONG_TERM, Holder, LicenceRecord, RecordField, StatusSlot

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def licence(kind_code, kind_name, number, holders, *, until=LONG_TERM, **changes):
    members = {
        "identifier": f"1.2.156.3005.2.{kind_code}.11650000PRJ000654L.K7Q2M9X4T1B8N5R3W6Y0.001.Q",
        "kind": "some_kind",
        "kind_code": kind_code,
        "kind_name": kind_name,
        "number": number,
        "edition": 1,
        "region": "650000",
        "issuer_code": "11650000PRJ000654L",
        "issuer_name": "示例市市场监督管理局",
        "issued_on": "2026-11-23",
        "valid_from": "2026-11-23",
        "valid_until": until,
        "holders": tuple(Holder(name, "650105199003152018", "111") for name in holders),
        "fields": (RecordField("org_name", "名称", "KZ_MC", holders[0]),),
        "status": StatusSlot("https://zwfw.xinjiang.example.gov.cn/v1/status/3", 73311),
    }
    return LicenceRecord(**members | changes)


BUSINESS = licence(
    "11100000MB0143028R001", "营业执照", "91650100MA7DEM016D", ["天山云创数字科技有限公司"]
)
MARRIAGE = licence(
    "11100000PRJ0000135901",
    "结婚证",
    "J650102-2026-001314",
    ["热合曼·吐尔逊", "李雪莲"],
    issuer_name="示例市天山区民政局",
)
REAL_ESTATE = licence(
    "11100000MB03271699001",
    "不动产权证书",
    "新(2026)乌鲁木齐市不动产权第0012345号",
    ["张明远", "古丽娜尔·艾合买提"],
    until="2085-05-31",
    issuer_name="乌鲁木齐市自然资源局",
)
GUANGDONG = licence(
    "11100000MB0143028R001",
    "营业执照",
    "91440101MA9DEM0X2P",
    ["广州珠江新城岭南文化传播有限责任公司"],
    region="440000",
    identifier=(
        "1.2.156.3005.2.11100000MB0143028R001.11440100PRJ000777X.Z0J4V8T2Q6M1C5H9D3L7.002.0"
    ),
    issuer_code="11440100PRJ000777X",
    issuer_name="广州市市场监督管理局",
    edition=2,
    status=StatusSlot("https://dzzz.gd.example.cn/v1/status/2026Q4-7", 1048575),
)
LICENCES = {
    "business": BUSINESS,
    "marriage": MARRIAGE,
    "real_estate": REAL_ESTATE,
    "guangdong": GUANGDONG,
}
