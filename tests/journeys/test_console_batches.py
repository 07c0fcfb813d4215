"""Batches in the console: a file is sent, its lines are checked, another person decides."""

import io
import json
import re
import threading
from itertools import count

import pytest
from openpyxl import load_workbook

from issuance.model import load_kinds
from tests.journeys.conftest import uscc

_numbers = count(7301)
LIST = "/console/batches"
NEW = f"{LIST}/new"


@pytest.fixture
def entries(company):
    """Two good lines and one whose number fails its check digit; other ones for each test."""
    good = [{"fields": company["fields"] | {"uscc": uscc(next(_numbers))}} for _ in range(2)]
    return [good[0], {"fields": company["fields"] | {"uscc": "91650100MA7BT00030"}}, good[1]]


def file_of(entries, name="申请.ndjson"):
    content = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    return {"file": (name, content.encode(), "application/octet-stream")}


def reaches(desk, path, words):
    """Return the page of a batch once it says `words`; the worker looks every second."""
    waiting = threading.Event()
    for _ in range(300):
        page = desk.get(path)
        if words in page:
            return page
        waiting.wait(0.1)
    raise AssertionError(page)


@pytest.fixture
def sent(desk, entries):
    """The path of a batch whose lines are checked."""
    clerk = desk("market-clerk")
    chosen = {"kind": "business_licence"}
    path = clerk.done(NEW, LIST, chosen, file_of(entries)).partition("?")[0]
    reaches(clerk, path, "待审核")
    return path


def test_a_file_becomes_licences_and_its_bad_line_comes_back(home, desk, sent):
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    page = clerk.get(sent)
    assert "您提交的批次须由他人审核" in page
    assert "校验位不正确" in page
    assert f"{sent}/review/approve" not in page
    assert sent in reviewer.get("/console")
    assert sent in reviewer.get(LIST)
    approve = f"{sent}/review/approve"
    assert "2 行" in reviewer.get(approve)
    reviewer.done(approve, approve)
    page = reaches(clerk, sent, "已完成")
    lines = [
        json.loads(line) for line in clerk.http.get(f"{sent}/result.ndjson").text.split("\n")[:3]
    ]
    assert [line["state"] for line in lines] == ["minted", "refused", "minted"]
    document = home.file({"id": lines[0]["licence_id"]})
    assert home.verify(document)["verdict"] == "valid"
    workbook = load_workbook(io.BytesIO(clerk.http.get(f"{sent}/errors.xlsx").content))
    assert workbook.active.max_row == 2
    assert "2" in clerk.http.get(f"{sent}/errors.csv").text
    told = clerk.http.get(f"{sent}/progress").json()
    assert (told["minted"], told["refused"], told["moving"]) == (2, 1, False)


def test_a_batch_is_rejected_with_a_reason_only(desk, sent):
    reviewer = desk("market-reviewer")
    reject = f"{sent}/review/reject"
    answer = reviewer.send(reject, reject, {"reason": ""})
    assert answer.status_code == 422
    assert "理由" in answer.text
    reviewer.done(reject, reject, {"reason": "名单有误"})
    assert "名单有误" in reviewer.get(sent)
    assert desk("market-reviewer").http.get(f"{sent}/review/return").status_code == 404


def test_who_sent_it_does_not_decide_and_who_decides_does_not_send(desk, sent, entries):
    clerk, reviewer = desk("market-clerk"), desk("market-reviewer")
    assert clerk.http.get(f"{sent}/review/approve").status_code == 403
    assert reviewer.http.get(NEW).status_code == 403
    assert desk("land-clerk").http.get(sent).status_code == 404
    assert desk("land-clerk").http.get(f"{sent}/result.ndjson").status_code == 404


def test_the_same_page_sent_twice_is_one_batch(desk, entries):
    clerk = desk("market-clerk")
    form = clerk.forms(NEW)[LIST] | {"kind": "business_licence"}
    answers = [clerk.http.post(LIST, data=form, files=file_of(entries)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]


@pytest.mark.parametrize(
    ("chosen", "files", "status", "words"),
    [
        ({"kind": "business_licence"}, None, 415, "格式"),
        (
            {"kind": "business_licence"},
            {"file": ("申请.zip", b"PK", "application/zip")},
            415,
            "格式",
        ),
        ({"kind": "nothing"}, {"file": ("a.csv", b"x", "text/csv")}, 422, "证照类型"),
        (
            {"kind": "business_licence", "forms": "paper"},
            {"file": ("a.csv", b"x", "text/csv")},
            422,
            "",
        ),
        ({"kind": "business_licence", "_key": "%"}, {"file": ("a.csv", b"x", "text/csv")}, 422, ""),
    ],
)
def test_what_cannot_be_taken_is_said_on_the_form(desk, chosen, files, status, words):
    answer = desk("market-clerk").send(NEW, LIST, chosen, files)
    assert answer.status_code == status
    assert words in answer.text
    assert re.search(r'<input type="file"', answer.text)


def test_the_template_is_the_one_of_the_kind(desk):
    content = desk("market-clerk").http.get(f"{LIST}/template/business_licence.xlsx").content
    kind = load_kinds()["business_licence"]
    head = [cell.value for cell in load_workbook(io.BytesIO(content)).active[1]]
    assert any(kind.fields[0].label_zh in str(value) for value in head)
    assert desk("market-clerk").http.get(f"{LIST}/template/nothing.xlsx").status_code == 422


def test_nobody_sends_without_signing_in(stranger, entries):
    answer = stranger.http.post(LIST, data={"kind": "business_licence"}, files=file_of(entries))
    assert answer.status_code == 303
    assert "/console/sign-in" in answer.headers["location"]
    assert (
        stranger.http.get(f"{LIST}/B0/result.ndjson")
        .headers["location"]
        .startswith("/console/sign-in")
    )
