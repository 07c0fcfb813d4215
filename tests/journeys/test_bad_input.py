"""Hostile and clumsy requests: one problem each, nothing kept, and the service lives on."""

import http.client
import io
import zipfile
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from issuance.tables import metadata as issuance_tables
from sealkit import tokens
from yinxin.accounts import Account, add_account
from yinxin.demonstration.client import Answer
from yinxin.demonstration.setting_up import SECRET
from yinxin.identity import TOKEN_TYPE

DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000


def zipped(entries):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content)
    return made.getvalue()


def rows(home):
    with home.context.database.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in issuance_tables.tables.items()
        }


@pytest.fixture
def nothing_kept(home):
    before = rows(home)
    yield
    assert rows(home) == before
    assert home.client().get("/v1/items").status == 200


@pytest.mark.parametrize(
    "document",
    [
        b"%PDF-1.7\nnothing",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        zipped({"OFD.xml": b"<x"}),
        zipped({"OFD.xml": b"<a>" * 5000 + b"</a>" * 5000}),
        zipped({"OFD.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        zipped({"OFD.xml": bytes(60_000_000)}),
        bytes(range(256)) * 20,
        b"CL1:" + b"A" * 3000,
        b"1.2.156.not-a-number",
    ],
    ids="pdf png xml deep doctype bomb random code identifier".split(),
)
def test_what_is_no_licence_is_reported_not_refused(home, nothing_kept, document):
    report = home.verify(document)
    assert report["verdict"] == "invalid"
    assert all(finding["zh"] and finding["en"] for finding in report["findings"])


def test_an_oversized_upload_is_refused_by_what_it_declares(home, nothing_kept):
    connection = http.client.HTTPConnection(home.address.removeprefix("http://"))
    connection.putrequest("POST", "/v1/verify")
    connection.putheader("Content-Length", str(home.context.settings.max_upload_bytes + 1))
    connection.endheaders()
    with closing(connection.getresponse()) as response:
        answer = Answer(response.status, response.read())
    connection.close()
    home.refused(413, "request.too_large", answer)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", DEEP, b'{"text":"\\ud800"}', b"\xff"])
def test_a_body_that_is_no_question_is_refused(home, nothing_kept, body):
    answer = home.ask("", "POST", "/v1/verify", body)
    assert 400 <= answer.status < 500
    assert answer.json["code"]


def changed(company, field, value):
    return company | {"fields": company["fields"] | {field: value}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uscc", "91650100MA7DEM016E"),
        ("established", "2999-01-01"),
        ("no_such_field", "x"),
        ("premises", "长" * 100_000),
        ("premises", "\ud800"),
        ("premises", "a\x00b"),
    ],
    ids=["check-digit", "future", "unknown", "huge", "surrogate", "nul"],
)
def test_each_bad_field_is_named(home, company, nothing_kept, field, value):
    application = changed(company, field, value)
    key = {"Idempotency-Key": "bad-input-field"}
    answer = home.ask("market-clerk", "POST", "/v1/applications", application, **key)
    assert answer.status == 422, answer.content[:300]
    assert any(field in entry["field"] for entry in answer.json["errors"])


def test_a_citizen_number_with_a_wrong_check_digit_is_named(home, examples, nothing_kept):
    application = changed(examples("marriage_certificate"), "male_id", "650105199003152019")
    application["holders"][0]["code"] = "650105199003152019"
    key = {"Idempotency-Key": "bad-input-citizen"}
    answer = home.ask("civil-clerk", "POST", "/v1/applications", application, **key)
    problem = home.refused(422, "issuance.data.invalid", answer)
    assert any("male_id" in entry["field"] for entry in problem["errors"])
    assert "650105199003152019" not in answer.content.decode()


def test_an_application_needs_a_key_and_a_known_kind(home, company, nothing_kept):
    answer = home.ask("market-clerk", "POST", "/v1/applications", company)
    home.refused(422, "request.invalid", answer)
    key = {"Idempotency-Key": "bad-input-kind"}
    stranger = company | {"kind": "no_such_kind"}
    answer = home.ask("market-clerk", "POST", "/v1/applications", stranger, **key)
    home.refused(422, "issuance.kind.unknown", answer)
    for body, kind in ((DEEP, "application/json"), (b"kind=x", "text/plain")):
        headers = key | {"Content-Type": kind}
        answer = home.ask("market-clerk", "POST", "/v1/applications", body, **headers)
        assert 400 <= answer.status < 500
        assert answer.json["code"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/applications/none", "issuance.application.unknown"),
        ("/v1/licences/1.2.156.none", "issuance.licence.unknown"),
        ("/v1/objections/none", "issuance.objection.unknown"),
        ("/no/such/page", "request.not_found"),
    ],
)
def test_what_does_not_exist_is_not_found(home, nothing_kept, path, code):
    home.refused(404, code, home.ask("market-clerk", "GET", path))


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -1])
def test_a_line_that_no_file_has_is_refused(home, number):
    answer = home.ask("market-clerk", "GET", f"/v1/batches/none/lines?after={number}")
    home.refused(422, "request.invalid", answer)


def test_a_kind_that_nobody_issues_here_is_a_refusal_and_no_failure_of_ours(home):
    data = {"certTypeCode": "none", "certNo": "1", "holder": "甲", "holderCode": "2"}
    data["holderTypeCode"] = "001"
    answer = home.ask("case-officer", "POST", "/v1/sharing/verifyCertInfo", {"data": data})
    home.refused(400, "verification.kind_elsewhere", answer)


def test_an_application_is_not_minted_before_its_review(home, company):
    answer = home.ask("market-clerk", "POST", f"{home.apply(company)}/mint")
    assert "submitted" in str(home.refused(409, "issuance.transition", answer))


def test_only_a_token_that_holds_now_opens_the_door(home, company):
    place = home.apply(company)
    now = home.context.now()
    clear = {"sub": "market-clerk", "iat": int((now - timedelta(hours=3)).timestamp())}
    signer = home.context.keystore.signer("token")
    late = clear | {"exp": int((now - timedelta(hours=2)).timestamp())}
    good = clear | {"exp": int((now + timedelta(hours=1)).timestamp())}
    foreign = home.context.keystore.signer("receipt")
    for text in (
        "",
        "nonsense",
        tokens.sign_token(late, signer, typ=TOKEN_TYPE),
        tokens.sign_token(good, foreign, typ=TOKEN_TYPE),
        tokens.sign_token(good, signer, typ="receipt+jwt"),
    ):
        answer = home.ask("", "GET", place, Authorization=f"Bearer {text}")
        assert answer.status == 401
    held = tokens.sign_token(good, signer, typ=TOKEN_TYPE)
    assert home.ask("", "GET", place, Authorization=f"Bearer {held}").status == 200


def test_an_account_is_locked_after_wrong_secrets(home):
    # An account of its own: a locked one stays so for whatever test comes after.
    with home.context.database.writing() as session:
        add_account(session, Account("locked-out", "", "", frozenset({"auditor"})), SECRET)
    form = "grant_type=client_credentials&client_id=locked-out&client_secret="
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    def sign_in(secret):
        return home.ask("", "POST", "/oauth/token", (form + secret).encode(), **kind)

    assert sign_in(SECRET).status == 200
    for _ in range(10):
        home.refused(401, "identity.credentials", sign_in("wrong"))
    home.refused(401, "identity.credentials", sign_in(SECRET))
