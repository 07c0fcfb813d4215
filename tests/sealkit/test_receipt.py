from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import tokens
from sealkit.errors import InvalidSignatureError, MalformedError, TokenTimeError
from sealkit.receipt import (
    TYP,
    Evidence,
    Receipt,
    RequirementAnswer,
    build_receipt,
    parse_receipt,
)
from sealkit.status_list import ACTIVE
from tests.sealkit.asn1.identities import sm2_identity

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
RECEIPT = Receipt(
    check_id="5f0c",
    region="650000",
    item="company_address_change",
    case_number="案-2026-000123",
    asked_by="11650000PRJ000654L",
    basis="holder_consent: C-77",
    answer="met",
    requirements=(RequirementAnswer("valid_business_licence", "met"),),
    evidence=(
        Evidence(
            "1.2.156.3005.2.11100000MB0143028R001.11650000PRJ000654L.K7Q2M9X4T1B8N5R3W6Y0.001.Q",
            "valid",
            ACTIVE,
            "00" * 32,
            1042,
        ),
        Evidence("1.2.156", "cannot_say", None, "11" * 32),
    ),
    answered_at=AT,
)


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("核验凭据签名")


@pytest.fixture(scope="module")
def key(signer):
    return signer.key.public_key


def signed(members, signer):
    return tokens.sign_token(members, signer, typ=TYP)


def members():
    found = asdict(RECEIPT)
    found["iat"] = int(found.pop("answered_at").timestamp())
    return found


def test_a_receipt_is_read_back_years_later(signer, key):
    token = build_receipt(RECEIPT, signer)
    assert parse_receipt(token, key, at=AT + timedelta(days=3650)) == RECEIPT


def test_a_receipt_of_another_key_is_refused(signer, sample_key):
    with pytest.raises(InvalidSignatureError):
        parse_receipt(build_receipt(RECEIPT, signer), sample_key, at=AT)


def test_a_receipt_from_the_future_is_refused(signer, key):
    future = replace(RECEIPT, answered_at=AT + timedelta(hours=1))
    with pytest.raises(TokenTimeError):
        parse_receipt(build_receipt(future, signer), key, at=AT)


def test_an_access_token_is_no_receipt(signer, key):
    with pytest.raises(MalformedError):
        parse_receipt(tokens.sign_token(members(), signer, typ="at+jwt"), key, at=AT)


@pytest.mark.parametrize("name", [*members(), "evidence.identifier", "requirements.answer"])
def test_every_member_is_needed(name, signer, key):
    found = members()
    outer, _, inner = name.partition(".")
    if inner:
        del found[outer][0][inner]
    else:
        del found[outer]
    with pytest.raises(MalformedError):
        parse_receipt(signed(found, signer), key, at=AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"check_id": 7},
        {"answer": None},
        {"iat": "now"},
        {"iat": -1},
        {"requirements": {}},
        {"requirements": ["met"]},
        {"evidence": [None]},
        {"evidence": [asdict(RECEIPT.evidence[0])] * 257},
        {"evidence": [asdict(RECEIPT.evidence[0]) | {"status": "active"}]},
        {"evidence": [asdict(RECEIPT.evidence[0]) | {"status": True}]},
        {"evidence": [asdict(RECEIPT.evidence[0]) | {"log_size": -1}]},
    ],
    ids=lambda changes: str(changes)[:50],
)
def test_members_of_the_wrong_type(changes, signer, key):
    with pytest.raises(MalformedError):
        parse_receipt(signed(members() | changes, signer), key, at=AT)


def test_members_that_we_do_not_know_are_passed_over(signer, key):
    assert parse_receipt(signed(members() | {"new": 1}, signer), key, at=AT) == RECEIPT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(changes=st.dictionaries(st.sampled_from(sorted(members())), JSON, max_size=3))
def test_any_members_are_read_or_refused(changes, signer, key):
    changes = {name: value for name, value in changes.items() if name != "iat"}
    try:
        token = signed(members() | changes, signer)
    except UnicodeEncodeError:
        return
    try:
        parse_receipt(token, key, at=AT)
    except MalformedError:
        pass
