from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor, status_slip
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.formats.code import base45, cose
from sealkit.formats.code.qr import qr_matrix
from sealkit.record import StatusSlot
from sealkit.status_slip import PREFIX, build_slip, parse_slip
from tests.sealkit.asn1.identities import sm2_identity

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SLOT = StatusSlot("https://v.example.cn/v1/status-lists/11650000PRJ000654L-1", 1_048_575)


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("状态签名")


def test_a_slip_of_ours_is_read_back(signer):
    text = build_slip(SLOT, 2, signer=signer, at=AT)
    found = parse_slip(text)
    found.verify(signer.key.public_key)
    assert (found.slot, found.state, found.uri) == (SLOT, 2, SLOT.uri)
    assert (found.issued_at, found.expires_at) == (AT, AT + timedelta(hours=24))
    with pytest.raises(InvalidSignatureError):
        found.verify(sm2_identity("另一个").key.public_key)


def test_a_slip_fits_a_small_symbol(signer):
    text = build_slip(SLOT, 0xD, signer=signer, at=AT)
    assert len(text) <= 400
    assert len(qr_matrix(text)) <= 17 + 4 * 13


@pytest.mark.parametrize("life", [timedelta(0), timedelta(hours=24, seconds=1)])
def test_a_slip_lives_for_a_day_at_most(life, signer):
    with pytest.raises(ValueError, match="24 hours"):
        build_slip(SLOT, 0, signer=signer, at=AT, life=life)


CLAIMS = {2: SLOT.uri, 6: 1773792000, 4: 1773878400, -65542: [7, 0]}


def text_of(claims, signer, typ=status_slip.TYP):
    payload = claims if isinstance(claims, bytes) else cbor.encode(claims)
    return PREFIX + base45.encode(cose.sign(payload, signer, typ=typ))


@pytest.mark.parametrize(
    "changes",
    [
        {2: None},
        {2: ""},
        {6: None},
        {4: None},
        {4: 1773792000},
        {4: 1773878401},
        {-65542: None},
        {-65542: [7]},
        {-65542: [-1, 0]},
        {-65542: [2**23 + 1, 0]},
        {-65542: [7, 256]},
        {-65542: [7, "0"]},
    ],
    ids=str,
)
def test_slips_with_wrong_claims(changes, signer):
    parse_slip(text_of(CLAIMS, signer))
    with pytest.raises(MalformedError):
        parse_slip(text_of(CLAIMS | changes, signer))


def test_what_is_no_slip(signer):
    wrong = (text_of(CLAIMS, signer, typ=None), text_of(b"\x80", signer), "CL1:00", PREFIX)
    for text in (*wrong, PREFIX + "0" * 2048):
        with pytest.raises(MalformedError):
            parse_slip(text)


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    for shown in (text, PREFIX + text):
        with pytest.raises((MalformedError, UnsupportedError)):
            parse_slip(shown)
