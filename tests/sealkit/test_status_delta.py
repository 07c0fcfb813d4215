import random
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor, status_delta
from sealkit.errors import (
    InvalidProofError,
    InvalidSignatureError,
    MalformedError,
    UnsupportedError,
)
from sealkit.formats.code import cose
from sealkit.sm import sm3
from sealkit.status_delta import build_delta, parse_delta
from sealkit.status_list import StatusList, build_token, parse_token
from tests.sealkit.asn1.identities import sm2_identity

AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
URI = "https://v.example.cn/v1/status-lists/11650000PRJ000654L-1"


@pytest.fixture(scope="module")
def signer():
    return sm2_identity("状态签名")


def delta(signer, before, changes, versions=(7, 8)):
    return build_delta(
        before,
        changes,
        versions=versions,
        uri=URI,
        signer=signer,
        at=AT,
        expires_at=AT + timedelta(hours=24),
        ttl=600,
    )


def test_a_delta_of_ours_is_read_back(signer):
    before = StatusList(64).with_entries({3: 1, 40: 2})
    found = parse_delta(delta(signer, before, {40: 0, 63: 1, 0: 12, 5: 1}))
    found.verify(signer.key.public_key)
    assert (found.uri, found.from_version, found.to_version, found.ttl) == (URI, 7, 8, 600)
    assert (found.issued_at, found.expires_at) == (AT, AT + timedelta(hours=24))
    assert found.apply(before) == StatusList(64).with_entries({0: 12, 3: 1, 5: 1, 63: 1})


def test_the_layout_is_what_the_decision_describes(signer):
    """Read with a CBOR library alone; the gaps of slots 0, 5 and 300 are 1, 5 and 295."""
    before = StatusList(512)
    message = cbor2.loads(delta(signer, before, {0: 1, 5: 1, 300: 1}))
    claims = cbor2.loads(message.value[2])
    assert claims[-65540][:2] == [7, 8]
    assert claims[-65540][2] == sm3.digest(before.octets)
    assert claims[-65540][4] == {1: bytes([1, 5, 0xA7, 0x02])}


def test_a_hundred_changes_in_a_million_slots_are_at_most_a_kilobyte(signer):
    chosen = random.Random(20261123)
    slots = chosen.sample(range(2**20), 100)
    before = StatusList(2**20)
    for values in ([1], [0, 1, 2, 3, 12, 13]):
        changes = {slot: chosen.choice(values) for slot in slots}
        made = delta(signer, before, changes)
        assert len(made) <= 1024
        assert parse_delta(made).changes == changes


