"""The routes over HTTP, with a roof of a few lines: session, caller and instant per request."""

from datetime import date, timedelta

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from issuance import routes
from issuance.errors import IssuanceError
from issuance.status_lists.days import freeze_due_days
from sealkit.formats.code import cose
from sealkit.status_day import day_entry, parse_day
from sealkit.status_delta import parse_delta
from sealkit.status_list import parse_token
from sealkit.status_list_jwt import read_jwt
from sealkit.tlog_proof import parse_tlog_proof
from tests.issuance.world import AT, CIVIL, actor, clerk, decider, example, reviewer

PEOPLE = {
    "clerk": clerk(),
    "reviewer": reviewer(),
    "decider": decider(),
    "auditor": actor("auditor", "auditor"),
    "civil": clerk(CIVIL),
}


@pytest.fixture
def client(world):
    app = FastAPI()
    app.state.issuance = world.services

    @app.middleware("http")
    async def transaction(request: Request, call_next):
        with world.writing() as session:
            request.state.session = session
            request.state.at = AT
            request.state.actor = PEOPLE.get(request.headers.get("X-Caller", ""))
            return await call_next(request)

    @app.exception_handler(IssuanceError)
    async def refused(_request, error):
        fields = sorted({problem.field for problem in getattr(error, "problems", ())})
        return JSONResponse({"code": error.code, "fields": fields}, 400)

    app.include_router(routes.router)
    return TestClient(app)


def call(client, method, path, caller=None, **named):
    headers = named.pop("headers", {}) | ({"X-Caller": caller} if caller else {})
    return client.request(method, path, headers=headers, **named)


def post(client, path, caller, members=None, **headers):
    return call(client, "POST", path, caller, json=members or {}, headers=headers)


def application(client, key="key-00000001", **changes):
    body = {"kind": "business_licence", **example("business_licence")} | changes
    return post(client, "/v1/applications", "clerk", body, **{"Idempotency-Key": key})


@pytest.fixture
def licence(client):
    answer = application(client)
    assert answer.status_code == 201, answer.text
    path = answer.headers["Location"]
    assert path == f"/v1/applications/{answer.json()['id']}"
    reviewed = post(client, f"{path}/review", "reviewer", {"decision": "approve"})
    assert reviewed.json()["state"] == "approved"
    minted = post(client, f"{path}/mint", "clerk")
    assert minted.status_code == 201, minted.text
    assert minted.headers["Location"] == f"/v1/licences/{minted.json()['id']}"
    assert call(client, "GET", path, "clerk").json()["licence_id"] == minted.json()["id"]
    return minted.json()


def test_from_application_to_files(client, licence):
    assert licence["state"] == "active"
    assert set(licence["files"]) == {"ofd", "pdf", "code.txt", "code.png", "proof"}
    shown = call(client, "GET", f"/v1/licences/{licence['id']}", "clerk").json()
    assert shown["fields"]["org_name"] == "天山云创数字科技有限公司"
    assert [step["step"] for step in shown["events"]] == ["seal", "log", "publish"]
    begins = {"ofd": b"PK", "pdf": b"%PDF", "code.txt": b"CL1:", "code.png": b"\x89PNG"}
    for form, start in begins.items():
        answer = call(client, "GET", licence["files"][form], "clerk")
        assert answer.content.startswith(start)
        assert answer.headers["content-type"].startswith(routes.MEDIA_TYPES[form])
        assert licence["id"] in answer.headers["content-disposition"]


def test_the_status_list_is_for_everyone_and_cacheable(client, licence):
    uri = licence["status"]["uri"]
    answer = client.get(uri.removeprefix("https://yinxin.example.cn"))
    assert answer.headers["content-type"] == "application/statuslist+cwt"
    assert "public" in answer.headers["cache-control"]
    token = parse_token(answer.content)
    assert token.uri == uri
    assert token.statuses.get(licence["status"]["index"]) == 0
    assert client.get("/v1/status-lists/nothing").json()["code"] == "issuance.status_list.unknown"


def test_the_status_list_is_had_as_jwt_by_accept_or_by_name(client, world, licence):
    path = licence["status"]["uri"].removeprefix("https://yinxin.example.cn")
    by_accept = client.get(path, headers={"Accept": "application/statuslist+jwt"})
    by_name = client.get(path + ".jwt")
    keys = [cose.key_of(world.services.keys.signer("status_signer"))]
    for answer in (by_accept, by_name):
        assert answer.headers["content-type"] == "application/statuslist+jwt"
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert read_jwt(answer.text, keys, at=AT).uri == licence["status"]["uri"]
    both = "application/statuslist+jwt, application/statuslist+cwt"
    for headers, name in (({}, path), ({"Accept": both}, path), ({}, path + ".cwt")):
        assert parse_token(client.get(name, headers=headers).content).ttl == 600


def test_who_has_the_list_is_told_so_and_has_what_changed(client, licence):
    path = licence["status"]["uri"].removeprefix("https://yinxin.example.cn")
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    body = {"legal_basis": "《电子商务法》第十五条"}
    post(client, f"/v1/licences/{licence['id']}/suspend", "decider", body)
    token = parse_token(first.content)
    answer = client.get(f"{path}/deltas/{token.version}")
    assert answer.headers["content-type"] == "application/yinxin-statusdelta+cwt"
    delta = parse_delta(answer.content)
    assert delta.changes == {licence["status"]["index"]: 2}
    assert delta.apply(token.statuses) == parse_token(client.get(path).content).statuses
    for version in (token.version + 2, -1):
        code = client.get(f"{path}/deltas/{version}").json()["code"]
        assert code == "issuance.status_list.delta_unknown"


