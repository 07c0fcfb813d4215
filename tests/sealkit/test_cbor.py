import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit import cbor
from sealkit.errors import MalformedError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-300, 300) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_map_keys_are_sorted_by_their_bytes_also_inside():
    value = {-65538: {"b": 1, "a": [{3: 0, 1: 0}]}, 65535: 0, 4: 0, 24: 0, -1: 0}
    assert cbor.encode(value).hex() == (
        "a5040018180019ffff0020003a00010001a2616181a201000300616201"
    )


@pytest.mark.parametrize(
    ("document", "defect"),
    [
        ("", "nothing"),
        ("0101", "trailing byte"),
        ("a201000100", "duplicate key"),
        ("a2010018" + "0100", "duplicate key in another encoding"),
        ("81" * 8 + "80", "nine levels"),
        ("a101" * 8 + "a0", "nine levels of maps"),
        ("c11a00000000", "tag of a date"),
        ("d8236161", "tag of a regular expression"),
        ("c249010000000000000000", "tag of a large number"),
        ("c48219ffff01", "tag of a decimal fraction"),
        ("d81c81d81d00", "shared references"),
        ("d9ffff00", "tag of nothing"),
        ("62c328", "text that is not UTF-8"),
        ("9bffffffffffffffff", "array that promises too much"),
        ("5b7fffffffffffffff", "byte string that promises too much"),
        ("ff", "break alone"),
        ("1c", "reserved length"),
    ],
    ids=lambda value: value if " " in value else None,
)
def test_what_is_refused(document, defect):
    with pytest.raises(MalformedError):
        cbor.decode(bytes.fromhex(document))


def test_eight_levels_are_read():
    assert cbor.decode(bytes.fromhex("81" * 7 + "80")) == [[[[[[[[]]]]]]]]


def test_other_encodings_of_the_same_value_are_read():
    assert cbor.decode(bytes.fromhex("a218040018010f")) == {4: 0, 1: 15}
    assert cbor.decode(bytes.fromhex("bf0100ff")) == {1: 0}


def test_indefinite_lengths_can_be_refused():
    for document in ("bf0100ff", "9fff", "5f4101ff", "7f6161ff", "a1019fff"):
        with pytest.raises(MalformedError):
            cbor.decode(bytes.fromhex(document), indefinite=False)


@given(VALUES)
def test_round_trip(value):
    encoded = cbor.encode(value)
    try:
        decoded = cbor.decode(encoded, indefinite=False)
    except MalformedError:
        assert str(value).count("[") + str(value).count("{") > cbor.MAX_DEPTH
        return
    assert decoded == value
    assert cbor.encode(decoded) == encoded


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(document):
    try:
        cbor.decode(document)
    except MalformedError:
        pass
