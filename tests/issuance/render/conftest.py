"""Records of the three kinds, and a reader of our OFD pages that shares no code with them."""

import base64
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import resvg_py
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image

from issuance.render.composition import compose
from issuance.render.subset import subset
from issuance.render.typefaces import face
from sealkit.formats.code.qr import qr_matrix
from sealkit.record import Holder, LicenceRecord, RecordField, StatusSlot

OFD = "{http://www.ofdspec.org/2016}"
CODE_TEXT = "CL1:" + "6BFOXN%TSMAHN-HOSP CREJ9" * 12

FIELDS = {
    "business_licence": (
        ("uscc", "KZ_TYSHXYDM", "91650100MA7DEM016D"),
        ("org_name", "KZ_MC", "天山云创数字科技有限公司"),
        ("org_type", "KZ_LX", "有限责任公司（自然人投资或控股）"),
        ("legal_rep", "KZ_FDDBR", "阿迪力·买买提"),
        ("registered_capital", "KZ_ZCZB", "人民币伍佰万元整"),
        ("established", "KZ_CLRQ", "2024-03-15"),
        ("term_from", "KZ_YYQX_Q", "2024-03-15"),
        ("premises", "KZ_ZS", "新疆乌鲁木齐市天山区示例路88号云创大厦6层601室"),
        ("scope", "KZ_JYFW", "软件开发；信息系统集成服务；数据处理和存储支持服务；技术咨询。"),
        ("register_organ", "KZ_DJJG", "示例市市场监督管理局"),
        ("approve_date", "KZ_HZRQ", "2026-11-20"),
    ),
    "real_estate_certificate": (
        ("cert_no", "KZ_BDCQZH", "新(2026)乌鲁木齐市不动产权第0012345号"),
        ("print_no", "KZ_ZHLSH", "65002026001234"),
        ("right_holder", "KZ_QLR", "张明远、古丽娜尔·艾合买提、王媛"),
        ("co_ownership", "KZ_GYQK", "共同共有"),
        ("location", "KZ_ZL", "新疆乌鲁木齐市天山区示例小区3号楼2单元1102室"),
        ("unit_no", "KZ_BDCDYH", "650102001001GB00123F00030045"),
        ("right_type", "KZ_QLLX", "国有建设用地使用权/房屋所有权"),
        ("right_nature", "KZ_QLXZ", "出让/市场化商品房"),
        ("use", "KZ_YT", "城镇住宅用地/住宅"),
        ("area", "KZ_MJ", "共有宗地面积：18650.40㎡/房屋建筑面积：118.62㎡"),
        ("term", "KZ_SYQX", "国有建设用地使用权 2015年06月01日起 2085年05月31日止"),
        ("other", "KZ_QLQTZK", "房屋结构：钢筋混凝土结构；房屋总层数：18层，所在层：第11层"),
        ("register_date", "KZ_FZRQ", "2026-11-18"),
    ),
    "marriage_certificate": (
        ("cert_no", "KZ_ZZH", "J650102-2026-001314"),
        ("register_date", "KZ_DJRQ", "2026-11-11"),
        ("holder_name", "KZ_CZR", "热合曼·吐尔逊、李雪莲"),
        ("male_name", "KZ_NFXM", "热合曼·吐尔逊"),
        ("male_id", "KZ_NFZJHM", "650105199003152018"),
        ("male_birth", "KZ_NFCSRQ", "1990-03-15"),
        ("male_nationality", "KZ_NFGJ", "中国"),
        ("female_name", "KZ_NVFXM", "李雪莲"),
        ("female_id", "KZ_NVFZJHM", "65010219920618204X"),
        ("female_birth", "KZ_NVFCSRQ", "1992-06-18"),
        ("female_nationality", "KZ_NVFGJ", "中国"),
        ("register_organ", "KZ_DJJG", "示例市天山区民政局"),
    ),
}
FACES_OF_KINDS = {
    "business_licence": (
        "营业执照",
        "11100000MB0143028R001",
        "示例市市场监督管理局",
        (Holder("天山云创数字科技有限公司", "91650100MA7DEM016D", "001"),),
    ),
    "real_estate_certificate": (
        "不动产权证书",
        "11100000MB03271699001",
        "示例市自然资源局",
        (
            Holder("张明远", "650102198504123019", "111"),
            Holder("古丽娜尔·艾合买提", "650103198709234026", "111"),
            Holder("王媛", "650103199109234026", "111"),
        ),
    ),
    "marriage_certificate": (
        "结婚证",
        "11100000PRJ0000135901",
        "示例市天山区民政局",
        (
            Holder("热合曼·吐尔逊", "650105199003152018", "111"),
            Holder("李雪莲", "65010219920618204X", "111"),
        ),
    ),
}
KINDS = tuple(FIELDS)


def example_record(kind, **changes):
    """Return the record of a kind; `changes` replace the values of fields by name."""
    name, code, issuer, holders = FACES_OF_KINDS[kind]
    fields = tuple(
        RecordField(field, field, short, changes.get(field, value))
        for field, short, value in FIELDS[kind]
    )
    return LicenceRecord(
        identifier=f"1.2.156.3005.2.{code}.11650000PRJ000654L.000000001.001.K",
        kind=kind,
        kind_code=code,
        kind_name=name,
        number=fields[0].value,
        edition=1,
        region="650000",
        issuer_code="11650000PRJ000654L",
        issuer_name=issuer,
        issued_on="2026-11-20",
        valid_from="2026-11-20",
        valid_until="9999-12-31",
        holders=holders,
        fields=fields,
        status=StatusSlot("https://licence.example/status/1", 12345),
    )


