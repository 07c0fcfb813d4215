"""A licence shown in person, a report for the file, and an old system: over HTTP only."""

import base64
import json

import pytest

from sealkit.record import Holder
from verification.bundle import SCHEMA

from .conftest import example, uscc


@pytest.fixture(scope="module")
def shown(regions):
    """A company, its licence and its account."""
    home = regions[0]
    code = uscc(7711)
    company = Holder("亮证旅程有限公司", code, "001")
    application = example("business_licence")
    application["holders"] = [{"name": company.name, "code": code, "code_type": "001"}]
    application["fields"] |= {"uscc": code, "org_name": company.name}
    licence = home.mint(application)
    home.add_holder("shown-holder", company)
    return licence["id"], company


def open_code(home, licence):
    opened = home.ask("shown-holder", "POST", "/v1/presentations", {"licence": licence})
    assert opened.status == 201, opened.content
    return opened.json


def scan(home, code, **changes):
    body = {"code": code, "fields": ["number", "org_name"], "purpose": "签约", "operator": "窗口1"}
    return home.ask("case-officer", "POST", "/v1/presentations/scan", body | changes)


def test_shown_scanned_agreed_read_and_in_the_holders_log(home, shown):
    licence, company = shown
    opened = open_code(home, licence)
    phone = {"licence": licence, "reference": opened["reference"]}
    again = home.ask("shown-holder", "POST", "/v1/presentations:phone", phone).json
    assert again["state"] == "shown"
    assert again["asked"] is None
    begun = scan(home, again["code"]).json
    assert company.name not in str(begun)
    asked = home.ask("shown-holder", "POST", "/v1/presentations:phone", phone).json["asked"]
    assert (asked["purpose"], sorted(asked["fields"])) == ("签约", ["number", "org_name"])
    transaction = {"transaction": begun["transaction"]}
    home.refused(
        409,
        "presentation.not_agreed",
        home.ask("case-officer", "POST", "/v1/presentations:read", transaction),
    )
    agreed = phone | {"fields": ["org_name"]}
    assert (
        home.ask("shown-holder", "POST", "/v1/presentations:agree", agreed).json["state"]
        == "agreed"
    )
    state = home.ask("case-officer", "POST", "/v1/presentations:state", transaction).json
    assert state["state"] == "agreed"
    read = home.ask("case-officer", "POST", "/v1/presentations:read", transaction).json
    assert read["verdict"] == "valid"
    assert {name: field["value"] for name, field in read["fields"].items()} == {
        "org_name": company.name
    }
    (use,) = home.ask("shown-holder", "GET", "/v1/uses").json
    assert (use["item_zh"], use["fields"]) == ("当面亮证", "org_name")


def test_each_way_a_code_fails_is_told_apart(home, shown):
    licence, _ = shown
    first, second = open_code(home, licence), open_code(home, licence)
    home.refused(422, "presentation.other_session", scan(home, first["code"]))
    assert scan(home, second["code"]).status == 201
    home.refused(409, "presentation.already_used", scan(home, second["code"]))
    home.refused(422, "presentation.forged", scan(home, "YXP1:" + "A" * 61))
    third = open_code(home, licence)
    problem = home.refused(
        422, "presentation.field_unknown", scan(home, third["code"], fields=["shoe_size"])
    )
    assert "org_name" in problem["detail"]["fields"]
    phone = {"licence": licence, "reference": third["reference"]}
    scan(home, third["code"])
    refused = home.ask("shown-holder", "POST", "/v1/presentations:refuse", phone)
    assert refused.json["state"] == "refused"
    home.refused(
        404,
        "presentation.licence_unknown",
        home.ask("company-holder", "POST", "/v1/presentations", {"licence": licence}),
    )


def test_a_report_is_had_in_every_form_and_says_the_same(home, shown):
    licence, _ = shown
    document = home.file({"id": licence})

    def report(query, accept="*/*"):
        answer = home.client().upload(f"/v1/verify?{query}", document)
        assert answer.status == 200, accept
        return answer.content

    assert json.loads(report("form=json&detail=true"))["rules"][0]["outcome"] == "passed"
    assert "有效" in report("form=html").decode()
    assert report("form=pdf&signed=true").startswith(b"%PDF")
    assert report("form=jws").count(b".") == 2
    bundle = home.client().get("/v1/trust/bundle.json").json
    assert bundle["schema"] == SCHEMA


def test_an_old_system_searches_retrieves_and_verifies(home, shown):
    licence, company = shown
    cause = {
        "certificateSystemName": "审批系统",
        "orgName": "示例市市场监督管理局",
        "username": "窗口1",
        "itemCode": "company_address_change",
        "itemName": "变更地址",
        "businessCode": "OLD-1",
        "certificateCopyCause": "办理变更",
        "statutoryBasis": "《行政许可法》第三十条",
    }
    data = {
        "holderName": company.name,
        "holderCode": company.code,
        "holderTypeCode": "001",
        "certTypeCode": "11100000MB0143028R001",
        "useCause": cause,
    }

    def ask(name, data, account="case-officer"):
        return home.ask(account, "POST", f"/v1/sharing/{name}", {"data": data})

    (found,) = ask("queryCertInfoByHolderCode", data | {"original": True}).json["data"]
    assert found["certificateIdentifier"] == licence
    (kept,) = home.ask("shown-holder", "GET", "/v1/sharing/auth-codes").json
    code = {"authCode": found["authCode"], "username": "窗口1"}
    file = ask("downloadFile", code).json["data"]
    assert base64.b64decode(file["fileContent"]) == home.file({"id": licence})
    home.refused(409, "sharing.use_code_spent", ask("queryCertInfo", code))
    assert ask("verifyFile", {"fileContent": file["fileContent"]}).json["data"]["result"] == 0
    checked = {
        "certTypeCode": data["certTypeCode"],
        "certNo": company.code,
        "holder": company.name,
        "holderCode": company.code,
        "holderTypeCode": "001",
    }
    assert ask("verifyCertInfo", checked).json["data"]["result"] == 0
    withdrawn = home.ask("shown-holder", "POST", f"/v1/sharing/auth-codes/{kept['id']}/withdraw")
    assert withdrawn.json["withdrawn_at"]
    nobody = data | {"holderCode": "91650100MA99999999"}
    assert ask("queryCertInfoByHolderCode", nobody).json["head"]["status"] == 10
    plain = data | {"original": False}
    (another,) = ask("queryCertInfoByHolderCode", plain).json["data"]
    fetched = ask("queryCertInfo", {"authCode": another["authCode"], "username": "窗口1"}).json
    assert fetched["data"]["state"] == "active"
