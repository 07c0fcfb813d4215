"""Workbooks that we hand out: the template of a kind, and the lines that were refused.

Both have the headings that `reading` takes, so a clerk fills one in, mends the other, and
sends either. Values are written as text, never as formulas, whatever they begin with.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from issuance.batches.reading import HOLDER_LABELS, REASON_COLUMN
from issuance.errors import DataProblem
from issuance.kind import Kind, KindField
from issuance.render.holder_codes import NAMES

TEMPLATE_ROWS: Final = 5000
"""Rows below the heading that are made ready: as text, with their lists."""
_TEXT: Final = "@"
_REQUIRED = PatternFill("solid", fgColor="FFF2CC")
_OPTIONAL = PatternFill("solid", fgColor="EDEDED")
_TYPES: Final = {
    "string": "文字",
    "text": "文字，可多行",
    "date": "日期，如 2026-11-20",
    "datetime": "时间，如 2026-11-20 08:30",
    "integer": "整数",
    "number": "数字",
    "phone": "电话号码",
    "code": "从下拉列表选择",
    "uscc": "18 位统一社会信用代码",
    "id_number": "证件号码，单元格须为文本",
    "area": "6 位行政区划代码",
    "list": "每行一条，各栏以｜分隔",
}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A line that was refused, as it was sent."""

    number: int
    cells: Mapping[str, str]
    """By name of the column; empty for a line that could not be read."""
    problems: Sequence[DataProblem]


def template_workbook(kind: Kind) -> bytes:
    """Return the workbook in which applications for a kind are filled in."""
    book = Workbook()
    sheet = _first_sheet(book, "填报")
    lists = book.create_sheet("代码")
    for place, (name, heading) in enumerate(columns_of(kind).items(), start=1):
        field = kind.field(name)
        _write_heading(sheet, place, heading, field)
        if field is not None and field.codes:
            _add_list(sheet, lists, place, list(field.codes.values()))
    sheet.freeze_panes = "A2"
    lists.sheet_state = "hidden"
    _write_notes(book.create_sheet("说明"), kind)
    return _saved(book)


def errors_workbook(kind: Kind, rows: Iterable[RefusedRow]) -> bytes:
    """Return refused lines as they were sent, with the reasons in the last column."""
    book = Workbook()
    sheet = _first_sheet(book, "问题行")
    columns = columns_of(kind)
    for place, (name, heading) in enumerate(columns.items(), start=1):
        _write_heading(sheet, place, heading, kind.field(name))
    last = len(columns) + 1
    _write_heading(sheet, last, REASON_COLUMN, None)
    sheet.column_dimensions[get_column_letter(last)].width = 60
    sheet.freeze_panes = "A2"
    names = list(columns)
    for row, refused in enumerate(rows, start=2):
        faulty = {problem.field for problem in refused.problems}
        for place, name in enumerate(names, start=1):
            cell = _put(sheet, row, place, refused.cells.get(name, ""))
            if name in faulty:
                cell.fill = _REQUIRED
        reasons = [f"原第 {refused.number} 行"]
        reasons += [problem.zh for problem in refused.problems]
        cell = _put(sheet, row, last, "\n".join(reasons))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return _saved(book)


def columns_of(kind: Kind) -> dict[str, str]:
    """Return the heading of each column by the name that `reading` gives it.

    Holders have columns where no field names them; pictures have none, a cell cannot hold one.
    """
    columns = {}
    if not kind.holders.source:
        for number in range(1, min(kind.holders.most, 4) + 1):
            for label, member in HOLDER_LABELS.items():
                columns[f"holder{number}.{member}"] = f"持证主体{number}{label}"
    for field in kind.fields:
        if field.type != "image":
            columns[field.name] = f"{field.label_zh}{'*' if field.required else ''}"
    return columns


def _first_sheet(book: Workbook, title: str) -> Worksheet:
    sheet: Worksheet = book.worksheets[0]
    sheet.title = title
    return sheet


def _write_heading(sheet: Worksheet, place: int, heading: str, field: KindField | None) -> None:
    cell = _put(sheet, 1, place, heading)
    cell.font = Font(bold=True)
    cell.fill = _REQUIRED if heading.endswith("*") else _OPTIONAL
    column = sheet.column_dimensions[get_column_letter(place)]
    column.width = max(12, 2.4 * len(heading))
    column.number_format = _TEXT
    if field is not None:
        cell.comment = Comment(_note(field), "Yinxin")


def _note(field: KindField) -> str:
    parts = ["必填" if field.required else "选填", _TYPES[field.type], f"至多 {field.longest} 字"]
    parts += [field.pattern_zh] if field.pattern_zh else []
    parts += ["｜".join(column.label_zh for column in field.columns)] if field.columns else []
    return f"{'；'.join(parts)}\n{field.label_en} ({field.name})"


def _add_list(sheet: Worksheet, lists: Worksheet, place: int, meanings: list[str]) -> None:
    column = get_column_letter(place)
    for row, meaning in enumerate(meanings, start=1):
        _put(lists, row, place, meaning)
    choice = DataValidation(
        type="list", formula1=f"代码!${column}$1:${column}${len(meanings)}", allow_blank=True
    )
    choice.add(f"{column}2:{column}{TEMPLATE_ROWS + 1}")
    sheet.add_data_validation(choice)


def _write_notes(sheet: Worksheet, kind: Kind) -> None:
    lines = [
        f"{kind.name_zh} {kind.name_en}（{kind.name}）",
        "在“填报”表第二行起每行填写一份申请；首行不要改动，带 * 的列必填。",
        "证件号码等长数字须保持为文本；不能使用公式，也不能链接其他文件。",
        "没有值的单元格留空，不要填“无”或“/”。",
    ]
    if any(field.type == "image" for field in kind.fields):
        lines.append("照片不能放在表格中：含必填照片的证照请用 NDJSON 或接口提交。")
    if not kind.holders.source:
        types = "、".join(f"{code} {NAMES[code]}" for code in kind.holders.code_types)
        lines.append(f"持证主体的证件类型填代码：{types}。")
    for row, line in enumerate(lines, start=1):
        _put(sheet, row, 1, line)
    sheet.column_dimensions["A"].width = 100


def _put(sheet: Worksheet, row: int, place: int, text: str) -> Cell:
    """Write `text` as text: what begins with ``=`` stays what it is."""
    cell: Cell = sheet.cell(row, place)
    cell.value = text
    if text:
        cell.data_type = "s"
    cell.number_format = _TEXT
    return cell


def _saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
