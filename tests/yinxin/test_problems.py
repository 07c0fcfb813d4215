"""Errors over HTTP: one sentence in two languages, a stable code, and nothing private."""

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient

from sealkit.errors import MalformedError
from yinxin.problems import install, problem, sentences, status_of


class Body(BaseModel):
    number: int


@pytest.fixture
def client():
    app = FastAPI()

    @app.post("/body")
    def body(_body: Body) -> None: ...

    @app.get("/malformed")
    def malformed() -> None:
        raise MalformedError("secret detail")

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    install(app, ())
    return TestClient(app, raise_server_exceptions=False)


def test_a_domain_error_has_its_code_and_sentence(client):
    answer = client.get("/malformed")
    assert answer.status_code == 422
    assert answer.json()["code"] == "malformed"
    assert answer.json()["title"] == sentences()["malformed"]["zh"]
    assert "secret" not in answer.text


def test_an_unforeseen_error_is_an_incident_and_says_nothing(client):
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert len(answer.json()["incident"]) == 16
    assert "secret" not in answer.text


def test_a_wrong_value_is_named_and_never_repeated(client):
    answer = client.post("/body", json={"number": "650102198504123019x"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "body.number", "code": "int_parsing"}]
    assert "650102198504123019" not in answer.text


def test_an_unknown_address_and_method(client):
    assert client.get("/nothing").json()["code"] == "request.not_found"
    assert client.get("/body").json()["code"] == "request.method"


def test_a_code_rests_on_its_longest_listed_prefix():
    assert status_of("signature.invalid") == 422
    assert status_of("identity.credentials") == 401
    assert status_of("never.heard.of") == 400


def test_every_sentence_is_in_both_languages():
    for code, sentence in sentences().items():
        assert sentence["zh"].strip() and sentence["en"].strip(), code


def test_who_has_to_wait_is_told_how_long():
    for status in (429, 503):
        assert problem("request.refused", status=status).headers["Retry-After"] == "60"
    assert "Retry-After" not in problem("request.refused", status=400).headers
