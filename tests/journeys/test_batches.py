"""A department sends a file of applications, a colleague approves it, the licences exist."""

import io
import json
import threading

import pytest
from openpyxl import load_workbook

from issuance.batches import receiving
from issuance.batches.sheets import columns_of
from issuance.model import load_kinds
from tests.journeys.conftest import uscc

TYPE = "application/x-ndjson"
SEND = "/v1/batches?kind=business_licence"


@pytest.fixture
def entries(company):
    """Three good lines and one whose number fails its check digit."""
    found = []
    for number in range(9001, 9004):
        fields = company["fields"] | {"uscc": uscc(number)}
        found.append({"fields": fields})
    found.insert(1, {"fields": company["fields"] | {"uscc": "91650100MA7BT00030"}})
    return found


def ndjson(entries):
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()


def send(home, content, key, account="market-clerk", kind=TYPE, path=SEND):
    headers = {"Content-Type": kind, "Idempotency-Key": key}
    return home.ask(account, "POST", path, content, **headers)


def reaches(home, batch_id, state):
    """Return the batch once it is in `state`; the worker looks every second."""
    waiting = threading.Event()
    for _ in range(300):
        batch = home.ask("market-clerk", "GET", f"/v1/batches/{batch_id}").json
        if batch["state"] == state:
            return batch
        waiting.wait(0.1)
    raise AssertionError(batch)


def test_a_file_of_applications_becomes_licences(home, entries):
    content = ndjson(entries)
    sent = send(home, content, "journey-batch-1")
    assert sent.status == 202
    batch_id = sent.json["batch_id"]
    assert send(home, content, "journey-batch-1").json["batch_id"] == batch_id
    checked = reaches(home, batch_id, "checked")
    assert (checked["ready"], checked["refused"]) == (3, 1)
    path = f"/v1/batches/{batch_id}"
    refused = home.ask("market-clerk", "POST", f"{path}/review", {"decision": "approve"})
    assert refused.status == 403
    assert (
        home.ask("market-reviewer", "POST", f"{path}/review", {"decision": "approve"}).status == 200
    )
    finished = reaches(home, batch_id, "finished")
    failed = home.ask("market-clerk", "GET", f"{path}/lines?state=failed").json
    assert (finished["minted"], failed) == (3, [])
    (bad,) = home.ask("market-clerk", "GET", f"{path}/lines?state=refused").json
    assert bad["line"] == 2 and bad["problems"][0]["field"] == "uscc"
    for line in home.ask("market-clerk", "GET", f"{path}/lines?state=minted").json:
        assert home.verify(home.file({"id": line["licence_id"]}))["verdict"] == "valid"


def test_a_file_that_nobody_may_send_is_refused_with_one_sentence(home, entries):
    content = ndjson(entries)
    home.refused(401, "issuance.identity.required", send(home, content, "journey-batch-2", ""))
    home.refused(
        403, "issuance.not_entitled", send(home, content, "journey-batch-2", "market-reviewer")
    )
    home.refused(
        422,
        "issuance.kind.unknown",
        send(home, content, "journey-batch-2", path="/v1/batches?kind=nothing"),
    )
    home.refused(
        415,
        "request.media_type",
        send(home, content, "journey-batch-2", kind="application/zip"),
    )
    home.refused(404, "issuance.batch.unknown", home.ask("market-clerk", "GET", "/v1/batches/B0"))


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_department_fills_in_our_workbook_and_mends_the_one_that_comes_back(home, company):
    clerk = home.client("market-clerk")
    template = clerk.call("GET", "/v1/kinds/business_licence/template.xlsx")
    book = load_workbook(io.BytesIO(template.content))
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    columns = dict(zip(columns_of(load_kinds()["business_licence"]), headings, strict=True))
    assert list(columns.values()) == headings
    for row, number in enumerate((uscc(9101), "91650100MA7BT00030", uscc(9102)), start=2):
        fields = company["fields"] | {"uscc": number}
        for place, name in enumerate(columns, start=1):
            sheet.cell(row, place).value = fields.get(name)
    sent = send(home, saved(book), "journey-workbook-1", kind=WORKBOOK)
    assert sent.status == 202, sent.content
    path = f"/v1/batches/{sent.json['batch_id']}"
    checked = reaches(home, sent.json["batch_id"], "checked")
    assert (checked["ready"], checked["refused"]) == (2, 1)
    table = clerk.call("GET", f"{path}/errors.csv").content.decode("utf-8-sig").splitlines()
    assert table[1].startswith("3,uscc,统一社会信用代码,")
    returned = load_workbook(io.BytesIO(clerk.call("GET", f"{path}/errors.xlsx").content))
    rows = returned.worksheets[0]
    assert rows.cell(2, len(headings) + 1).value.startswith("原第 3 行")
    rows.cell(2, headings.index(columns["uscc"]) + 1).value = uscc(9103)
    again = send(home, saved(returned), "journey-workbook-2", kind=WORKBOOK)
    assert reaches(home, again.json["batch_id"], "checked")["ready"] == 1
    home.refused(
        404, "issuance.batch.unknown", home.ask("land-clerk", "GET", f"{path}/errors.xlsx")
    )


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_department_with_too_much_under_way_is_told_when_to_come_back(home, entries, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_MOVING", 0)
    answer = send(home, ndjson(entries), "journey-batch-full")
    home.refused(429, "issuance.batch.too_many", answer)
