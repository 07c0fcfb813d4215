"""Lines of a batch file: what is read, what is one line's problem, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuance.batches.reading import MAX_LINE_BYTES, read_lines
from issuance.batches.rows import Form

LABELS = {"企业名称": "name", "住所": "address"}


def lines(content, form=Form.CSV, *, cut=None):
    size = cut or len(content) or 1
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    return list(read_lines(parts, form, LABELS))


def test_a_line_of_json_is_read_as_it_is_written():
    (line,) = lines('{"fields": {"name": "甲"}}\n'.encode(), Form.NDJSON)
    assert (line.number, line.data) == (1, {"fields": {"name": "甲"}})


def test_lines_are_counted_as_an_editor_counts_them():
    found = lines(b'\xef\xbb\xbf{"fields": {}}\r\n\n \nx\n[]\n{}', Form.NDJSON)
    assert [(line.number, line.problem) for line in found] == [
        (1, None),
        (4, "data.line.not_json"),
        (5, "data.line.not_json"),
        (6, None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_by_labels_as_spreadsheets_save_it(encoding):
    table = '企业名称,住所,holder1.name,holder1.code\r\n甲公司,"一\n二",张三,X1\r\n,,,\r\n乙,,,\r\n'
    first, second = lines(table.encode(encoding))
    assert first.data == {
        "fields": {"name": "甲公司", "address": "一\n二"},
        "holders": [{"name": "张三", "code": "X1"}],
    }
    assert (second.number, second.data) == (4, {"fields": {"name": "乙"}})


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("name,name\na,b\n", "data.line.columns"),
        ("name,\na,b\n", "data.line.columns"),
        ("name\na,b\n", "data.line.columns"),
        ("name\n" + "x" * 200_000 + "\n", "data.line.not_a_row"),
    ],
)
def test_a_row_that_cannot_be_read_is_one_problem(table, problem):
    (line,) = lines(table.encode())
    assert line.problem == problem


def test_bytes_of_no_encoding_are_one_rows_problem():
    found = lines("name\n甲\n".encode() + b"\xff\xff\n" + "乙\n".encode())
    assert [line.problem for line in found] == [None, "data.line.encoding", None]


def test_a_line_without_end_is_passed_over_in_little_memory():
    def endless():
        yield b'{"fields": {}}\n'
        for _ in range(64):
            yield b"x" * MAX_LINE_BYTES
        yield b'\n{"fields": {}}\n'

    found = list(read_lines(endless(), Form.NDJSON, {}))
    assert [line.problem for line in found] == [None, "data.line.too_long", None]


@given(st.lists(st.text(alphabet='甲乙a,"{}1\n', max_size=12), max_size=8), st.integers(1, 40))
def test_where_the_parts_are_cut_makes_no_difference(rows, cut):
    content = ("name\n" + "\n".join(rows)).encode()
    for form in Form:
        assert lines(content, form, cut=cut) == lines(content, form)


@given(st.binary(max_size=300), st.sampled_from(Form))
def test_any_bytes_give_lines(content, form):
    for line in lines(content, form):
        assert (line.data is None) == (line.problem is not None)
        json.dumps(line.data)
