from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor
from sealkit.errors import (
    InvalidKeyError,
    InvalidSignatureError,
    MalformedError,
    UnknownDictionaryError,
    UnsupportedError,
)
from sealkit.formats.code import container, cose
from sealkit.formats.code.claims import CodeClaims, parse_claims, record_digest
from sealkit.formats.code.credential import decode, encode
from sealkit.formats.code.qr import PRINT_VERSION, qr_matrix, qr_version
from sealkit.record import LONG_TERM, Holder, StatusSlot
from sealkit.sm import sm3
from tests.sealkit.asn1.identities import ecdsa_identity
from tests.sealkit.formats.code.licences import AT, BUSINESS, LICENCES, MARRIAGE, REAL_ESTATE


def coded(record, signer):
    return encode(CodeClaims.from_record(record, at=AT), signer)


def signed(claims, signer):
    """A code whose payload is any CBOR, soundly signed."""
    return container.wrap(cose.sign(cbor.encode(claims), signer))


def raw_claims(record=REAL_ESTATE):
    return cbor.decode(CodeClaims.from_record(record, at=AT).to_cbor())


@pytest.mark.parametrize("record", LICENCES.values(), ids=LICENCES)
def test_a_code_says_what_its_record_says(record, signer, public_key):
    read = decode(coded(record, signer))
    read.verify(public_key)
    claims = read.claims
    for name in (
        "region kind_code kind_name number identifier edition issuer_code issuer_name"
        " issued_on valid_from valid_until status"
    ).split():
        assert getattr(claims, name) == getattr(record, name), name
    assert claims.holder_names == tuple(holder.name for holder in record.holders)
    assert claims.holder_count == len(record.holders)
    assert claims.issued_at == AT
    assert read.kid == public_key.kid
    assert read.signed == read.message.signed
    assert read.signature == read.message.signature


@pytest.mark.parametrize("record", LICENCES.values(), ids=LICENCES)
def test_a_normal_licence_fits_the_printed_symbol(record, signer):
    assert qr_version(qr_matrix(coded(record, signer))) <= PRINT_VERSION


def test_the_code_is_tied_to_exactly_its_record(signer):
    claims = decode(coded(MARRIAGE, signer)).claims
    assert claims.record_digest == sm3.digest(MARRIAGE.to_json())[:16] == record_digest(MARRIAGE)
    assert claims.tells_of(MARRIAGE)
    assert not claims.tells_of(replace(MARRIAGE, number="J650102-2026-001315"))


def test_no_number_of_a_person_is_in_the_code(signer):
    read = decode(coded(MARRIAGE, signer))
    assert MARRIAGE.holders[0].code.encode() not in read.message.payload


def test_claims_are_where_the_sheet_puts_them():
    claims = raw_claims(REAL_ESTATE)
    assert claims[1] == "650000"
    assert claims[4] == int(datetime(2085, 5, 31, 16, tzinfo=UTC).timestamp())
    assert claims[6] == int(AT.timestamp())
    assert claims[65535] == {
        "status_list": {"idx": REAL_ESTATE.status.index, "uri": REAL_ESTATE.status.uri}
    }
    assert claims[-65538][1] == "不动产权证书"
    assert claims[-65538][2] == REAL_ESTATE.number
    assert 12 not in claims[-65538]


def test_a_long_term_licence_has_no_expiry():
    assert 4 not in raw_claims(BUSINESS)
    assert parse_claims(cbor.encode(raw_claims(BUSINESS))).valid_until == LONG_TERM


def test_without_a_time_of_issue_it_is_the_beginning_of_that_day_in_beijing():
    claims = CodeClaims.from_record(BUSINESS)
    assert claims.issued_at == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_times_are_whole_seconds(signer):
    claims = CodeClaims.from_record(BUSINESS, at=AT.replace(microsecond=999_999))
    assert claims.issued_at == AT
    assert decode(encode(claims, signer)).claims == claims


def test_of_many_holders_the_first_eight_are_named(signer):
    names = tuple(Holder(f"共有人{n}", "x", "111") for n in range(11))
    claims = decode(coded(replace(REAL_ESTATE, holders=names), signer)).claims
    assert claims.holder_names == tuple(holder.name for holder in names[:8])
    assert claims.holder_count == 11


def test_text_is_composed_before_signing():
    record = replace(BUSINESS, holders=(Holder("Mo\u0308bius", "x", "001"),))
    assert CodeClaims.from_record(record).holder_names == ("Möbius",)


@pytest.mark.parametrize("name", ["issued_on", "valid_from", "valid_until"])
def test_a_record_without_real_dates_gets_no_code(name, signer):
    with pytest.raises(MalformedError):
        coded(replace(BUSINESS, **{name: "2026-02-30"}), signer)