def test_a_million_slots_with_one_in_a_hundred_set_are_at_most_19_kilobytes(signer):
    chosen = random.Random(20261123)
    slots = chosen.sample(range(2**20), 2**20 // 100)
    states = {slot: chosen.choice([1, 1, 1, 1, 1, 1, 2, 3]) for slot in slots}
    token = build_token(StatusList(2**20).with_entries(states), uri=URI, signer=signer, at=AT)
    assert len(token) <= 19 * 1024


def test_an_empty_delta_says_that_nothing_has_changed(signer):
    before = StatusList(8).set(1, 1)
    found = parse_delta(delta(signer, before, {}, (4, 4)))
    assert found.apply(before) == before


def test_a_delta_fits_its_own_list_only(signer):
    found = parse_delta(delta(signer, StatusList(8), {1: 1}))
    with pytest.raises(InvalidProofError, match="starts"):
        found.apply(StatusList(8).set(2, 1))


def test_a_delta_that_leads_elsewhere_than_it_says_is_refused(signer):
    before = StatusList(8)
    parts = [7, 8, before.digest(), bytes(32), {1: b"\x01"}]
    forged = resigned(signer, {-65540: parts})
    with pytest.raises(InvalidProofError, match="leads"):
        parse_delta(forged).apply(before)


@pytest.mark.parametrize("gaps", [{1: b"\x09"}, {16: b"\x01"}], ids=["slot", "value"])
def test_a_change_outside_the_list_is_refused(gaps, signer):
    before = StatusList(8)
    parts = [7, 8, before.digest(), before.digest(), gaps]
    with pytest.raises(MalformedError):
        parse_delta(resigned(signer, {-65540: parts})).apply(before)


def test_a_changed_delta_does_not_verify(signer):
    made, other = delta(signer, StatusList(8), {1: 1}), delta(signer, StatusList(8), {2: 1})
    with pytest.raises(InvalidSignatureError):
        parse_delta(made[:-64] + other[-64:]).verify(signer.key.public_key)


def test_neither_form_passes_for_the_other(signer):
    full = build_token(StatusList(8), uri=URI, signer=signer, at=AT, version=7)
    assert parse_token(full).version == 7
    with pytest.raises(MalformedError):
        parse_delta(full)
    with pytest.raises(MalformedError):
        parse_token(delta(signer, StatusList(8), {1: 1}))


PARTS = [7, 8, bytes(32), bytes(32), {1: b"\x01"}]


def resigned(signer, changes):
    claims = {2: URI, 6: 1773792000, 4: 1773878400, 65534: 600, -65540: PARTS}
    return cose.sign(cbor.encode(claims | changes), signer, typ=status_delta.TYP)


def parts(position, value):
    return {-65540: [*PARTS[:position], value, *PARTS[position + 1 :]]}


@pytest.mark.parametrize(
    "changes",
    [
        {2: None},
        {2: ""},
        {2: "x" * 513},
        {6: "now"},
        {4: None},
        {65534: 0},
        {-65540: None},
        {-65540: PARTS[:4]},
        parts(0, 9),
        parts(0, -1),
        parts(1, "8"),
        parts(2, bytes(31)),
        parts(3, None),
        parts(4, []),
        parts(4, {"1": b"\x01"}),
        parts(4, {256: b"\x01"}),
        parts(4, {1: b""}),
        parts(4, {1: [1]}),
        parts(4, {1: b"\x00"}),
        parts(4, {1: b"\x81\x00"}),
        parts(4, {1: b"\x81"}),
        parts(4, {1: b"\xff\xff\xff\xff\xff\x01"}),
        parts(4, {1: b"\xff\xff\xff\x7f"}),
        parts(4, {1: b"\x01", 2: b"\x01"}),
        parts(4, {1: b"\x01" * 262_145}),
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_deltas_with_wrong_claims(changes, signer):
    with pytest.raises(MalformedError):
        parse_delta(resigned(signer, changes))


def test_claims_that_are_no_map_and_deltas_beyond_the_limit(signer):
    with pytest.raises(MalformedError):
        parse_delta(cose.sign(b"\x80", signer, typ=status_delta.TYP))
    with pytest.raises(MalformedError):
        parse_delta(bytes(status_delta.MAX_DELTA_BYTES + 1))
    with pytest.raises(ValueError, match="at most"):
        delta(signer, StatusList(2**17), dict.fromkeys(range(65_537), 1))


@given(
    steps=st.lists(
        st.dictionaries(st.integers(0, 63), st.integers(0, 15), max_size=8), min_size=1, max_size=4
    )
)
def test_a_chain_of_deltas_gives_the_full_list(signer, steps):
    followed = full = StatusList(64)
    for version, changes in enumerate(steps):
        made = delta(signer, full, changes, (version, version + 1))
        full = full.with_entries(changes)
        followed = parse_delta(made).apply(followed)
    assert followed == full


@given(cwt=st.binary(max_size=150))
def test_any_bytes_are_read_or_refused(cwt):
    try:
        parse_delta(cwt)
    except (MalformedError, UnsupportedError):
        pass


@given(gaps=st.binary(max_size=40))
def test_any_gaps_are_read_or_refused(signer, gaps):
    try:
        found = parse_delta(resigned(signer, parts(4, {1: gaps})))
    except MalformedError:
        return
    assert list(found.changes) == sorted(set(found.changes))