def font_subsets(composed):
    characters = {}
    for page in composed.pages:
        for run in page.runs:
            characters.setdefault(run.face, set()).update(run.text)
    return {name: subset(face(name), characters[name]) for name in sorted(characters)}


@pytest.fixture(params=KINDS)
def record(request):
    return example_record(request.param)


@pytest.fixture
def a_record():
    """Return records with values of the test's choosing."""
    return example_record


@pytest.fixture
def with_holders():
    return lambda record, *holders: replace(record, holders=holders)


@pytest.fixture(scope="session")
def modules():
    return qr_matrix(CODE_TEXT)


@pytest.fixture
def code_text():
    return CODE_TEXT


@pytest.fixture
def composed(record, modules):
    return compose(record, modules, demonstration=True)


@pytest.fixture
def fonts_of():
    return font_subsets


@pytest.fixture
def rasterised_ofd():
    """Return a function from the entries of a package to the picture of one page."""
    return lambda entries, page=0, zoom=4.0: _picture(_svg(entries, page), zoom)


def _picture(svg, zoom):
    png = resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGB")


def _svg(entries, page):
    document = ElementTree.fromstring(entries["Doc_0/Document.xml"])
    _, _, width, height = document.find(f".//{OFD}PhysicalBox").text.split()
    fonts, pictures = _fonts(entries), _pictures(entries)
    template = document.find(f".//{OFD}TemplatePage").get("BaseLoc")
    listed = document.findall(f"{OFD}Pages/{OFD}Page")
    drawn = "".join(
        unit
        for part, name in enumerate((template, listed[page].get("BaseLoc")))
        for unit in _objects(
            part, ElementTree.fromstring(entries[f"Doc_0/{name}"]), fonts, pictures
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{drawn}</svg>'
    )


def _fonts(entries):
    resources = ElementTree.fromstring(entries["Doc_0/PublicRes.xml"])
    return {
        font.get("ID"): TTFont(io.BytesIO(entries[f"Doc_0/Res/{font[0].text}"]))
        for font in resources.iter(f"{OFD}Font")
    }


def _pictures(entries):
    if "Doc_0/DocumentRes.xml" not in entries:
        return {}
    resources = ElementTree.fromstring(entries["Doc_0/DocumentRes.xml"])
    return {
        media.get("ID"): entries[f"Doc_0/Res/{media[0].text}"]
        for media in resources.iter(f"{OFD}MultiMedia")
    }


def _objects(part, page, fonts, pictures):
    for number, unit in enumerate(page.find(f".//{OFD}Layer")):
        x, y, width, height = map(float, unit.get("Boundary").split())
        if unit.tag == f"{OFD}ImageObject":
            inner = _image(unit, pictures)
        else:
            inner = _text(unit, fonts) if unit.tag == f"{OFD}TextObject" else _path(unit)
        yield (
            f'<clipPath id="c{part}_{number}"><rect width="{width}" height="{height}"/>'
            f'</clipPath><g transform="translate({x} {y})" '
            f'clip-path="url(#c{part}_{number})">{inner}</g>'
        )


def _image(unit, pictures):
    """Draw the unit square that holds the picture, as its CTM places it."""
    a, b, c, d, e, f = unit.get("CTM").split()
    encoded = base64.b64encode(pictures[unit.get("ResourceID")]).decode()
    return (
        f'<image transform="matrix({a} {b} {c} {d} {e} {f})" width="1" height="1" '
        f'preserveAspectRatio="none" href="data:image/jpeg;base64,{encoded}"/>'
    )


def _path(unit):
    operators = {"M": "M", "L": "L", "B": "C", "C": "Z"}
    steps = unit.find(f"{OFD}AbbreviatedData").text.split()
    data = " ".join(operators.get(step, step) for step in steps)
    rule = "evenodd" if unit.get("Rule") == "Even-Odd" else "nonzero"
    return (
        f'<path d="{data}" fill="{_paint(unit, "Fill")}" stroke="{_paint(unit, "Stroke")}" '
        f'stroke-width="{unit.get("LineWidth", "0.353")}" fill-rule="{rule}"/>'
    )


def _text(unit, fonts):
    font, size = fonts[unit.get("Font")], float(unit.get("Size"))
    code = unit.find(f"{OFD}TextCode")
    x, y = float(code.get("X")), float(code.get("Y"))
    scale = size / font["head"].unitsPerEm
    deltas = [*expanded(code.get("DeltaX", "")), 0.0]
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    names = [cmap.get(ord(character)) for character in code.text]
    if (transform := unit.find(f"{OFD}CGTransform")) is not None:
        assert (transform.get("CodePosition"), transform.get("GlyphCount")) == ("0", "1")
        assert int(transform.get("CodeCount")) == len(code.text)
        names = [font.getGlyphName(int(transform.findtext(f"{OFD}Glyphs")))]
    pen = SVGPathPen(glyphs)
    for name, delta in zip(names, deltas, strict=len(names) == len(deltas)):
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, x, y)))
        x += delta
    return f'<path d="{pen.getCommands()}" fill="{_paint(unit, "Fill", "true")}"/>'


def expanded(deltas):
    """Return the values of a DeltaX with its `g count value` forms written out."""
    values, tokens = [], deltas.split()
    while tokens:
        token = tokens.pop(0)
        if token == "g":
            count, value = int(tokens.pop(0)), float(tokens.pop(0))
            values += [value] * count
        else:
            values.append(float(token))
    return values


def _paint(unit, kind, default="false"):
    if unit.get(kind, default) != "true":
        return "none"
    colour = unit.find(f"{OFD}{kind}Color")
    return f"rgb({','.join(colour.get('Value').split())})"
