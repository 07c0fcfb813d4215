from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor
from sealkit.errors import InvalidSignatureError, MalformedError, UnsupportedError
from sealkit.status_chain import MAX_DELTAS, StatusChain, join, parse_status
from sealkit.status_delta import build_delta
from sealkit.status_list import StatusList, StatusToken, build_token
from tests.sealkit.asn1.identities import sm2_identity

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
URI = "https://v.example.cn/s/7"
EMPTY = StatusList(8)


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("状态签名")


def token(signer, version=4):
    return build_token(EMPTY, uri=URI, signer=signer, at=AT, version=version)


def delta(signer, before=EMPTY, changes=None, versions=(4, 5), at=AT, uri=URI):
    ends = at + timedelta(days=1)
    return build_delta(
        before,
        {1: 1} if changes is None else changes,
        versions=versions,
        uri=uri,
        signer=signer,
        at=at,
        expires_at=ends,
        ttl=600,
    )


def test_a_list_alone_is_read_as_it_is(signer):
    assert isinstance(parse_status(token(signer)), StatusToken)


def test_a_chain_is_what_its_last_delta_leads_to(signer):
    later = AT + timedelta(hours=1)
    chain = join(token(signer), delta(signer))
    chain = join(chain, delta(signer, EMPTY.set(1, 1), {1: 0, 2: 3}, (5, 7), later))
    read = parse_status(chain)
    assert isinstance(read, StatusChain)
    read.verify(signer.key.public_key)
    assert (read.uri, read.version, read.issued_at, read.ttl) == (URI, 7, later, 600)
    assert read.expires_at == later + timedelta(days=1)
    assert read.statuses == EMPTY.set(2, 3)


def test_every_part_is_verified(signer):
    other = sm2_identity("另一个")
    made, forged = delta(signer), delta(other)
    chain = join(token(signer), made[:-64] + forged[-64:])
    with pytest.raises(InvalidSignatureError):
        parse_status(chain).verify(signer.key.public_key)


def test_parts_that_do_not_follow_from_one_another(signer):
    broken = [
        delta(signer, versions=(3, 5)),
        delta(signer, at=AT - timedelta(seconds=1)),
        delta(signer, uri=URI + "0"),
        delta(sm2_identity("另一个")),
        delta(signer, EMPTY.set(3, 1)),
        token(signer),
    ]
    for part in broken:
        with pytest.raises(MalformedError):
            parse_status(join(token(signer), part))
    uncounted = build_token(EMPTY, uri=URI, signer=signer, at=AT)
    with pytest.raises(MalformedError):
        parse_status(join(uncounted, delta(signer)))


@pytest.mark.parametrize("document", [b"", b"\x80", b"\xa0", cbor.encode([1]), cbor.encode([b""])])
def test_what_is_neither_is_refused(document):
    with pytest.raises(MalformedError):
        parse_status(document)


def test_a_chain_has_an_end(signer):
    with pytest.raises(MalformedError):
        parse_status(cbor.encode([token(signer)] + [b""] * (MAX_DELTAS + 1)))


@given(parts=st.lists(st.binary(max_size=60), max_size=4))
def test_any_parts_are_read_or_refused(parts):
    try:
        parse_status(cbor.encode(parts))
    except (MalformedError, UnsupportedError):
        pass
