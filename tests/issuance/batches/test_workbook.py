"""Workbooks: what a cell says, what is refused, and any bytes at all."""

import io
import json
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from issuance.application_data import validate_application_data
from issuance.batches import workbook
from issuance.batches.reading import read_lines
from issuance.batches.rows import Form
from issuance.batches.sheets import RefusedRow, columns_of, errors_workbook, template_workbook
from issuance.errors import DataProblem
from issuance.model import load_kinds
from tests.issuance.kinds.records import AT
from tests.issuance.kinds.samples import kind_names, sample

LABELS = {"企业名称": "name", "住所": "address"}


def book(rows, *, sheet="Sheet"):
    made = Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def lines(content, labels=LABELS, cut=1000):
    parts = [content[start : start + cut] for start in range(0, len(content), cut)]
    return list(read_lines(parts, Form.XLSX, labels))


def only_problem(content):
    (line,) = lines(content)
    assert line.data is None
    return line.problem


def changed(content, **entries):
    """Return the workbook with entries of its container replaced or added."""
    out = io.BytesIO()
    given = {name.replace("__", "/"): value for name, value in entries.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, given.pop(name, None) or old.read(name))
        for name, value in given.items():
            new.writestr(name, value)
    return out.getvalue()


def test_a_row_is_read_by_its_headings_and_counted_as_the_clerk_sees_it():
    rows = [
        ["企业名称*", "住所", "持证主体1名称", "问题"],
        ["甲", "一\n二", "张三", "旧"],
        [],
        ["乙"],
    ]
    first, second = lines(book(rows))
    assert (first.number, second.number) == (2, 4)
    assert first.data == {
        "fields": {"name": "甲", "address": "一\n二"},
        "holders": [{"name": "张三"}],
    }
    assert second.data == {"fields": {"name": "乙"}}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 8, 30), "2026-11-20T08:30"),
        (3260, "3260"),
        (50.5, "50.5"),
        (0.1 + 0.2, "0.3"),
        ("007", "007"),
        ("=1+1", False),
        ("=[1]Sheet1!A1", False),
        ("#N/A", False),
        (True, False),
        (650105199003152018, False),
        (1e300, False),
    ],
)
def test_a_cell_is_the_text_that_a_clerk_sees_or_none(value, read):
    (line,) = lines(book([["name"], [value]]))
    assert line.data == {"fields": {"name": read}}


def test_what_is_no_text_is_a_problem_of_its_field():
    kind = load_kinds()["business_licence"]
    labels = {field.label_zh: field.name for field in kind.fields}
    fields = dict(sample("business_licence")["fields"]) | {"org_name": '=HYPERLINK("http://x")'}
    names = {field.name: field.label_zh for field in kind.fields}
    content = book([[names[name] for name in fields], list(fields.values())])
    (line,) = lines(content, labels)
    with pytest.raises(Exception, match="1 problem") as refusal:
        validate_application_data(kind, line.data, AT)
    assert [(p.field, p.code) for p in refusal.value.problems] == [
        ("org_name", "data.field.not_text")
    ]


def test_links_macros_passwords_and_other_files_are_named():
    sound = book([["name"], ["甲"]])
    assert only_problem(b"\xd0\xcf\x11\xe0" + bytes(600)) == "data.workbook.encrypted"
    assert only_problem(b"name,address\n") == "data.workbook.malformed"
    linked = changed(sound, **{"xl__externalLinks__externalLink1.xml": "<x/>"})
    assert only_problem(linked) == "data.workbook.links"
    assert only_problem(changed(sound, **{"xl__vbaProject.bin": "x"})) == "data.workbook.macros"


def test_entities_of_xml_are_refused():
    sheet = (
        '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )
    content = changed(book([["name"]]), **{"xl__worksheets__sheet1.xml": sheet})
    assert only_problem(content) == "data.workbook.malformed"


def test_a_bomb_is_refused_by_what_it_declares_and_cannot_unpack_to_more():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(workbook.MAX_SHARED_BYTES + 1))
    assert only_problem(out.getvalue()) == "data.workbook.too_large"


NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BOMBS = {
    "styles": {"xl__styles.xml": f"<styleSheet {NAMESPACE}>{'<a/>' * 200_000}</styleSheet>"},
    "a row": {
        "xl__worksheets__sheet1.xml": f"<worksheet {NAMESPACE}><sheetData><row>{'<c/>' * 30_000}"
        "</row></sheetData></worksheet>"
    },
    "beside the rows": {
        "xl__worksheets__sheet1.xml": f"<worksheet {NAMESPACE}>{'<a/>' * 30_000}</worksheet>"
    },
    "in UTF-16": {
        "xl__styles.xml": f"<styleSheet {NAMESPACE}>{'<a/>' * 200_000}</styleSheet>".encode(
            "utf-16"
        )
    },
    "a sheet as texts": {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    },
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_workbook_that_is_small_and_swells_is_refused_before_it_does(kind):
    """200,000 elements of four bytes are 90 MB as objects; in 50 MB of XML they were 3 GB."""
    bomb = changed(book([["企业名称"], ["甲"]]), **BOMBS[kind])
    assert only_problem(bomb) == "data.workbook.too_large"


def test_a_workbook_of_many_rows_is_within_the_bounds():
    rows = [["企业名称"], *([f"甲{number}"] * 20 for number in range(3000))]
    assert len(lines(book(rows))) == 3000


def test_a_row_far_below_and_a_file_too_large_are_refused(monkeypatch):
    far = Workbook()
    far.active["A1"], far.active[f"A{workbook.MAX_ROWS + 1}"] = "name", "甲"
    file = io.BytesIO()
    far.save(file)
    assert only_problem(file.getvalue()) == "data.workbook.too_large"
    monkeypatch.setattr(workbook, "MAX_FILE_BYTES", 1000)
    assert only_problem(book([["name"], ["甲"]])) == "data.workbook.too_large"


def test_lines_before_the_damage_stand():
    rows = "".join(
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>name</t></is></c></row>'
        for number in range(1, 5001)
    )
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:A9"/><sheetData>{rows}<row'
    )
    content = changed(book([["name"]]), **{"xl__worksheets__sheet1.xml": sheet})
    *good, bad = lines(content)
    assert len(good) > 1000
    assert all(line.data == {"fields": {"name": "name"}} for line in good)
    assert (bad.number, bad.problem) == (good[-1].number + 1, "data.workbook.malformed")


@pytest.mark.parametrize("name", kind_names())
def test_the_template_of_a_kind_filled_in_gives_the_sample_back(name):
    """What a clerk types under the headings of the template is the application of the sample."""
    kind = load_kinds()[name]
    template = load_workbook(io.BytesIO(template_workbook(kind)))
    sheet = template.worksheets[0]
    asked = sample(name)
    cells = dict(asked["fields"])
    for number, holder in enumerate(asked.get("holders") or [], start=1):
        cells |= {f"holder{number}.{member}": value for member, value in holder.items()}
    columns = columns_of(kind)
    for place, column in enumerate(columns, start=1):
        field = kind.field(column)
        value = cells.get(column)
        if field and field.codes and value:
            value = field.codes[value]
        sheet.cell(2, place).value = value
    file = io.BytesIO()
    template.save(file)
    labels = {field.label_zh: field.name for field in kind.fields}
    (line,) = lines(file.getvalue(), labels)
    pictures = {f.name: cells[f.name] for f in kind.fields if f.type == "image" and f.name in cells}
    line.data["fields"].update(pictures)
    assert validate_application_data(kind, line.data, AT) == validate_application_data(
        kind, asked, AT
    )


def test_an_error_file_mended_is_read_again():
    kind = load_kinds()["business_licence"]
    fields = sample("business_licence")["fields"] | {"org_name": "=甲公司"}
    problem = DataProblem("uscc", "data.uscc.check", "“统一社会信用代码”校验位不对。", "wrong")
    content = errors_workbook(
        kind, [RefusedRow(7, fields, [problem]), RefusedRow(9, {}, [problem])]
    )
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    reasons = [row[-1].value for row in sheet.iter_rows(min_row=2)]
    assert reasons[0] == "原第 7 行\n“统一社会信用代码”校验位不对。"
    assert reasons[1].startswith("原第 9 行")
    labels = {field.label_zh: field.name for field in kind.fields}
    assert lines(content, labels)[0].data == {"fields": fields}


SOUND = book([["name", "address"], ["甲", 12.5], ["乙", date(2026, 1, 1)]])


@st.composite
def damaged(draw):
    """A workbook with bytes of one of its entries changed, so that readers get beyond the zip."""
    with zipfile.ZipFile(io.BytesIO(SOUND)) as archive:
        name = draw(st.sampled_from(archive.namelist()))
        entry = bytearray(archive.read(name))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(entry)))
        entry[place : place + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return changed(SOUND, **{name.replace("/", "__"): bytes(entry)})


@settings(max_examples=150, deadline=None)
@given(st.one_of(damaged(), st.binary(max_size=400), st.just(SOUND[:700])), st.integers(1, 900))
def test_any_bytes_give_lines_or_the_problem_of_the_file(content, cut):
    for line in lines(content, cut=cut):
        assert (line.data is None) == (line.problem is not None)
        json.dumps(line.data)
