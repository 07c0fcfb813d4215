"""Strict DER, read and written; asn1crypto and `cryptography` as second opinions."""

from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import pytest
from asn1crypto import core, parser
from hypothesis import given
from hypothesis import strategies as st

from sealkit.asn1 import der, encode
from sealkit.errors import MalformedError

moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    "hexadecimal",
    [
        "",
        "30",
        "0000",  # end of contents, which ends an indefinite length
        "0401",  # cut
        "04010000",  # bytes after the value
        "3003020100020100",  # bytes after a constructed value
        "3080020100" + "0000",  # indefinite length
        "048101" + "00",  # long form of a short length
        "0482008000",  # leading zero in the length
        "0485000000000100",  # five length octets
        "04ffffffffff",
        "1f0100",  # tag of several octets
        "30020401",  # inner value runs past the outer one
        "3003020100" + "05",
        "3001" + "30",
    ],
)
def test_what_is_not_one_strict_value_is_refused(hexadecimal):
    with pytest.raises(MalformedError):
        der.parse(bytes.fromhex(hexadecimal))


def test_depth_has_a_limit():
    nested = encode.integer(1)
    for _ in range(der.MAX_DEPTH):
        nested = encode.sequence(nested)
    assert der.parse(nested)
    with pytest.raises(MalformedError, match="deep"):
        der.parse(encode.sequence(nested))


def test_very_deep_nesting_is_refused_without_recursion():
    nested = b""
    for _ in range(20_000):
        nested = encode.sequence(nested)
    with pytest.raises(MalformedError, match="deep"):
        der.parse(nested)


def test_number_of_values_has_a_limit():
    with pytest.raises(MalformedError, match="over 20000 values"):
        der.parse(encode.sequence(*[encode.null()] * der.MAX_ELEMENTS))


def test_size_has_a_limit():
    with pytest.raises(MalformedError, match="over 10 bytes"):
        der.parse(encode.octet_string(bytes(9)), max_bytes=10)


def test_huge_integer_length_is_refused():
    with pytest.raises(MalformedError):
        der.parse(bytes.fromhex("02847fffffff01"))
    with pytest.raises(MalformedError):
        der.integer(der.parse(encode.integer(1 << 600)))


@pytest.mark.parametrize("hexadecimal", ["0200", "02020001", "0202ff80"])
def test_integer_not_minimal_is_refused(hexadecimal):
    with pytest.raises(MalformedError):
        der.integer(der.parse(bytes.fromhex(hexadecimal)))


@pytest.mark.parametrize("hexadecimal", ["010101", "0100", "01020000"])
def test_boolean_other_than_00_or_ff_is_refused(hexadecimal):
    with pytest.raises(MalformedError):
        der.boolean(der.parse(bytes.fromhex(hexadecimal)))


@pytest.mark.parametrize("hexadecimal", ["0600", "060180", "06028001", "06022a80", "0603558001"])
def test_object_identifier_not_minimal_is_refused(hexadecimal):
    with pytest.raises(MalformedError):
        der.object_identifier(der.parse(bytes.fromhex(hexadecimal)))


@pytest.mark.parametrize("hexadecimal", ["0300", "030101", "03020180"])
def test_bit_string_of_broken_octets_is_refused(hexadecimal):
    with pytest.raises(MalformedError):
        der.bits(der.parse(bytes.fromhex(hexadecimal)))


@pytest.mark.parametrize(
    "element",
    [
        encode.value(der.GENERALIZED_TIME, b"20260101000000"),
        encode.value(der.GENERALIZED_TIME, b"202601010000Z"),
        encode.value(der.GENERALIZED_TIME, b"20260101000000+0800"),
        encode.value(der.GENERALIZED_TIME, b"20260101000000.50Z"),
        encode.value(der.GENERALIZED_TIME, b"20260230000000Z"),
        encode.value(der.GENERALIZED_TIME, b"20260101000060Z"),
        encode.value(der.GENERALIZED_TIME, "２０260101000000Z".encode()),
        encode.value(der.UTC_TIME, b"2601010000Z"),
        encode.value(der.UTC_TIME, b"20260101000000Z"),
        encode.octet_string(b"20260101000000Z"),
    ],
)
def test_time_not_in_utc_with_seconds_is_refused(element):
    with pytest.raises(MalformedError):
        der.time(der.parse(element))


