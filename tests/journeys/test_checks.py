"""Checks without certificates: answers, refusals, and what the receipt holds."""

import base64

import pytest

from sealkit.receipt import parse_receipt


@pytest.fixture
def question(home, company):
    home.mint(company)
    return {
        "item": "company_address_change",
        "holder": company["holders"][0],
        "case_number": f"CASE-{company['holders'][0]['code'][-5:]}",
        "operator": "陈静",
        "signed_form": "窗口授权单",
    }


def test_a_holder_meets_the_item_and_a_repeated_question_is_answered_alike(home, question):
    officer = home.client("case-officer")
    first = officer.post("/v1/checks", question).json
    assert first["outcome"] == "met"
    assert officer.post("/v1/checks", question).json == first


def test_the_receipt_verifies_with_the_published_key_and_holds_nobody(home, question):
    answer = home.client("case-officer").post("/v1/checks", question).json
    trust = home.context.trust.store()
    keys = [trust.certificate(der).sm2_key for der in trust.region("650000").receipt_signers]
    receipt = parse_receipt(answer["receipt"], keys, at=home.context.now())
    assert (receipt.answer, receipt.case_number) == ("met", question["case_number"])
    payload = answer["receipt"].split(".")[1]
    plain = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    for personal in (question["holder"]["name"], question["holder"]["code"], "陈静"):
        assert personal not in plain


def test_somebody_without_the_licence_does_not_meet_it(home, question):
    stranger = {"name": "无照有限公司", "code": "91650100MA7DEMQ2XX", "code_type": "001"}
    asked = question | {"holder": stranger, "case_number": question["case_number"] + "-2"}
    assert home.client("case-officer").post("/v1/checks", asked).json["outcome"] == "not_met"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"fields": ["legal_rep"]}, 403, "verification.over_asking"),
        ({"signed_form": None}, 422, "verification.consent_missing"),
        ({"item": "no_such_item"}, 404, "verification.unknown_item"),
    ],
)
def test_a_question_that_may_not_be_asked_is_refused(home, question, change, status, code):
    answer = home.ask("case-officer", "POST", "/v1/checks", question | change)
    home.refused(status, code, answer)
    plain = home.ask("", "POST", "/v1/checks", question)
    assert plain.status == 401


def test_a_clerk_may_not_ask(home, question):
    answer = home.ask("market-clerk", "POST", "/v1/checks", question)
    home.refused(403, "verification.not_entitled", answer)
