import base64
import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import tokens
from sealkit.errors import (
    InvalidSignatureError,
    MalformedError,
    TokenTimeError,
    UnsupportedError,
)
from sealkit.status_list import StatusList, build_token, parse_token
from sealkit.status_list_jwt import TYP, build_jwt, read_jwt
from tests.sealkit.asn1.identities import sm2_identity

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
URI = "https://v.example.cn/s/7"
STATUSES = StatusList(64).with_entries({3: 1, 40: 2, 63: 13})


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("状态签名")


def made(signer):
    ends = AT + timedelta(hours=24)
    return build_jwt(STATUSES, uri=URI, signer=signer, at=AT, expires_at=ends, ttl=600, version=41)


def test_the_jwt_says_what_the_cwt_says(signer):
    ends = AT + timedelta(hours=24)
    cwt = parse_token(
        build_token(STATUSES, uri=URI, signer=signer, at=AT, expires_at=ends, ttl=600, version=41)
    )
    jwt = read_jwt(made(signer), [signer.key.public_key], at=AT)
    for name in ("uri", "issued_at", "expires_at", "ttl", "version", "statuses"):
        assert getattr(jwt, name) == getattr(cwt, name)


def test_a_reader_without_our_code_finds_the_drafts_members(signer):
    """Split, base64 and zlib alone; the signature is another test's."""
    header, payload, _ = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in made(signer).split(".")
    )
    assert json.loads(header)["typ"] == "statuslist+jwt"
    claims = json.loads(payload)
    assert claims["sub"] == URI
    assert claims["exp"] - claims["iat"] == 86_400
    lst = claims["status_list"]["lst"]
    octets = zlib.decompress(base64.urlsafe_b64decode(lst + "=" * (-len(lst) % 4)))
    assert claims["status_list"]["bits"] == 4
    assert [octets[slot // 2] >> slot % 2 * 4 & 15 for slot in (3, 40, 63, 0)] == [1, 2, 13, 0]


def test_another_key_another_time_and_another_type_are_refused(signer):
    keys = [signer.key.public_key]
    with pytest.raises(InvalidSignatureError):
        read_jwt(made(signer), [sm2_identity("另一个").key.public_key], at=AT)
    with pytest.raises(TokenTimeError):
        read_jwt(made(signer), keys, at=AT + timedelta(hours=24))
    with pytest.raises(MalformedError):
        read_jwt(tokens.sign_token({"sub": URI}, signer, typ="jwt"), keys, at=AT)


def test_expiry_ttl_and_version_may_be_absent(signer):
    lst = base64.urlsafe_b64encode(StatusList(8).pack()).rstrip(b"=").decode()
    claims = {"sub": URI, "iat": 1, "status_list": {"bits": 4, "lst": lst}}
    token = tokens.sign_token(claims, signer, typ=TYP)
    read = read_jwt(token, [signer.key.public_key], at=AT)
    assert (read.expires_at, read.ttl, read.version) == (None, None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"sub": 7},
        {"iat": None},
        {"ttl": -1},
        {"list_version": -1},
        {"status_list": None},
        {"status_list": {"bits": 4}},
        {"status_list": {"bits": 4, "lst": "中"}},
        {"status_list": {"bits": 4, "lst": "+/=="}},
        {"status_list": {"bits": 4, "lst": "eNo"}},
        {"status_list": {"lst": "eNpjYAAAAAIAAQ"}},
    ],
    ids=str,
)
def test_tokens_with_wrong_claims(changes, signer):
    lst = base64.urlsafe_b64encode(StatusList(8).pack()).rstrip(b"=").decode()
    claims = {"sub": URI, "iat": 1, "status_list": {"bits": 4, "lst": lst}} | changes
    with pytest.raises(MalformedError):
        read_jwt(tokens.sign_token(claims, signer, typ=TYP), [signer.key.public_key], at=AT)


@given(token=st.text(max_size=200))
def test_any_text_is_refused(signer, token):
    with pytest.raises((MalformedError, UnsupportedError)):
        read_jwt(token, [signer.key.public_key], at=AT)
