"""Records of every kind, as minting makes them."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from issuance.application_data import validate_application_data
from issuance.licence_record import make_record
from issuance.model import load_kinds
from issuance.ports import Department
from sealkit.identifiers import LicenceIdentifier
from sealkit.record import RecordField, StatusSlot
from tests.issuance.kinds.samples import sample

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
OFFICE = Department("11650000PRJ000654L", "示例市行政审批局", (), "key", "电子证照专用章")


@cache
def sample_record(name):
    """Return the record of a kind's sample."""
    kind = load_kinds()[name]
    return make_record(
        kind,
        validate_application_data(kind, sample(name), AT),
        identifier=LicenceIdentifier(kind.code, OFFICE.code, "00000000000000000001", 1),
        department=OFFICE,
        region="650000",
        issued_on="2026-11-23",
        status=StatusSlot("https://licence.example/v1/status-lists/1", 12345),
    )


def record_with(kind, /, **values):
    """Return the sample's record with other values; None leaves a field out."""
    record = sample_record(kind)
    given = {field.name: field.value for field in record.fields} | values
    fields = tuple(
        RecordField(field.name, field.label_zh, field.short, given[field.name])
        for field in load_kinds()[kind].fields
        if given.get(field.name) is not None
    )
    return replace(record, fields=fields)


def texts_of(name):
    """Return the fields of a kind that hold free text."""
    kind = load_kinds()[name]
    return [field for field in kind.fields if field.type in ("string", "text")]
