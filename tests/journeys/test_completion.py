"""An application is returned with a reason for each field, completed, and its papers kept safe."""

import json
import re
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select

from issuance.tables import application_attachments
from yinxin.demonstration.setting_up import SECRET

PAPER = b"%PDF-1.7\n%made up\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def attach(home, place, content, name="合同.pdf", account="market-clerk"):
    boundary = "journey"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode()
    body = head + content + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return home.ask(account, "POST", f"{place}/attachments", body, **kind)


def given(home, path):
    """Return content and headers of an answer to the reviewer."""
    form = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": "market-reviewer",
            "client_secret": SECRET,
        }
    ).encode()
    with urlopen(f"{home.address}/oauth/token", form) as answer:
        token = json.load(answer)["access_token"]
    asked = Request(home.address + path, headers={"Authorization": f"Bearer {token}"})
    with urlopen(asked) as answer:
        return answer.read(), answer.headers


def test_an_application_is_returned_completed_and_minted(home, company):
    place = home.apply(company)
    review = {"decision": "return", "remarks": {"premises": "请写明房号", "holders": "请核对"}}
    returned = home.ask("market-reviewer", "POST", f"{place}/review", review)
    assert (returned.status, returned.json["state"]) == (200, "returned")
    shown = home.ask("market-clerk", "GET", place).json
    assert [(r["round"], r["field"], r["reason"]) for r in shown["remarks"]] == [
        (1, "holders", "请核对"),
        (1, "premises", "请写明房号"),
    ]
    minted = home.ask("market-clerk", "POST", f"{place}/mint")
    assert minted.status == 409
    company["fields"]["premises"] = "新疆乌鲁木齐市天山区示例路88号1501室"
    body = {"holders": company["holders"], "fields": company["fields"]}
    for _ in range(2):
        completed = home.ask("market-clerk", "PUT", place, body)
        assert (completed.status, completed.json["state"]) == (200, "submitted"), completed.content
    assert home.ask("market-clerk", "GET", place).json["fields"]["premises"].endswith("1501室")
    own = home.ask("market-clerk", "POST", f"{place}/review", {"decision": "approve"})
    assert own.status == 403
    home.client("market-reviewer").post(f"{place}/review", {"decision": "approve"})
    licence = home.client("market-clerk").post(f"{place}/mint").json
    assert home.verify(home.file(licence))["verdict"] == "valid"


def test_what_is_not_returned_is_not_completed_and_a_remark_names_a_field(home, company):
    place = home.apply(company)
    body = {"holders": company["holders"], "fields": company["fields"]}
    home.refused(409, "issuance.transition", home.ask("market-clerk", "PUT", place, body))
    nowhere = {"decision": "return", "remarks": {"colour": "x"}}
    assert home.ask("market-reviewer", "POST", f"{place}/review", nowhere).status == 422
    nothing = {"decision": "return"}
    assert home.ask("market-reviewer", "POST", f"{place}/review", nothing).status == 422
    home.refused(404, "issuance.application.unknown", home.ask("land-clerk", "PUT", place, body))


def test_a_paper_is_kept_sealed_listed_by_digest_and_given_to_be_stored(home, company):
    place = home.apply(company)
    added = attach(home, place, PAPER, name="../../etc/合同.pdf")
    assert added.status == 201, added.content
    assert (added.json["name"], added.json["type"], added.json["size"]) == (
        "合同.pdf",
        "pdf",
        len(PAPER),
    )
    assert re.fullmatch("[0-9a-f]{64}", added.json["sm3"])
    assert attach(home, place, PAPER, name="again.pdf").json["id"] == added.json["id"]
    (listed,) = home.ask("market-reviewer", "GET", f"{place}/attachments").json
    assert listed == added.json
    content, headers = given(home, f"{place}/attachments/{listed['id']}")
    assert content == PAPER
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == f'attachment; filename="{listed["id"]}.pdf"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    with home.context.database.reading() as session:
        row = session.execute(
            select(application_attachments).where(application_attachments.c.id == listed["id"])
        ).one()
    stored = home.context.files.get(f"attachments/{row.application_id}/{row.id}")
    assert PAPER not in stored and b"made up" not in stored
    assert "合同".encode() not in row.sealed_name
    home.refused(
        404,
        "issuance.application.unknown",
        home.ask("land-clerk", "GET", f"{place}/attachments/{listed['id']}"),
    )


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00", b"<html>", b"PK\x03\x04"])
def test_a_paper_of_another_type_is_refused_by_its_content(home, company, content):
    place = home.apply(company)
    home.refused(415, "issuance.attachment.type", attach(home, place, content))


def test_a_decided_application_takes_no_more_papers(home, company):
    place = home.apply(company)
    home.client("market-reviewer").post(f"{place}/review", {"decision": "approve"})
    home.refused(409, "issuance.transition", attach(home, place, PAPER))
