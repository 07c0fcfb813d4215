import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from sealkit.formats.code import base45


def test_published_pairs(format_vectors):
    for octets, text in format_vectors["base45"]:
        assert base45.decode(text).hex() == octets
        assert base45.encode(bytes.fromhex(octets)) == text


def test_published_refusals(format_vectors):
    for text in format_vectors["base45_refused"]:
        with pytest.raises(MalformedError):
            base45.decode(text)


@pytest.mark.parametrize("text", ["B\n8", "BB8\n", "证BB", "bb8", "00é", "0", "0000"])
def test_other_refusals(text):
    with pytest.raises(MalformedError):
        base45.decode(text)


def test_space_is_data():
    assert base45.decode("  0") == (36 + 45 * 36).to_bytes(2)
    with pytest.raises(MalformedError):
        base45.decode("0 ")  # 36 * 45 is no byte


@given(st.binary(max_size=400))
def test_round_trip(octets):
    text = base45.encode(octets)
    assert base45.decode(text) == octets
    assert len(text) == len(octets) // 2 * 3 + len(octets) % 2 * 2


@given(st.text(max_size=60) | st.text(base45.ALPHABET.decode(), max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        octets = base45.decode(text)
    except MalformedError:
        return
    assert base45.encode(octets) == text
