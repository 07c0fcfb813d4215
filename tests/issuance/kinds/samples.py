"""One application for each kind, all people and organisations made up."""

import base64
import io
from pathlib import Path

from PIL import Image, ImageDraw

from issuance.model import load_kinds

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
MAN, WOMAN = "650105199003152018", "65010219920618204X"
ORGANISATION, USCC = "天山云创数字科技有限公司", "91650100MA7DEM016D"

VALUES = {
    "name": "古丽娜尔·艾合买提",
    "name_ug": "گۈلنار ئەھمەت",
    "sex": "2",
    "ethnicity": "维吾尔族",
    "birth_date": "1992-06-18",
    "address": "新疆乌鲁木齐市天山区示例路88号3号楼2单元1102室",
    "id_number": WOMAN,
    "ssc_number": WOMAN,
    "issuing_organ": "示例市公安局天山区分局",
    "valid_from": "2026-11-20",
    "card_number": "6501001234567890",
    "issue_date": "2026-11-20",
    "card_region": "650100",
    "card_version": "第三代",
    "insured_number": "65010000000123456789",
    "insured_region": "650100",
    "insurance_type": "职工基本医疗保险",
    "activate_date": "2026-10-08",
    "register_date": "2026-11-11",
    "holder_name": "热合曼·吐尔逊、李雪莲",
    "male_name": "热合曼·吐尔逊",
    "male_id": MAN,
    "male_birth": "1990-03-15",
    "male_nationality": "中国",
    "female_name": "李雪莲",
    "female_id": WOMAN,
    "female_birth": "1992-06-18",
    "female_nationality": "中国",
    "register_organ": "示例市天山区民政局",
    "nationality": "中国",
    "first_issue_date": "2018-05-04",
    "class": "C1",
    "archive_no": "650100123456",
    "points": "3",
    "status": "正常",
    "plate_no": "新A·D12345",
    "vehicle_type": "小型轿车",
    "owner": "古丽娜尔·艾合买提",
    "use": "非营运",
    "brand_model": "示例牌 SL7150A5",
    "vin": "LSVAA49J132047371",
    "engine_no": "EA888123456",
    "seats": "5",
    "inspection_valid_to": "2028-11-30",
    "household_no": "650102000123456",
    "page_no": "650102000123456-02",
    "household_kind": "家庭户",
    "head_name": "热合曼·吐尔逊",
    "relation_to_head": "妻",
    "native_place": "新疆喀什",
    "birth_place": "新疆乌鲁木齐市",
    "marital_status": "有配偶",
    "education": "大学本科",
    "passport_type": "P",
    "country_code": "CHN",
    "passport_no": "EJ1234567",
    "name_pinyin": "GULINAER·AIHEMAITI",
    "issue_place": "新疆",
    "hukou_address": "新疆喀什地区示例县示例乡示例村12号",
    "live_address": "新疆乌鲁木齐市天山区示例路88号3号楼2单元1102室",
    "sign_valid_to": "2027-11-19",
    "newborn_name": "阿依夏·热合曼",
    "birth_time": "2026-11-02T08:30",
    "gest_weeks": "39",
    "weight_g": "3260",
    "length_cm": "50.5",
    "institution": "示例市妇幼保健院",
    "mother_name": "李雪莲",
    "mother_id": WOMAN,
    "father_name": "热合曼·吐尔逊",
    "father_id": MAN,
    "child_name": "阿依夏·热合曼",
    "guardian_name": "李雪莲",
    "guardian_phone": "13899991234",
    "building_unit": "示例市天山区示例社区卫生服务中心",
    "vaccinations": "卡介苗｜第1剂｜2026-11-03｜20260512A｜示例市妇幼保健院\n"
    "乙肝疫苗｜第1剂｜2026-11-03｜202604B17｜示例市妇幼保健院",
    "matter": "抵押权",
    "right_holder": "示例银行股份有限公司乌鲁木齐分行",
    "obligor": "张明远、古丽娜尔·艾合买提",
    "location": "新疆乌鲁木齐市天山区示例小区3号楼2单元1102室",
    "unit_no": "650102001001GB00123F00030045",
    "other": "不动产权证号：新(2026)乌鲁木齐市不动产权第0012345号；被担保主债权数额：120万元",
    "note": "债务履行期限：2026年11月20日起2046年11月19日止",
    "uscc": USCC,
    "org_name": ORGANISATION,
    "economic_type": "有限责任公司",
    "scope": "普通货运；货物专用运输（集装箱）；大型物件运输（一类）。",
    "licence_no": "650100123456",
    "tonnage_seats": "18.5吨",
    "size_mm": "11980×2550×3990",
    "audit_status": "1",
    "tech_level": "1",
    "audit_valid_to": "2027-11-30",
    "category": "道路旅客运输驾驶员",
    "legal_rep": "阿迪力·买买提",
    "domicile": "新疆乌鲁木齐市天山区示例路88号云创大厦6层601室",
    "premises": "新疆乌鲁木齐市天山区示例路88号云创大厦1层",
    "main_type": "餐饮服务经营者（中型餐馆）",
    "items": "热食类食品制售；冷食类食品制售（仅简单处理）；自制饮品制售。",
    "quality_head": "李雪莲",
    "register_no": "MA7DEM01665010211A1001",
    "main_head": "李雪莲",
    "subjects": "预防保健科；全科医疗科；内科；外科；妇产科；儿科；口腔科；中医科；维吾尔医学科；"
    "医学检验科；医学影像科",
    "beds": "60",
    "grade": "三级",
    "guardian": "李雪莲",
    "major": "计算机科学与技术",
    "degree": "工学学士",
    "school": "示例大学",
    "award_date": "2026-06-30",
    "work_class": "电工作业",
    "work_item": "低压电工作业",
    "review_date": "2029-11-20",
    "employer": "示例建设工程有限公司",
    "major_registered": "建筑工程",
    "trade": "05",
    "valid_to": "2028-11-19",
}
"""By name of the field, for all kinds alike."""
OWN = {
    "identity_card": {"valid_to": "2046-11-20"},
    "social_security_card": {"valid_to": "2036-11-20"},
    "divorce_certificate": {"cert_no": "L650102-2026-000131"},
    "driving_licence": {"licence_no": WOMAN, "valid_to": "2032-11-20"},
    "passport": {"valid_to": "2036-11-19", "birth_place": "新疆"},
    "birth_certificate": {"cert_no": "Z650123456", "sex": "2"},
    "vaccination_certificate": {"cert_no": "650102202600012345", "birth_date": "2026-11-02"},
    "real_estate_registration_proof": {"cert_no": "新(2026)乌鲁木齐市不动产证明第0001234号"},
    "road_transport_vehicle_certificate": {"cert_no": "650100876543"},
    "ride_hailing_vehicle_certificate": {"cert_no": "650100555123", "scope": "网络预约出租客运"},
    "ride_hailing_operation_licence": {"scope": "网络预约出租汽车经营服务"},
    "dangerous_goods_transport_licence": {"scope": "危险货物运输（3类）；危险货物运输（8类）"},
    "radioactive_goods_transport_licence": {"scope": "一类放射性物品道路运输"},
    "food_business_licence": {
        "licence_no": "JY16501020012345",
        "issuing_organ": "示例市市场监督管理局",
    },
    "food_production_licence": {
        "licence_no": "SC10665010200123",
        "issuing_organ": "示例市市场监督管理局",
        "main_type": "食品生产者",
        "items": "粮食加工品；食用油、油脂及其制品；乳制品。",
    },
    "drug_business_licence": {
        "licence_no": "新DA9910012",
        "scope": "中成药；化学药；生物制品（限预防性生物制品除外）。",
    },
    "disability_certificate": {
        "cert_no": f"{WOMAN}43",
        "category": "肢体",
        "valid_to": "2036-11-20",
    },
    "degree_certificate": {"cert_no": "1075542026000123"},
    "special_operation_certificate": {"cert_no": f"T{WOMAN}", "valid_to": "2032-11-19"},
    "animal_clinic_licence": {
        "licence_no": "新动诊证（2026）第0012号",
        "org_name": "示例宠物医院",
        "scope": "动物疾病预防、诊断、治疗和绝育手术（含颅腔、胸腔和腹腔手术）。",
    },
    "constructor_registration_certificate": {
        "cert_no": "新265202612345",
        "register_no": "新265202612345",
        "major": "建筑工程",
    },
    "construction_safety_certificate": {"cert_no": "新建安C3（2026）0001234", "category": "C3"},
    "construction_operation_certificate": {"cert_no": "新A052026001234"},
    "medical_institution_licence": {"org_name": "示例市天山区示例社区卫生服务中心"},
}
LISTED_HOLDERS = {
    "vehicle_licence": [("古丽娜尔·艾合买提", WOMAN, "111")],
    "birth_certificate": [("阿依夏·热合曼", "Z650123456", "999")],
    "vaccination_certificate": [("阿依夏·热合曼", "Z650123456", "999")],
    "real_estate_registration_proof": [("示例银行股份有限公司乌鲁木齐分行", USCC, "001")],
    "road_transport_vehicle_certificate": [(ORGANISATION, USCC, "001")],
    "medical_institution_licence": [("示例市天山区示例社区卫生服务中心", USCC, "001")],
    "disability_certificate": [("古丽娜尔·艾合买提", WOMAN, "111")],
    "degree_certificate": [("古丽娜尔·艾合买提", WOMAN, "111")],
    "animal_clinic_licence": [("示例宠物医院", USCC, "001")],
}
OPTIONAL_LEFT_OUT = {"religion"}