@pytest.mark.parametrize(
    "element",
    [
        encode.value(der.UTF8_STRING, b"\xff"),
        encode.value(der.IA5_STRING, b"\x80"),
        encode.value(der.PRINTABLE_STRING, b"a*b"),
        encode.octet_string(b"text"),
    ],
)
def test_text_outside_its_own_encoding_is_refused(element):
    with pytest.raises(MalformedError):
        der.text(der.parse(element))


def test_reader_refuses_the_wrong_value_and_leftovers():
    reader = der.parse(encode.sequence(encode.integer(1), encode.null())).children()
    with pytest.raises(MalformedError, match="belongs"):
        reader.octets()
    assert reader.integer() == 1
    with pytest.raises(MalformedError, match="more values"):
        reader.finish()
    with pytest.raises(MalformedError, match="holds no values"):
        reader.take(der.NULL).children()
    with pytest.raises(MalformedError, match="cut"):
        reader.take()


def test_reader_hands_on_the_original_bytes():
    inner = encode.sequence(encode.boolean(False))
    outer = der.parse(encode.sequence(encode.integer(7), inner))
    assert [element.der for element in outer.children()] == [encode.integer(7), inner]


@given(st.binary(max_size=200))
def test_any_bytes_are_one_value_or_malformed(foreign):
    try:
        element = der.parse(foreign)
    except MalformedError:
        return
    assert element.der == foreign
    parser.parse(foreign, strict=True)


@given(st.integers(min_value=-(1 << 500), max_value=1 << 500))
def test_integers_agree_with_asn1crypto(number):
    assert encode.integer(number) == core.Integer(number).dump()
    assert der.integer(der.parse(encode.integer(number))) == number


@given(
    st.integers(0, 2),
    st.integers(0, 39),
    st.lists(st.integers(0, 1 << 64), max_size=5),
)
def test_object_identifiers_agree_with_asn1crypto(first, second, rest):
    dotted = ".".join(map(str, (first, second, *rest)))
    assert encode.object_identifier(dotted) == core.ObjectIdentifier(dotted).dump()
    assert der.object_identifier(der.parse(encode.object_identifier(dotted))) == dotted


@given(moments)
def test_times_survive_writing_and_reading(moment):
    assert der.time(der.parse(encode.generalized_time(moment, fraction=True))) == moment
    assert der.time(der.parse(encode.generalized_time(moment))) == moment.replace(microsecond=0)
    assert der.time(der.parse(encode.time(moment))) == moment.replace(microsecond=0)


@given(st.binary(max_size=70_000))
def test_lengths_agree_with_asn1crypto(octets):
    assert encode.octet_string(octets) == core.OctetString(octets).dump()
    assert encode.bit_string(octets) == core.OctetBitString(octets).dump()
    assert der.parse(encode.octet_string(octets)).content == octets


@given(st.sets(st.integers(0, 31)))
def test_named_bits_agree_with_asn1crypto(numbers):
    class Flags(core.BitString):
        _map: ClassVar = {number: f"bit{number}" for number in range(32)}

    theirs = Flags({f"bit{number}" for number in numbers})
    assert Flags.load(encode.named_bits(*numbers)).native == theirs.native
    if numbers:
        unused = encode.named_bits(*numbers)[2]
        assert encode.named_bits(*numbers)[-1] & (1 << unused)


def test_time_turns_to_four_digit_years_in_2050():
    assert encode.time(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)) == b"\x17\r491231235959Z"
    assert encode.time(datetime(2050, 1, 1, tzinfo=UTC)) == b"\x18\x0f20500101000000Z"


def test_time_is_written_in_utc():
    china = timezone(timedelta(hours=8))
    assert encode.time(datetime(2026, 1, 1, tzinfo=china)) == b"\x17\r251231160000Z"
    with pytest.raises(ValueError, match="zone"):
        encode.time(datetime(2026, 1, 1))


def test_set_of_is_sorted():
    parts = [encode.integer(2), encode.integer(1), encode.boolean(True)]
    assert encode.set_of(*parts) == encode.value(der.SET, b"".join(sorted(parts)))


def test_text_is_written_under_its_tag():
    assert der.text(der.parse(encode.utf8_string("印章"))) == "印章"
    assert der.text(der.parse(encode.printable_string("CN"))) == "CN"
    assert der.text(der.parse(encode.ia5_string("ES"))) == "ES"
    assert encode.algorithm("1.2.156.10197.1.501").hex() == "300a06082a811ccf55018375"
    assert encode.context(0, encode.null()).hex() == "a0020500"
    assert der.context(1, constructed=False) == 0x81
