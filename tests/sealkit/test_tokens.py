import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jose import jwk, jws
from jose.exceptions import JOSEError

from sealkit.errors import (
    InvalidKeyError,
    InvalidSignatureError,
    MalformedError,
    SealkitError,
    TokenTimeError,
    UnsupportedError,
)
from sealkit.tokens import ALGORITHM, sign_token, verify_token
from tests.sealkit.asn1.identities import ecdsa_identity, sm2_identity

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
NOW = int(AT.timestamp())
TYP = "yinxin-test+jwt"
CLAIMS = {"sub": "窗口 1", "iat": NOW, "exp": NOW + 3600}


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("令牌签名")


@pytest.fixture(scope="module")
def key(signer):
    return signer.key.public_key


def segment(value):
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def token_of(signer, header, claims):
    """A token with any header and claims, soundly signed with SM2."""
    head = f"{segment(header)}.{segment(claims)}"
    return f"{head}.{segment(signer.sign(head.encode()))}"


def test_a_token_of_ours_is_read_back(signer, key):
    token = sign_token(CLAIMS, signer, typ=TYP)
    assert verify_token(token, key, typ=TYP, at=AT) == CLAIMS
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header == {"alg": "SM2", "kid": key.kid.hex(), "typ": TYP}


def test_one_of_several_keys_is_enough(signer, key, sample_key):
    token = sign_token(CLAIMS, signer, typ=TYP)
    assert verify_token(token, [sample_key, key], typ=TYP, at=AT) == CLAIMS
    for keys in (sample_key, [sample_key], []):
        with pytest.raises(InvalidSignatureError):
            verify_token(token, keys, typ=TYP, at=AT)


def test_a_token_of_one_type_never_passes_for_another(signer, key):
    token = sign_token(CLAIMS, signer, typ="yinxin-receipt+jwt")
    with pytest.raises(MalformedError):
        verify_token(token, key, typ="yinxin-access+jwt", at=AT)


@pytest.mark.parametrize(
    "alg", ["none", "None", "HS256", "ES256", "RS256", "sm2", "", None, ["SM2"]]
)
def test_other_algorithms_are_refused_though_the_signature_holds(alg, signer, key):
    with pytest.raises(UnsupportedError):
        verify_token(token_of(signer, {"typ": TYP, "alg": alg}, CLAIMS), key, typ=TYP, at=AT)


def test_the_public_key_is_no_secret_to_sign_with(key):
    """The classic confusion: HMAC under the bytes of the public key."""
    head = f"{segment({'typ': TYP, 'alg': 'HS256'})}.{segment(CLAIMS)}"
    mac = hmac.digest(key.spki, head.encode(), hashlib.sha256)
    with pytest.raises(UnsupportedError):
        verify_token(f"{head}.{segment(mac)}", key, typ=TYP, at=AT)


def test_a_token_without_signature_is_refused(key):
    head = f"{segment({'typ': TYP, 'alg': 'none'})}.{segment(CLAIMS)}."
    with pytest.raises(MalformedError):
        verify_token(head, key, typ=TYP, at=AT)


def test_critical_headers_are_refused(signer, key):
    header = {"typ": TYP, "alg": "SM2", "crit": ["exp"]}
    with pytest.raises(UnsupportedError):
        verify_token(token_of(signer, header, CLAIMS), key, typ=TYP, at=AT)


def test_a_changed_claim_does_not_verify(signer, key):
    header, _, signature = sign_token(CLAIMS, signer, typ=TYP).split(".")
    changed = f"{header}.{segment(CLAIMS | {'sub': 'other'})}.{signature}"
    with pytest.raises(InvalidSignatureError):
        verify_token(changed, key, typ=TYP, at=AT)


def test_a_token_has_one_spelling(signer, key):
    token = sign_token(CLAIMS, signer, typ=TYP)  # 64 bytes leave four idle bits at the end
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = last[last.index(token[-1]) ^ 1]
    for spelling in (token[:-1] + other, token + "=", token + "\n", " " + token):
        with pytest.raises(MalformedError):
            verify_token(spelling, key, typ=TYP, at=AT)


@pytest.mark.parametrize(
    ("claims", "offset"),
    [
        ({"exp": NOW}, 0),
        ({"exp": NOW}, 1),
        ({"nbf": NOW + 60}, 0),
        ({"iat": NOW + 60}, 0),
        ({"iat": NOW, "nbf": NOW + 60, "exp": NOW + 90}, 0),
    ],
)
def test_outside_its_time_a_token_is_not_good(claims, offset, signer, key):
    token = sign_token(claims, signer, typ=TYP)
    with pytest.raises(TokenTimeError):
        verify_token(token, key, typ=TYP, at=AT + timedelta(seconds=offset))


@pytest.mark.parametrize("claims", [{}, {"exp": NOW + 1}, {"iat": NOW + 29}, {"nbf": NOW}])
def test_within_its_time_a_token_is_good(claims, signer, key):
    assert verify_token(sign_token(claims, signer, typ=TYP), key, typ=TYP, at=AT) == claims


@pytest.mark.parametrize("value", ["never", 1e20, None, True, [NOW]])
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_times_are_whole_seconds(name, value, signer, key):
    with pytest.raises(MalformedError):
        verify_token(sign_token({name: value}, signer, typ=TYP), key, typ=TYP, at=AT)


@pytest.mark.parametrize(
    "claims",
    [b"", b"x", b"[]", b'"x"', b"null", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff", b"[" * 40_000],
    ids=lambda value: repr(value[:12]),
)
def test_claims_that_are_no_object(claims, signer, key):
    with pytest.raises(MalformedError):
        header = {"typ": TYP, "alg": "SM2"}
        verify_token(token_of(signer, header, claims), key, typ=TYP, at=AT)


@pytest.mark.parametrize(
    "header",
    [b"x", b"[]", b'{"typ":"yinxin-test+jwt","alg":"none","alg":"SM2"}', b"[" * 40_000],
    ids=lambda value: repr(value[:12]),
)
def test_headers_that_are_no_object(header, signer, key):
    with pytest.raises(MalformedError):
        verify_token(token_of(signer, header, CLAIMS), key, typ=TYP, at=AT)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", "a.b.c.d", "令.牌.x", "a.a.a", "x" * 70_000]
)
def test_other_texts(token, key):
    with pytest.raises(MalformedError):
        verify_token(token, key, typ=TYP, at=AT)


def test_only_sm2_keys_sign_tokens():
    with pytest.raises(InvalidKeyError):
        sign_token(CLAIMS, ecdsa_identity("x"), typ=TYP)


def test_a_public_key_does_not_sign_and_a_signer_does_not_verify(signer, key):
    """What python-jose could be made to do with our key class."""
    with pytest.raises(JOSEError):
        jwk.construct(key, ALGORITHM).sign(b"")
    token = sign_token(CLAIMS, signer, typ=TYP)
    with pytest.raises(JOSEError):
        jws.verify(token, jwk.construct(signer, ALGORITHM), algorithms=[ALGORITHM])


@given(token=st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_-]{2,40}(\.[A-Za-z0-9_-]{2,40}){2}"))
def test_any_text_is_refused(token, key):
    with pytest.raises(SealkitError):
        verify_token(token, key, typ=TYP, at=AT)
