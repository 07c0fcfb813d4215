"""A department keeps its seal: rules, approvals, uses, reconciliation, a whole life, an import.

A test that adopts a rule adopts one without limits at its end, so that no other meets it.
"""

import base64
import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from sealkit.asn1.ses import SealInfo, SealPicture, build_seal, parse_seal
from sealkit.sm import sm3
from tests.conformance.ofd_builder import PICTURE
from yinxin.cli import main

KEEPER, SECOND, THIRD = "market-keeper", "market-keeper-2", "market-keeper-3"
UYGHUR = "ئۈلگە شەھەرلىك بازار باشقۇرۇش ئىدارىسى"


@pytest.fixture
def seal(home):
    """The department's business seal; any policy that a test adopts ends with it."""
    listed = home.client(KEEPER).get("/v1/seals").json
    found = next(entry for entry in listed if entry["type"] == 6 and entry["state"] == "active")
    place = f"/v1/seals/{found['id']}"
    yield place
    if home.client(KEEPER).get(f"{place}/policies").json:
        adopt(home, place)


def adopt(home, place, **terms):
    proposed = home.client(KEEPER).post(f"{place}/policies", {"reason": "内控要求", **terms}).json
    version = f"{place}/policies/{proposed['version']}"
    alone = home.ask(KEEPER, "POST", f"{version}/adopt")
    home.refused(403, "issuance.separation_of_duties", alone)
    return home.client(SECOND).post(f"{version}/adopt").json


def approved(home, company):
    place = home.apply(company)
    home.client("market-reviewer").post(f"{place}/review", {"decision": "approve"})
    return f"{place}/mint"


def test_each_use_is_asked_for_approved_by_a_keeper_and_seen_by_the_owner(home, seal, company):
    assert adopt(home, seal, approval="person")["in_force"]
    mint = approved(home, company)
    told = home.refused(
        409, "issuance.seal.approval_needed", home.ask("market-clerk", "POST", mint)
    )
    assert told["detail"]["refusal"] == "seal.refusal.approval"
    (request,) = home.client(KEEPER).get(f"{seal}/requests").json
    chosen = {"requests": [request["id"]]}
    declined = home.client(KEEPER).post(f"{seal}/requests/decline", chosen | {"reasons": "待核实"})
    assert declined.json[0]["state"] == "declined"
    told = home.refused(409, "issuance.seal.not_usable", home.ask("market-clerk", "POST", mint))
    assert "待核实" in told["detail"]["reason_zh"]
    home.client(KEEPER).post(f"{seal}/requests/approve", chosen)
    licence = home.client("market-clerk").post(mint).json
    page = home.client("auditor").get(f"{seal}/uses?limit=1000").json
    use = next(entry for entry in page["uses"] if entry["request_id"] == request["id"])
    assert use["document_digest"] == sm3.digest(home.file(licence)).hex()
    assert (use["operator"], use["approver"]) == ("market-clerk", KEEPER)
    assert home.verify(home.file(licence))["verdict"] == "valid"


def test_a_rule_that_refuses_says_why_and_the_plan_goes_on_under_the_next(home, seal, company):
    adopt(home, seal, daily_limit=0)
    mint = approved(home, company)
    told = home.refused(409, "issuance.seal.not_usable", home.ask("market-clerk", "POST", mint))
    assert told["detail"]["refusal"] == "seal.refusal.daily_limit"
    adopt(
        home,
        seal,
        windows=[{"weekdays": [1, 2, 3, 4, 5, 6, 7], "opens": "00:00", "closes": "24:00"}],
    )
    assert home.client("market-clerk").post(mint).json["state"] == "active"
    versions = home.client(KEEPER).get(f"{seal}/policies").json
    assert [entry["in_force"] for entry in versions].count(True) == 1
    assert versions[0]["terms"]["windows"][0]["closes"] == "24:00"