def test_only_sm2_keys_sign_codes():
    with pytest.raises(InvalidKeyError):
        coded(BUSINESS, ecdsa_identity("x"))


def test_a_changed_field_does_not_verify(signer, public_key):
    original = decode(coded(BUSINESS, signer)).message
    payload = original.payload.replace("天山".encode(), "天河".encode())
    message = b"\xd2" + cbor.encode(
        [cbor.encode({1: cose.ALG_SM2_SM3, 4: original.kid}), {}, payload, original.signature]
    )
    forged = decode(container.wrap(message))
    assert forged.claims.holder_names == ("天河云创数字科技有限公司",)
    with pytest.raises(InvalidSignatureError):
        forged.verify(public_key)


def test_an_unknown_dictionary_and_another_version_are_not_called_malformed(signer):
    text = coded(BUSINESS, signer)
    with pytest.raises(UnknownDictionaryError):
        decode(text, dictionaries={})
    with pytest.raises(UnsupportedError):
        decode("CL2" + text[3:])
    assert issubclass(UnknownDictionaryError, UnsupportedError)


def test_the_shared_example_is_no_full_licence(format_vectors):
    """The sheet's example carries two fields only; its COSE is sound, its claims are short."""
    with pytest.raises(MalformedError):
        decode(format_vectors["cose"]["text"])


def without(claims, *path):
    *outer, last = path
    inner = claims
    for step in outer:
        inner = inner[step]
    del inner[last]
    return claims


@pytest.mark.parametrize(
    "path",
    [(1,), (6,), (65535,), (65535, "status_list"), (65535, "status_list", "idx"), (-65538,)]
    + [(-65538, key) for key in range(1, 12)],
    ids=str,
)
def test_every_claim_but_the_expiry_is_needed(path, signer):
    with pytest.raises(MalformedError):
        decode(signed(without(raw_claims(), *path), signer))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((1,), 650000),
        ((1,), ""),
        ((4,), "2085-05-31"),
        ((4,), -1),
        ((4,), None),
        ((6,), 1.5),
        ((6,), 2**63),
        ((65535,), []),
        ((65535, "status_list", "idx"), -1),
        ((65535, "status_list", "idx"), True),
        ((65535, "status_list", "uri"), "x" * 513),
        ((-65538, 5), 1000),
        ((-65538, 8), []),
        ((-65538, 8), ["x"] * 9),
        ((-65538, 8), [b"x"]),
        ((-65538, 9), 10**9),
        ((-65538, 9), -(10**9)),
        ((-65538, 9), "2026-11-23"),
        ((-65538, 11), bytes(15)),
        ((-65538, 11), "0" * 16),
    ],
    ids=str,
)
def test_claims_of_the_wrong_type(path, value, signer):
    claims = raw_claims()
    inner = claims
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(MalformedError):
        decode(signed(claims, signer))


@pytest.mark.parametrize("payload", [b"", b"\x80", b"\xa0", b"\xa2\x01\x00\x01\x00", b"\xff"])
def test_payloads_that_are_no_claims(payload, signer):
    with pytest.raises(MalformedError):
        decode(container.wrap(cose.sign(payload, signer)))


def test_unknown_claims_are_passed_over(signer):
    claims = raw_claims()
    claims[99] = "new"
    claims[-65538][99] = [1]
    assert decode(signed(claims, signer)).claims.region == "650000"


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
DAYS = st.dates().map(lambda day: day.isoformat())


@given(number=WORDS, name=WORDS, issued_on=DAYS, uri=WORDS, index=st.integers(0, 2**20))
def test_round_trip(signer, number, name, issued_on, uri, index):
    record = replace(
        REAL_ESTATE,
        number=number,
        holders=(Holder(name, "x", "111"),),
        issued_on=issued_on,
        status=StatusSlot(uri, index),
    )
    try:
        claims = CodeClaims.from_record(record, at=AT)
        text = encode(claims, signer)
    except MalformedError:
        assert issued_on.endswith(("0001-01-01", "9999-12-31"))
        return
    assert decode(text).claims == claims


@given(text=st.text(max_size=100))
def test_any_text_is_decoded_or_refused(text):
    for candidate in (text, "CL1:" + text):
        try:
            decode(candidate)
        except (MalformedError, UnsupportedError):
            pass


@given(payload=st.binary(max_size=200))
def test_any_payload_is_read_or_refused(payload):
    try:
        parse_claims(payload)
    except MalformedError:
        pass


@given(at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_a_changed_byte_in_the_claims_is_read_or_refused(at, byte):
    payload = bytearray(CodeClaims.from_record(REAL_ESTATE, at=AT).to_cbor())
    payload[at % len(payload)] = byte
    try:
        parse_claims(bytes(payload))
    except MalformedError:
        pass
