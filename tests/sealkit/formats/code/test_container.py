import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError, UnknownDictionaryError, UnsupportedError
from sealkit.formats.code import base45, container
from sealkit.formats.code.dictionaries import DICTIONARIES
from sealkit.sm import sm3


def text_of(octets):
    return container.PREFIX + base45.encode(octets)


def preset(message, number=1, dictionary=DICTIONARIES[1]):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=dictionary)
    return bytes([1, number]) + compressor.compress(message) + compressor.flush()


def test_a_dictionary_once_given_out_never_changes():
    digests = {number: sm3.digest(content).hex() for number, content in DICTIONARIES.items()}
    assert digests == {1: "b4afbcbea5aaafb8bfcbbebc48fb19f5409c71de61a403622e866647df2c2762"}


def test_the_shared_example_is_bare_cose(format_vectors):
    vector = format_vectors["cose"]
    assert len(vector["text"]) == 324
    assert container.unwrap(vector["text"]).hex() == vector["cose_sign1"]


def test_all_three_forms_are_read():
    message = b"\xd2 any bytes " * 5
    assert container.unwrap(text_of(message)) == message
    assert container.unwrap(text_of(zlib.compress(message, 9))) == message
    assert container.unwrap(text_of(preset(message))) == message


def test_what_does_not_shrink_stays_bare():
    noise = b"\xd2" + b"".join(sm3.digest(bytes([n])) for n in range(8))
    assert container.wrap(noise) == text_of(noise)


def test_an_unknown_dictionary_is_told_apart():
    with pytest.raises(UnknownDictionaryError):
        container.unwrap(text_of(preset(b"x" * 50, number=9)))
    handed = {9: b"other words"}
    text = text_of(preset(b"other words!", 9, handed[9]))
    assert container.unwrap(text, handed) == b"other words!"


@pytest.mark.parametrize("text", ["CL2:00", "CLA:", "CLZ:" + "0" * 99])
def test_later_versions_are_unsupported_not_malformed(text):
    with pytest.raises(UnsupportedError):
        container.unwrap(text)


@pytest.mark.parametrize(
    "text",
    ["", "CL1", "cl1:00", " CL1:00", "CL0:00", "HC1:00", "CL1:", "CL1:00", "CL1:" + "0" * 4300],
)
def test_what_is_no_code(text):
    with pytest.raises(MalformedError):
        container.unwrap(text)


@pytest.mark.parametrize(
    ("octets", "defect"),
    [
        (b"\x01", "no number"),
        (b"\x01\x01", "no stream"),
        (preset(b"x" * 100)[:-3], "cut"),
        (preset(b"x" * 100) + b"\0", "followed by a byte"),
        (preset(bytes(8193)), "inflates beyond 8 KiB"),
        (preset(bytes(3_000_000)), "inflates a thousandfold"),
        (zlib.compress(bytes(8193), 9), "zlib beyond 8 KiB"),
        (zlib.compress(b"x" * 100, 9)[:-1] + b"\0", "wrong zlib checksum"),
        (b"\x78\xbb\x00\x00\x00\x01" + bytes(8), "zlib that asks for a dictionary"),
        (b"\x02\x01abc", "unknown form"),
        (b"\x00", "unknown form, short"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_containers_that_are_refused(octets, defect):
    with pytest.raises(MalformedError):
        container.unwrap(text_of(octets))


def test_exactly_eight_kibibytes_are_read():
    assert container.unwrap(text_of(preset(bytes(8192)))) == bytes(8192)


@given(st.text(max_size=60) | st.binary(max_size=200).map(text_of))
def test_any_text_is_unwrapped_or_refused(text):
    try:
        assert len(container.unwrap(text)) <= container.MAX_INFLATED_BYTES
    except (MalformedError, UnsupportedError):
        pass


@given(st.binary(max_size=200), st.sampled_from([b"\x01\x01", b"\x78\xda", b"\x01\x07"]))
def test_any_stream_is_inflated_or_refused(stream, head):
    try:
        container.unwrap(text_of(head + stream))
    except (MalformedError, UnsupportedError):
        pass


@given(st.binary(min_size=1, max_size=600).map(lambda octets: b"\xd2" + octets))
def test_round_trip(message):
    assert container.unwrap(container.wrap(message)) == message