def test_uses_are_paged_and_agree_with_the_files(home, seal, company, monkeypatch):
    home.mint(company)
    seen, after = [], ""
    while after is not None:
        page = home.client(KEEPER).get(f"{seal}/uses?limit=2{after and f'&after={after}'}").json
        seen += [use["id"] for use in page["uses"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == page["total"]
    report = home.client(KEEPER).get("/v1/seals/reconciliation").json
    assert (report["agrees"], report["named"]) == (True, [])
    assert report["uses"] >= report["documents"] > 0
    monkeypatch.setenv("YINXIN_DATA_DIRECTORY", str(home.context.settings.data_directory))
    monkeypatch.setenv("YINXIN_REGION", home.context.settings.region)
    done = CliRunner().invoke(main, ["seals", "reconcile", "--json"])
    lines = [json.loads(line) for line in done.output.splitlines() if line.startswith("{")]
    assert done.exit_code == 0, done.output
    assert {line["issuer_code"] for line in lines} == set(home.context.issuance.departments)
    assert all(line["agrees"] for line in lines)


def test_a_seal_lives_through_three_persons_and_ends_with_a_reason(home):
    wish = {
        "type": 7,
        "label": "登记注册科",
        "second_name": UYGHUR,
        "police_number": "6501000012345",
    }
    applied = home.client(KEEPER).post("/v1/seals", wish).json
    place = f"/v1/seals/{applied['id']}"
    alone = home.ask(KEEPER, "POST", f"{place}/review")
    home.refused(403, "issuance.separation_of_duties", alone)
    home.client(SECOND).post(f"{place}/review")
    home.client(THIRD).post(f"{place}/make")
    assert home.client(SECOND).post(f"{place}/file").json["state"] == "active"
    picture = home.client(KEEPER).get(f"{place}/picture").content
    assert picture.startswith(b"\x89PNG")
    frozen = home.client(KEEPER).post(f"{place}/freeze", {"reason": "核查"}).json
    assert (frozen["state"], frozen["state_zh"], frozen["reason"]) == ("frozen", "已冻结", "核查")
    home.refused(
        409, "issuance.transition", home.ask(KEEPER, "POST", f"{place}/freeze", {"reason": "x"})
    )
    home.client(KEEPER).post(f"{place}/unfreeze", {"reason": "核查完毕"})
    ended = (
        home.client(KEEPER).post(f"{place}/cancel", {"cause": "replaced", "reason": "换章"}).json
    )
    assert ended["state"] == "cancelled"
    again = home.client(KEEPER).post("/v1/seals", wish | {"replaces": applied["id"]}).json
    assert again["replaces"] == applied["id"]
    rejected = home.client(SECOND).post(f"/v1/seals/{again['id']}/reject", {"reason": "暂不需要"})
    assert rejected.json["state"] == "cancelled"


def test_a_seal_of_another_region_is_imported_with_its_findings_and_not_used(home, neighbour):
    keystore = neighbour.context.keystore
    signer = next(name for name in keystore.names() if name.startswith("seal_signer"))
    now = home.context.now().replace(microsecond=0)
    der = build_seal(
        SealInfo(
            seal_id="44000020261123",
            name="邻省某局专用章",
            type=6,
            vendor_id="NEIGHBOUR",
            certificates=(keystore.certificate(signer).der,),
            created_at=now,
            valid_from=now,
            valid_until=now + timedelta(days=30),
            picture=SealPicture("PNG", PICTURE, 42, 42),
        ),
        keystore.signer("seal_maker"),
    )
    raw = {"Content-Type": "application/octet-stream"}
    answer = home.ask(KEEPER, "POST", "/v1/seals/import", base64.b64encode(der), **raw)
    assert answer.status == 201, answer.content
    codes = {finding["code"] for finding in answer.json["findings"]}
    assert "import.key_not_ours" in codes
    assert all(finding["zh"] and finding["en"] for finding in answer.json["findings"])
    assert (answer.json["origin"], answer.json["has_key"]) == ("imported", False)
    assert answer.json["id"] == parse_seal(der).info.seal_id
    place = f"/v1/seals/{answer.json['id']}"
    home.refused(422, "issuance.seal.invalid", home.ask(SECOND, "POST", f"{place}/file"))
    twice = home.ask(KEEPER, "POST", "/v1/seals/import", der, **raw)
    home.refused(422, "issuance.seal.invalid", twice)


@pytest.mark.parametrize("content", [b"", b"\x30\x82\xff\xff", b"not a seal", b"\x00" * 4000])
def test_what_is_no_seal_is_one_problem(home, content):
    raw = {"Content-Type": "application/octet-stream"}
    answer = home.ask(KEEPER, "POST", "/v1/seals/import", content, **raw)
    home.refused(422, "issuance.seal.invalid", answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/seals"), ("GET", "/v1/seals/reconciliation"), ("POST", "/v1/seals")],
)
def test_whoever_keeps_no_seals_is_refused(home, method, path):
    home.refused(401, "issuance.identity.required", home.ask("", method, path))
    home.refused(403, "issuance.not_entitled", home.ask("market-clerk", method, path))


def test_another_departments_seal_does_not_exist_for_others(home, seal):
    answer = home.ask("land-clerk", "GET", f"{seal}/uses")
    home.refused(403, "issuance.not_entitled", answer)
    home.refused(404, "issuance.seal.unknown", home.ask(KEEPER, "GET", "/v1/seals/DZYZ-none/uses"))


@pytest.mark.parametrize(
    ("since", "status", "code"),
    [
        ("2026-11-01T08:00:00", 422, "request.invalid"),
        ("2126-11-01T08:00:00Z", 422, "ca.revocation.date"),
    ],
)
def test_a_key_is_lost_at_a_time_that_can_be(home, seal, since, status, code):
    loss = {"reason": "遗失", "lost_since": since}
    home.refused(status, code, home.ask(KEEPER, "POST", f"{seal}/lost-key", loss))
    assert home.client(KEEPER).get(seal).json["state"] == "active"


def test_the_loss_of_a_key_that_nobody_here_has_is_not_reported(home):
    answer = home.ask(KEEPER, "POST", "/v1/seals/DZYZ-none/lost-key", {"reason": "遗失"})
    home.refused(404, "issuance.seal.unknown", answer)
