"""An objection from the claim to the corrected edition, and who learns of it."""

from issuance import notices
from sealkit.record import Holder

RIGHT = "新疆乌鲁木齐市天山区更正路9号"


def ask(home, company, case):
    question = {
        "item": "company_address_change",
        "holder": company["holders"][0],
        "case_number": case,
        "operator": "陈静",
        "signed_form": f"授权 {case}",
    }
    return home.client("case-officer").post("/v1/checks", question).json


def test_a_wrong_field_is_corrected_and_whoever_relied_on_it_is_told(home, neighbour, company):
    holder = Holder(**company["holders"][0])
    home.add_holder("objecting-holder", holder)
    licence = home.mint(company)
    old = home.file(licence)
    assert ask(home, company, "OBJ-1")["outcome"] == "met"
    claim = {
        "type": "WRONG",
        "capacity": "holder",
        "items": [{"field": "premises", "claimed_value": RIGHT}],
        "statement": "住所有误。",
    }
    lodged = home.client("objecting-holder").post(f"/v1/licences/{licence['id']}/objections", claim)
    place = f"/v1/objections/{lodged.json['id']}"
    home.client("market-clerk").post(f"{place}/accept")
    report = home.verify(old)
    assert report["verdict"] == "valid"
    assert any("disputed" in finding["code"] for finding in report["findings"])

    decision = {"outcome": "upheld", "reasons": "经核对，住所有误。"}
    for involved in ("market-clerk", "market-reviewer"):
        assert home.ask(involved, "POST", f"{place}/decide", decision).status == 403
    home.client("market-decider").post(f"{place}/decide", decision)
    corrected = home.client("market-clerk").post(f"{place}/correct").json
    assert corrected["edition"] == 2
    neighbour.context.status.forget()
    for region in (home, neighbour):
        report = region.verify(old)
        assert report["verdict"] == "invalid"
        assert any("superseded" in finding["code"] for finding in report["findings"])
        assert region.verify(home.file(corrected))["verdict"] == "valid"
    with home.context.database.reading() as session:
        officer = home.context.region.departments["market"].code
        events = {notice.event for notice in notices.notices_for(session, officer)}
    assert "licence.corrected" in events
