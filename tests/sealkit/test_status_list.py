import hashlib
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor, status_list
from sealkit.errors import (
    InvalidKeyError,
    InvalidSignatureError,
    MalformedError,
    UnknownSlotError,
    UnsupportedError,
)
from sealkit.formats.code import cose
from sealkit.sm import sm3
from sealkit.status_list import StatusList, build_token, parse_token
from tests.sealkit.asn1.identities import ecdsa_identity, sm2_identity

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
URI = "https://v.example.cn/s/7"


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("状态签名")


def test_the_drafts_short_lists(format_vectors):
    for vector in format_vectors["status_lists"]:
        values, bits = vector["values"], vector["bits"]
        made = StatusList(len(values), bits).with_entries(dict(enumerate(values)))
        assert made.octets.hex() == vector["array"]
        read = StatusList.unpack(bytes.fromhex(vector["zlib"]), bits)
        assert read == made
        assert [read.get(index) for index in range(read.size)] == values


def test_the_drafts_long_list(format_vectors):
    vector = format_vectors["status_list_large"]
    made = StatusList(vector["size"], vector["bits"]).with_entries(dict.fromkeys(vector["ones"], 1))
    assert hashlib.sha256(made.octets).hexdigest() == vector["array_sha256"]
    assert sm3.digest(made.octets).hex() == vector["array_sm3"]
    assert StatusList.unpack(made.pack(), 1) == made


def test_the_shared_token(format_vectors, sample_key):
    token = parse_token(bytes.fromhex(format_vectors["status_token"]))
    token.verify(sample_key)
    assert token.kid == sample_key.kid
    assert token.uri == URI
    assert token.issued_at == datetime(2026, 3, 18, tzinfo=UTC)
    assert token.expires_at == datetime(2026, 3, 19, tzinfo=UTC)
    assert token.ttl == 3600
    assert token.statuses.size == 12
    assert token.statuses.get(3) == 3


def test_a_new_list_is_all_active_and_four_bits_wide():
    statuses = StatusList(2**17)
    assert statuses.bits == 4
    assert len(statuses.octets) == 2**16
    assert {statuses.get(index) for index in (0, 1, 77, 2**17 - 1)} == {status_list.ACTIVE}


def test_setting_an_entry_leaves_its_neighbours_and_the_old_list():
    before = StatusList(8)
    after = before.set(2, status_list.DISPUTED_STAYED).set(3, status_list.SUPERSEDED)
    assert [after.get(i) for i in range(8)] == [0, 0, 13, 3, 0, 0, 0, 0]
    assert [after.set(2, 0).get(i) for i in range(4)] == [0, 0, 0, 3]
    assert before.get(2) == 0


@pytest.mark.parametrize("index", [-1, 8, 10**9])
def test_an_index_beyond_the_array_is_refused(index):
    with pytest.raises(UnknownSlotError):
        StatusList(8).get(index)
    with pytest.raises(UnknownSlotError):
        StatusList(8).set(index, 1)


@pytest.mark.parametrize("value", [-1, 16])
def test_a_value_too_wide_is_refused(value):
    with pytest.raises(ValueError, match="fit"):
        StatusList(8).set(0, value)


@pytest.mark.parametrize(
    "parts", [(8, 3), (0, 4), (3, 4), (7, 1), (2**21 + 2, 4), (8, 4, b"12345")]
)
def test_lists_that_cannot_be(parts):
    with pytest.raises(ValueError, match="status list"):
        StatusList(*parts)


def test_a_token_of_ours_is_read_back(signer):
    statuses = StatusList(16).set(5, status_list.SUSPENDED)
    ends = AT + timedelta(days=7)
    token = parse_token(
        build_token(statuses, uri=URI, signer=signer, at=AT, expires_at=ends, ttl=600)
    )
    token.verify(signer.key.public_key)
    assert (token.uri, token.issued_at, token.expires_at, token.ttl) == (URI, AT, ends, 600)
    assert token.statuses == statuses


