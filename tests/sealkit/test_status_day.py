from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor, status_day
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.formats.code import cose
from sealkit.status_day import build_day, day_end, parse_date, parse_day
from sealkit.status_list import StatusList, build_token, parse_token
from tests.sealkit.asn1.identities import sm2_identity

AT = datetime(2026, 11, 23, 16, 10, tzinfo=UTC)
DAY = date(2026, 11, 23)
URI = "https://v.example.cn/s/7"
CLAIMS = {
    2: URI,
    6: 1773792000,
    65533: {"bits": 4, "lst": StatusList(8).pack()},
    -65539: 4,
    -65541: "2026-11-23",
}


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("状态签名")


def made(signer):
    return build_day(StatusList(8).set(3, 1), uri=URI, day=DAY, version=4, signer=signer, at=AT)


def test_a_frozen_list_of_ours_is_read_back(signer):
    found = parse_day(made(signer))
    found.verify(signer.key.public_key)
    assert (found.uri, found.day, found.issued_at, found.version) == (URI, DAY, AT, 4)
    assert found.statuses == StatusList(8).set(3, 1)
    with pytest.raises(InvalidSignatureError):
        found.verify(sm2_identity("另一个").key.public_key)


def test_it_never_passes_for_the_present_list_nor_the_present_list_for_it(signer):
    with pytest.raises(MalformedError):
        parse_token(made(signer))
    with pytest.raises(MalformedError):
        parse_day(build_token(StatusList(8), uri=URI, signer=signer, at=AT, version=4))


def test_a_day_ends_at_midnight_in_beijing():
    assert day_end(DAY) == datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "20261123", "2026-11-31", "2026-W48-1", "9999-12-31", None])
def test_days_that_are_none(text):
    with pytest.raises(MalformedError):
        parse_date(text)


@pytest.mark.parametrize(
    "changes",
    [
        {2: None},
        {2: ""},
        {6: None},
        {65533: None},
        {65533: {"bits": 4}},
        {-65539: None},
        {-65541: None},
        {-65541: "2026-02-30"},
    ],
    ids=str,
)
def test_frozen_lists_with_wrong_claims(changes, signer):
    with pytest.raises(MalformedError):
        parse_day(cose.sign(cbor.encode(CLAIMS | changes), signer, typ=status_day.TYP))


def test_claims_that_are_no_map(signer):
    with pytest.raises(MalformedError):
        parse_day(cose.sign(b"\x80", signer, typ=status_day.TYP))


@given(cwt=st.binary(max_size=150))
def test_any_bytes_are_read_or_refused(cwt):
    try:
        parse_day(cwt)
    except (MalformedError, UnsupportedError):
        pass
