from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor
from sealkit.errors import InvalidProofError, MalformedError
from sealkit.log_leaf import (
    Event,
    LeafOpening,
    LogLeaf,
    chained,
    commitment,
    hour_of,
    parse_leaf,
    parse_opening,
)
from sealkit.sm import sm3

SALT = bytes(range(32))
DIGEST = sm3.digest(b"credential")
AT = datetime(2026, 11, 23, 6, 59, 59, tzinfo=UTC)
LEAF = LogLeaf(
    Event.ISSUED, bytes(8), "11100000MB0143028R001", hour_of(AT), commitment(SALT, DIGEST)
)
NEXT = LogLeaf(
    Event.CORRECTED,
    bytes(8),
    LEAF.type_code,
    LEAF.hour,
    commitment(SALT, sm3.digest(b"other")),
    chained(SALT, LEAF.commitment),
)


@pytest.mark.parametrize("leaf", [LEAF, NEXT])
def test_an_entry_is_read_back(leaf):
    assert parse_leaf(leaf.to_cbor()) == leaf
    assert len(leaf.to_cbor()) <= 120


def test_the_commitment_is_that_of_the_sheet():
    assert LEAF.commitment == sm3.digest(b"lic-leaf/v1" + SALT + DIGEST)
    assert NEXT.prior == sm3.digest(b"lic-chain/v1" + SALT + LEAF.commitment)


def test_time_is_no_finer_than_an_hour():
    assert LEAF.at == datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_only_the_salt_and_the_credential_open_an_entry():
    opening = LeafOpening(LEAF.to_cbor(), SALT)
    assert parse_opening(opening.to_cbor()) == opening
    assert opening.verify(DIGEST) == LEAF
    with pytest.raises(InvalidProofError):
        opening.verify(sm3.digest(b"another"))
    with pytest.raises(InvalidProofError):
        LeafOpening(LEAF.to_cbor(), bytes(32)).verify(DIGEST)
    with pytest.raises(MalformedError):
        LeafOpening(b"\x80", SALT).verify(DIGEST)


def test_a_short_salt_is_refused():
    with pytest.raises(ValueError, match="salt"):
        commitment(SALT[:16], DIGEST)
    with pytest.raises(ValueError, match="salt"):
        chained(SALT, b"short")


MEMBERS = cbor.decode(LEAF.to_cbor())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 2),
        (1, 7),
        (1, True),
        (1, -1),
        (2, bytes(7)),
        (2, "00000000"),
        (3, ""),
        (3, "x" * 65),
        (3, None),
        (4, -1),
        (4, 2**40),
        (4, 1.5),
        (5, bytes(31)),
        (5, None),
        (6, bytes(31)),
        (6, ""),
    ],
)
def test_members_of_the_wrong_type(place, value):
    members = list(MEMBERS)
    members[place] = value
    with pytest.raises(MalformedError):
        parse_leaf(cbor.encode(members))


@pytest.mark.parametrize("entry", [b"", b"\x80", b"\xa0", b"\x01", cbor.encode([*MEMBERS, 0])])
def test_other_structures(entry):
    with pytest.raises(MalformedError):
        parse_leaf(entry)
    with pytest.raises(MalformedError):
        parse_opening(entry)


def test_one_entry_has_one_encoding():
    with pytest.raises(MalformedError):
        parse_leaf(LEAF.to_cbor().replace(b"\x87\x01\x00", b"\x87\x18\x01\x00", 1))


@given(st.binary(max_size=150))
def test_any_bytes_are_read_or_refused(document):
    for read in (parse_leaf, parse_opening):
        try:
            assert read(document).to_cbor() == document or read is parse_opening
        except MalformedError:
            pass
