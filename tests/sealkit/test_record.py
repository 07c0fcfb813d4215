"""The record of an edition: derived copies, and JSON that anybody may have written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import MalformedError
from sealkit.record import (
    LONG_TERM,
    MAX_RECORD_BYTES,
    Holder,
    LicenceRecord,
    RecordField,
    StatusSlot,
    printed_form,
)

RECORD = LicenceRecord(
    identifier="1.2.156.3005.2.x",
    kind="business_licence",
    kind_code="11100000MB0143028R001",
    kind_name="营业执照",
    number="91650100MA00000000",
    edition=1,
    region="650000",
    issuer_code="11650000PRJ000654L",
    issuer_name="示例市市场监督管理局",
    issued_on="2026-11-02",
    valid_from="2026-11-02",
    valid_until=LONG_TERM,
    holders=(Holder("天山示例科技有限公司", "91650100MA00000000", "001"),),
    fields=(RecordField("capital", "注册资本", "KZ_ZCZB", "壹佰万元整"),),
    status=StatusSlot("https://status.example/1", 7),
)


def spoiled(**changes):
    return json.dumps(json.loads(RECORD.to_json()) | changes).encode()


def test_a_record_is_read_as_it_was_written():
    assert LicenceRecord.from_json(RECORD.to_json()) == RECORD


def test_two_holders_share_one_entry_of_the_metadata():
    assert RECORD.metadata()["CZZT"] == "天山示例科技有限公司"
    assert RECORD.metadata()["KZ_ZCZB"] == "壹佰万元整"


@pytest.mark.parametrize(
    ("value", "printed"),
    [("2026-11-02", "2026年11月02日"), (LONG_TERM, "长期"), ("壹佰万元整", "壹佰万元整")],
)
def test_a_value_is_printed_in_chinese(value, printed):
    assert printed_form(value) == printed


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"\xff",
        RECORD.to_json().decode().encode("utf-16"),
        b" " * (MAX_RECORD_BYTES + 1),
        spoiled(schema="other/1"),
        spoiled(more="x"),
        spoiled(edition=True),
        spoiled(edition=-1),
        spoiled(edition=1.0),
        spoiled(number=None),
        spoiled(holders=[["name"]]),
        spoiled(status="https://status.example/1"),
    ],
)
def test_what_is_no_record_is_refused(document):
    with pytest.raises(MalformedError):
        LicenceRecord.from_json(document)


def test_half_a_character_is_refused():
    """JSON can spell half of a surrogate pair, which no other copy of the value could repeat."""
    with pytest.raises(MalformedError):
        LicenceRecord.from_json(spoiled(issuer_name="\ud800"))


def test_a_member_that_is_said_twice_is_refused():
    """One reader takes the first, another the last."""
    twice = RECORD.to_json().replace(b'"number":', b'"number":"other","number":')
    with pytest.raises(MalformedError):
        LicenceRecord.from_json(twice)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ),
    st.sampled_from([*json.loads(RECORD.to_json()), "other"]),
)
def test_any_member_is_read_or_refused_and_what_is_read_can_be_written(value, name):
    try:
        record = LicenceRecord.from_json(spoiled(**{name: value}))
    except MalformedError:
        return
    assert LicenceRecord.from_json(record.to_json()) == record


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused(document):
    with pytest.raises(MalformedError):
        LicenceRecord.from_json(document)