def kind_names():
    """Return the names of all kinds that ship."""
    return sorted(load_kinds())


def photograph(width=358, height=441):
    """Return a drawn portrait as it is sent: a PNG in base64."""
    picture = Image.new("RGB", (width, height), "#dfe8f2")
    drawing = ImageDraw.Draw(picture)
    middle = width / 2
    drawing.ellipse((middle - 70, 90, middle + 70, 260), fill="#c9a184")
    drawing.pieslice((middle - 130, 270, middle + 130, 600), 180, 360, fill="#2f4a6d")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def sample(name):
    """Return the content of an application for a licence of the kind."""
    import json

    shipped = EXAMPLES / f"{name}.json"
    if shipped.is_file():
        members = json.loads(shipped.read_text("utf-8"))
        members.pop("kind")
        return members
    kind = load_kinds()[name]
    given = VALUES | OWN.get(name, {})
    fields = {}
    for field in kind.fields:
        if field.type == "image":
            fields[field.name] = photograph()
        elif field.name in given and field.name not in OPTIONAL_LEFT_OUT:
            fields[field.name] = given[field.name]
    data = {"fields": fields}
    if name in LISTED_HOLDERS:
        data["holders"] = [
            {"name": n, "code": code, "code_type": code_type}
            for n, code, code_type in LISTED_HOLDERS[name]
        ]
    return data