def test_the_frozen_list_of_a_day_is_for_everyone_and_for_ever(client, world, licence):
    path = licence["status"]["uri"].removeprefix("https://yinxin.example.cn")
    unknown = "issuance.status_list.day_unknown"
    assert client.get(f"{path}/days/2026-11-23").json()["code"] == unknown
    with world.writing() as session:
        freeze_due_days(session, world.services, at=AT + timedelta(days=1))
    day = client.get(f"{path}/days/2026-11-23")
    assert parse_day(day.content).uri == licence["status"]["uri"]
    proof = client.get(f"{path}/days/2026-11-23.proof")
    entry = day_entry(licence["status"]["uri"], date(2026, 11, 23), day.content)
    parse_tlog_proof(proof.content).verify_inclusion(entry)
    for answer in (day, proof):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    for wrong in ("2026-11-24", "yesterday", "9999-12-31"):
        assert client.get(f"{path}/days/{wrong}").json()["code"] == unknown


def test_from_objection_to_new_edition(client, licence):
    body = {
        "statement": "住所门牌号有误",
        "items": [{"field": "premises", "claimed_value": "新疆乌鲁木齐市天山区示例路89号"}],
    }
    lodged = post(client, f"/v1/licences/{licence['id']}/objections", "civil", body)
    assert lodged.status_code == 201
    path = lodged.headers["Location"]
    assert lodged.json()["due_at"].startswith("2026-11-24T16:00:00")
    assert post(client, f"{path}/accept", "clerk").json()["state"] == "accepted"
    verdict = {"outcome": "upheld", "reasons": "经核实门牌号登记有误"}
    refused = post(client, f"{path}/decide", "reviewer", verdict)
    assert refused.json()["code"] == "issuance.separation_of_duties"
    assert post(client, f"{path}/decide", "decider", verdict).json()["state"] == "upheld"
    corrected = post(client, f"{path}/correct", "clerk")
    assert corrected.status_code == 201
    new = corrected.json()
    assert [(e["edition"], e["state"]) for e in new["editions"]] == [
        (1, "superseded"),
        (2, "active"),
    ]
    shown = call(client, "GET", path, "civil").json()
    assert shown["state"] == "corrected"
    assert shown["corrected_licence_id"] == new["id"]
    assert shown["reasons"] == "经核实门牌号登记有误"
    assert not shown["overdue"]


def test_an_objection_is_refused_or_withdrawn(client, licence):
    path = f"/v1/licences/{licence['id']}/objections"
    body = {"type": "OTHER", "statement": "对吊销决定不服"}
    first = post(client, path, "civil", body).headers["Location"]
    reasons = {"reasons": "请申请行政复议"}
    assert post(client, f"{first}/refuse", "clerk", reasons).json()["state"] == "rejected_intake"
    second = post(client, path, "civil", body | {"statement": "另有异议"}).headers["Location"]
    assert post(client, f"{second}/withdraw", "civil").json()["state"] == "withdrawn"


def test_suspended_and_resumed(client, licence):
    path = f"/v1/licences/{licence['id']}"
    body = {"legal_basis": "依申请"}
    states = [
        post(client, f"{path}/{step}", "reviewer", body).json()["state"]
        for step in ("suspend", "resume")
    ]
    assert states == ["suspended", "active"]
    refused = post(client, f"{path}/resume", "reviewer", body)
    assert refused.json()["code"] == "issuance.transition"


def test_nobody_signed_in_and_other_departments_see_nothing(client, licence):
    path = f"/v1/licences/{licence['id']}"
    assert client.get(path).json()["code"] == "issuance.identity.required"
    for address in (path, licence["files"]["ofd"], "/v1/licences/1.2.156"):
        answer = call(client, "GET", address, "civil")
        assert answer.json()["code"] == "issuance.licence.unknown"


def test_auditors_see_masked_values(client, licence):
    shown = call(client, "GET", f"/v1/licences/{licence['id']}", "auditor").json()
    assert shown["fields"]["legal_rep"] == "阿**·***"


def test_problems_of_the_data_are_told_together(client):
    fields = example("business_licence")["fields"] | {"uscc": "1", "established": 5, "x": None}
    answer = application(client, fields=fields)
    assert answer.json() == {
        "code": "issuance.data.invalid",
        "fields": ["established", "uscc", "x"],
    }


@pytest.mark.parametrize("key", ["", "short", "with space", "\x7f" * 10])
def test_an_application_needs_a_key_of_its_own(client, key):
    assert application(client, key=key).status_code == 422


def test_a_withdrawn_application_is_not_reviewed(client):
    path = application(client).headers["Location"]
    assert post(client, f"{path}/withdraw", "clerk").json()["state"] == "withdrawn"
    answer = post(client, f"{path}/review", "reviewer", {"decision": "approve"})
    assert answer.json()["code"] == "issuance.transition"


def test_members_that_we_do_not_know_are_refused(client):
    assert application(client, extra=1).status_code == 422