def test_expiry_and_ttl_may_be_absent(signer):
    token = parse_token(build_token(StatusList(8), uri=URI, signer=signer, at=AT))
    assert token.expires_at is None
    assert token.ttl is None


def test_only_sm2_keys_sign_lists():
    with pytest.raises(InvalidKeyError):
        build_token(StatusList(8), uri=URI, signer=ecdsa_identity("x"), at=AT)


def test_a_changed_list_does_not_verify(signer):
    token = build_token(StatusList(8), uri=URI, signer=signer, at=AT)
    other = build_token(StatusList(8).set(0, 1), uri=URI, signer=signer, at=AT)
    with pytest.raises(InvalidSignatureError):
        parse_token(token[:-64] + other[-64:]).verify(signer.key.public_key)


CLAIMS = {2: URI, 6: 1773792000, 65533: {"bits": 4, "lst": StatusList(8).pack()}}


@pytest.mark.parametrize(
    "changes",
    [
        {2: None},
        {2: b"x"},
        {2: "x" * 513},
        {6: None},
        {6: "now"},
        {4: "never"},
        {4: None},
        {65534: 0},
        {65534: 2**40},
        {65534: 1.5},
        {65533: None},
        {65533: {"bits": 4}},
        {65533: {"bits": 4, "lst": "text"}},
        {65533: {"lst": StatusList(8).pack()}},
        {65533: {"bits": 3, "lst": StatusList(8).pack()}},
        {65533: {"bits": [4], "lst": StatusList(8).pack()}},
        {65533: {"bits": 4, "lst": StatusList(8).pack()[:-2]}},
        {65533: {"bits": 4, "lst": StatusList(8).pack() + b"x"}},
        {65533: {"bits": 4, "lst": b"x"}},
    ],
    ids=str,
)
def test_tokens_with_wrong_claims(changes, signer):
    token = cose.sign(cbor.encode(CLAIMS | changes), signer, typ=status_list.TYP)
    with pytest.raises(MalformedError):
        parse_token(token)


@pytest.mark.parametrize("typ", [None, "application/statuslist+jwt", "statuslist+cwt"])
def test_the_type_must_be_that_of_a_status_list(typ, signer):
    with pytest.raises(MalformedError):
        parse_token(cose.sign(cbor.encode(CLAIMS), signer, typ=typ))


def test_claims_that_are_no_map(signer):
    with pytest.raises(MalformedError):
        parse_token(cose.sign(b"\x80", signer, typ=status_list.TYP))


def test_a_list_that_would_inflate_beyond_a_mebibyte_is_refused(signer):
    bomb = zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(MalformedError):
        StatusList.unpack(bomb, 1)


def test_an_empty_list_is_refused():
    with pytest.raises(MalformedError):
        StatusList.unpack(zlib.compress(b""), 1)


@given(
    bits=st.sampled_from([1, 2, 4, 8]),
    changes=st.dictionaries(st.integers(0, 63), st.integers(0, 255), max_size=20),
)
def test_what_is_set_is_got(bits, changes):
    changes = {index: value % (1 << bits) for index, value in changes.items()}
    statuses = StatusList.unpack(StatusList(64, bits).with_entries(changes).pack(), bits)
    assert [statuses.get(i) for i in range(64)] == [changes.get(i, 0) for i in range(64)]


@given(cwt=st.binary(max_size=150))
def test_any_bytes_are_read_or_refused(cwt):
    try:
        parse_token(cwt)
    except (MalformedError, UnsupportedError):
        pass


@given(at=st.integers(0, 229), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(format_vectors, at, byte):
    original = bytes.fromhex(format_vectors["status_token"])
    try:
        parse_token(original[:at] + bytes([byte]) + original[at + 1 :])
    except (MalformedError, UnsupportedError):
        pass
