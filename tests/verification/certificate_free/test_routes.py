"""`/v1/verify` and `/v1/checks` over HTTP, under a roof as thin as can be."""

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from sealkit.errors import SealkitError
from verification.errors import VerificationError
from verification.routes import MAX_TEXT_CHARACTERS, router


@pytest.fixture
def make_client(session, make_services, officer):
    def make(actor=officer, **changes):
        app = FastAPI()
        app.state.verification = make_services(**changes)

        @app.middleware("http")
        async def roof(request: Request, call_next):
            request.state.session = session
            request.state.actor = actor
            return await call_next(request)

        async def problem(_request, error):
            return JSONResponse({"code": error.code}, 400)

        app.add_exception_handler(VerificationError, problem)
        app.add_exception_handler(SealkitError, problem)
        app.include_router(router)
        return TestClient(app)

    return make


@pytest.fixture
def client(make_client):
    return make_client()


@pytest.fixture
def body(applicant):
    return {
        "item": "company_address_change",
        "holder": {
            "name": applicant.name,
            "code": applicant.code,
            "code_type": applicant.code_type,
        },
        "case_number": "AC-1",
        "operator": "窗口3",
        "signed_form": "FORM-7",
    }


def test_an_uploaded_file_is_verified(client, world):
    answer = client.post("/v1/verify", files={"file": ("licence.ofd", world.sound_ofd)})
    assert answer.status_code == 200
    assert (answer.json()["verdict"], answer.json()["format"]) == ("valid", "ofd")
    assert answer.json()["note"] is None


def test_a_text_is_verified_as_json_and_as_a_form(client, world):
    for answer in (
        client.post("/v1/verify", json={"text": world.sound_code}),
        client.post("/v1/verify", data={"text": world.sound_code}),
    ):
        assert (answer.json()["verdict"], answer.json()["format"]) == ("valid", "code")


def test_a_bad_file_is_an_answer_not_an_error(client, world):
    answer = client.post("/v1/verify", files={"file": ("x", world.sound_ofd[:-40])})
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "invalid"


def test_a_file_over_the_limit_is_refused(make_client, world):
    client = make_client(max_document_bytes=1000)
    answer = client.post("/v1/verify", files={"file": ("licence.ofd", world.sound_ofd)})
    assert answer.json()["code"] == "verification.too_large"


@pytest.mark.parametrize(
    "request_body",
    [
        {"content": b"{", "headers": {"content-type": "application/json"}},
        {"content": b"[" * 99_999, "headers": {"content-type": "application/json"}},
        {"json": {}},
        {"json": []},
        {"json": {"text": 1}},
        {"json": {"text": ""}},
        {"json": {"text": "x" * (MAX_TEXT_CHARACTERS + 1)}},
        {"content": b'{"text":"\\ud800"}', "headers": {"content-type": "application/json"}},
        {"data": {"other": "x"}},
        {"content": b""},
    ],
)
def test_a_request_without_a_document_is_refused(client, request_body):
    assert client.post("/v1/verify", **request_body).json()["code"] == "malformed"


def test_items_are_listed(client):
    codes = [item["code"] for item in client.get("/v1/items").json()]
    assert "company_address_change" in codes


def test_a_check_is_answered_and_found_again(client, body):
    answer = client.post("/v1/checks", json=body)
    assert answer.status_code == 201
    assert answer.json()["outcome"] == "met"
    assert client.get(answer.headers["location"]).json() == answer.json()
    assert client.post("/v1/checks", json=body).json() == answer.json()


def test_a_statutory_basis_serves_as_well(client, body):
    del body["signed_form"]
    answer = client.post("/v1/checks", json=body | {"statutory_basis": "市场主体登记管理条例"})
    assert answer.json()["answer"]["basis"]["kind"] == "statutory_duty"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signed_form": None}, "verification.consent_missing"),
        ({"item": "nothing"}, "verification.unknown_item"),
        ({"fields": ["legal_rep"]}, "verification.over_asking"),
    ],
)
def test_a_check_that_may_not_be_asked_is_refused(client, body, change, code):
    assert client.post("/v1/checks", json=body | change).json()["code"] == code


def test_a_check_needs_somebody_who_signed_in(make_client, body):
    client = make_client(actor=None)
    assert client.post("/v1/checks", json=body).json()["code"] == "identity.required"
    assert client.get("/v1/checks/x").json()["code"] == "identity.required"


def test_a_check_that_does_not_exist_is_not_found(client):
    assert client.get("/v1/checks/x").json()["code"] == "verification.unknown_check"


@pytest.mark.parametrize(
    "change", [{"holder": {}}, {"surprise": 1}, {"case_number": ""}, {"operator": "x" * 200}]
)
def test_a_malformed_question_is_refused(client, body, change):
    assert client.post("/v1/checks", json=body | change).status_code == 422
