"""From validated data to the record that every carrier of a licence repeats."""

from collections.abc import Mapping

from issuance.application_data import LicenceData
from issuance.errors import OpeningErasedError
from issuance.kind import Kind
from issuance.personal_data import seal_members, unseal_members
from issuance.ports import Department, Vault
from issuance.register_rows import NO_SALT, Edition, EditionKey
from issuance.validity import valid_from, valid_until
from sealkit.identifiers import LicenceIdentifier
from sealkit.record import LicenceRecord, RecordField, StatusSlot


def make_record(
    kind: Kind,
    data: LicenceData,
    *,
    identifier: LicenceIdentifier,
    department: Department,
    region: str,
    issued_on: str,
    status: StatusSlot,
) -> LicenceRecord:
    """Return the record of an edition; absent values have no field."""
    return LicenceRecord(
        identifier=str(identifier),
        kind=kind.name,
        kind_code=identifier.type_code,
        kind_name=kind.name_zh,
        number=data.fields[kind.number_field],
        edition=identifier.version,
        region=region,
        issuer_code=department.code,
        issuer_name=department.name,
        issued_on=issued_on,
        valid_from=valid_from(kind, data.fields, issued_on),
        valid_until=valid_until(kind, data.fields, issued_on),
        holders=data.holders,
        fields=tuple(
            RecordField(field.name, field.label_zh, field.short, data.fields[field.name])
            for field in kind.fields
            if field.name in data.fields
        ),
        status=status,
    )


def data_of(record: LicenceRecord) -> LicenceData:
    """Return what an application for this very record would hold."""
    fields: Mapping[str, str] = {field.name: field.value for field in record.fields}
    return LicenceData(record.holders, fields)


def sealed_record(vault: Vault, key: EditionKey, record: LicenceRecord) -> bytes:
    """Return the record as the register keeps it."""
    return vault.seal(record.to_json(), f"editions.record:{key}")


def record_of(vault: Vault, edition: Edition) -> LicenceRecord:
    """Return the record of an edition."""
    return LicenceRecord.from_json(
        vault.unseal(edition.sealed_record, f"editions.record:{edition.key}")
    )


def sealed_salt(vault: Vault, key: EditionKey, salt: bytes) -> bytes:
    """Return the salt of an edition's log entry as the plan keeps it."""
    return seal_members(vault, {"salt": salt.hex()}, f"plans.salt:{key}")


def salt_of(vault: Vault, key: EditionKey, box: bytes) -> bytes:
    """Return the salt of an edition's log entry.

    Raises:
        OpeningErasedError: if it was destroyed.
    """
    if box == NO_SALT:
        raise OpeningErasedError
    return bytes.fromhex(unseal_members(vault, box, f"plans.salt:{key}")["salt"])
