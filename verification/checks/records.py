"""The licence record that a document carries, the measure of everything else it says."""

from collections.abc import Mapping
from typing import Final

from sealkit.errors import MalformedError
from sealkit.record import LicenceRecord
from verification.checks.notes import Notes
from verification.report import Finding, LicenceSummary, Severity

RECORD_NAME: Final = "licence.json"


def note_record(attachments: Mapping[str, bytes], notes: Notes) -> LicenceRecord | None:
    """Read the record among `attachments`, note it in the report, and return it.

    A well-signed document without one may be anything; it is not called a licence.
    """
    if RECORD_NAME not in attachments:
        notes.add([Finding("content.record_absent", Severity.UNKNOWN)])
        return None
    try:
        record = LicenceRecord.from_json(attachments[RECORD_NAME])
    except MalformedError as error:
        evidence = {"reason": str(error)}
        notes.add([Finding("content.record_unreadable", Severity.UNKNOWN, evidence)])
        return None
    notes.record = record
    notes.licence = LicenceSummary.of(record)
    return record
