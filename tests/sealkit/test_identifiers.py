import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import CheckCharacterError, MalformedError
from sealkit.identifiers import (
    LicenceIdentifier,
    check_character,
    new_identifier,
    new_serial,
    parse_identifier,
)

CASES = json.loads(
    (Path(__file__).parents[1] / "vectors" / "licence_numbers" / "cases.json").read_text("utf-8")
)["licence_identifier"]
TYPE, ISSUER = "11100000MB0143028R001", "11650000PRJ000654L"


@pytest.mark.parametrize("case", [c for c in CASES if c["valid"]], ids=lambda c: c["value"][-30:])
def test_deployed_identifiers_are_read_and_written_alike(case):
    parsed = parse_identifier(case["value"])
    assert not parsed.legacy_check
    assert str(parsed.identifier) == case["value"]


@pytest.mark.parametrize("case", [c for c in CASES if c.get("legacy_variant")])
def test_the_vendors_older_check_character_is_read_with_a_mark(case):
    parsed = parse_identifier(case["value"])
    assert parsed.legacy_check
    assert str(parsed.identifier).endswith("." + case["strict_check"])


def test_a_character_outside_the_alphabet_cannot_be_a_check_character():
    bad = next(c for c in CASES if c["origin"] == "bad check character")
    with pytest.raises(MalformedError):
        parse_identifier(bad["value"])


def test_the_published_example_of_mod_37_36():
    assert check_character("A12425GABC1234002") == "M"


def test_every_other_check_character_is_refused():
    text = new_identifier(TYPE, ISSUER, "K7Q2M9X4T1B8N5R3W6Y0")
    assert text.endswith(".001.Q")
    accepted = set()
    for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        try:
            parsed = parse_identifier(text[:-1] + character)
        except CheckCharacterError:
            continue
        accepted.add((character, parsed.legacy_check))
    assert ("Q", False) in accepted
    assert len(accepted) == 2  # the strict one, and the vendor's older one
    assert sum(legacy for _, legacy in accepted) == 1


def test_case_and_surrounding_space_do_not_matter():
    text = new_identifier(TYPE, ISSUER, "ABC")
    assert str(parse_identifier(f" {text.lower()}\n").identifier) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.156.3005.2",
        "1.2.156.3005.3.11100000MB0143028R001.11650000PRJ000654L.A.001.Q",
        "1.2.156.3005.2.11100000MB0143028R001.11650000PRJ000654L.A.000.Q",
        "1.2.156.3005.2.11100000MB0143028R001.11650000PRJ000654L.A.1.Q",
        "1.2.156.3005.2.11100000MB0143028R001.11650000PRJ000654L.证.001.Q",
        "1.2.156.3005.2.11100000MB0143028R001.11650000PRJ000654L." + "A" * 33 + ".001.Q",
        "1.2.156.3005.2.११११११.11650000PRJ000654L.A.001.Q",
        " " * 10_000_000,
    ],
)
def test_other_forms_are_malformed(text):
    with pytest.raises(MalformedError):
        parse_identifier(text)


@pytest.mark.parametrize(
    "parts",
    [
        ("062301", ISSUER, "A", 1),
        (TYPE, "340100", "A", 1),
        (TYPE, ISSUER, "0624_001", 1),
        (TYPE, ISSUER, "A", 0),
        (TYPE, ISSUER, "A", 1000),
        (TYPE, ISSUER, "", 1),
    ],
)
def test_what_we_only_read_from_others_we_never_emit(parts):
    with pytest.raises(ValueError, match="form we emit"):
        new_identifier(*parts)


def test_the_next_edition_differs_in_version_alone():
    first = parse_identifier(new_identifier(TYPE, ISSUER, "A")).identifier
    assert first.next_version == LicenceIdentifier(TYPE, ISSUER, "A", 2)
    assert first.next_version.stem == first.stem
    with pytest.raises(ValueError, match="999"):
        _ = LicenceIdentifier(TYPE, ISSUER, "A", 999).next_version


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=32))
def test_round_trip(serial):
    text = new_identifier(TYPE, ISSUER, serial)
    assert len(text) <= 128
    assert str(parse_identifier(text).identifier) == text


@given(st.text() | st.from_regex(r"1\.2\.156\.3005\.2(\.[0-9A-Z_]{1,22}){3}\.[0-9]{3}\.[0-9A-Z]"))
def test_any_text_is_read_or_refused(text):
    try:
        parse_identifier(text)
    except MalformedError:
        pass


def test_serials_are_random_and_of_the_alphabet():
    serials = {new_serial() for _ in range(100)}
    assert len(serials) == 100
    assert all(len(serial) == 20 and serial.isalnum() for serial in serials)
