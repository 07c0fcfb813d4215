"""The rules for an annotated copy (加注件): is it what it says, for its recipient, today.

A copy is no licence: the report names none. It is good only before its own end, and while
the edition it copies is in force and within its dates.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sealkit.copy_note import COPY_NAME, CopyNote
from sealkit.errors import MalformedError
from verification.checks.authority import Claim, check_authority
from verification.checks.content import Named, check_identifier
from verification.checks.notes import Notes
from verification.checks.records import RECORD_NAME
from verification.checks.sources import CLOCK_SKEW, Outcomes, Sources
from verification.checks.status import status_of
from verification.checks.validity import check_dates
from verification.errors import LicenceElsewhereError, SourceUnavailableError
from verification.licences import SignedBy
from verification.report import Finding, Severity, Unchecked

_OF_THE_ORIGINAL: Final = ("log", "visible_text", "metadata")


def is_copy(attachments: Mapping[str, bytes]) -> bool:
    """Tell whether a document says that it is an annotated copy, and not a licence as well."""
    return COPY_NAME in attachments and RECORD_NAME not in attachments


def examine_copy(
    attachments: Mapping[str, bytes], signers: Sequence[SignedBy], sources: Sources, notes: Notes
) -> None:
    """Run every rule for the copy that `attachments` carry the note of."""
    notes.chains += (
        ("signer", entry.footing.outcome.chain or (entry.certificate,)) for entry in signers
    )
    try:
        note = CopyNote.from_json(attachments[COPY_NAME])
    except MalformedError as error:
        notes.add([Finding("copy.note_unreadable", Severity.ERROR, {"reason": str(error)})])
        notes.skip_after("chain")
        return
    notes.add([_described(note)])
    notes.add(_check_time(note, sources))
    if not signers:
        notes.skip_after("chain")
        return
    chief = signers[0]
    notes.signed_at = chief.timing.signing.at
    region = chief.footing.region
    notes.add(
        check_authority(
            Claim(note.region, note.issuer_code, note.kind_code),
            region,
            signer=chief.certificate,
            for_all_issuers=region.pdf_signers if region else (),
            at=chief.timing.signing.at,
        )
    )
    notes.add(check_dates(note.valid_from, note.valid_until, at=sources.at))
    notes.add(chief.timing.outcomes)
    if region is None:
        notes.skip("status", reason="earlier_failure")
    else:
        notes.add_status(status_of(note.status, region, sources))
    notes.add(_check_named(note))
    notes.add(_check_register(note, sources))
    notes.skip(*_OF_THE_ORIGINAL, reason="of_the_original")


def _described(note: CopyNote) -> Finding:
    """Return what every reader of the report has to see first."""
    evidence = {
        "copy": note.copy_id,
        "identifier": note.identifier,
        "kind": note.kind_name,
        "purpose": note.copy_cause,
        "recipient": note.recipient,
        "until": note.copy_expiring_time.isoformat(),
    }
    return Finding("copy.annotated", Severity.INFO, evidence)


def _check_time(note: CopyNote, sources: Sources) -> Outcomes:
    evidence = {"until": note.copy_expiring_time.isoformat()}
    if sources.at >= note.copy_expiring_time:
        yield Finding("copy.expired", Severity.ERROR, evidence)
    if note.copy_create_time - sources.at > CLOCK_SKEW:
        made = {"made": note.copy_create_time.isoformat()}
        yield Finding("copy.not_yet_made", Severity.ERROR, made)


def _check_named(note: CopyNote) -> Outcomes:
    """The identifier is one of the issuer and kind that the note names."""
    parts = note.identifier.split(".")
    edition = int(parts[-2]) if len(parts) > 2 and parts[-2].isdecimal() else 0
    yield from check_identifier(Named(note.identifier, note.kind_code, note.issuer_code, edition))


def _check_register(note: CopyNote, sources: Sources) -> Outcomes:
    """The issuer's register has the edition, and its record is the one that was copied."""
    if sources.register is None:
        yield Unchecked("register", "no_source")
        return
    evidence = {"identifier": note.identifier}
    try:
        entry = sources.register.entry(note.identifier)
    except LicenceElsewhereError:
        yield Unchecked("register", "other_region")
        return
    except SourceUnavailableError:
        yield Finding("content.register_unavailable", Severity.UNKNOWN, evidence)
        return
    if entry is None:
        yield Finding("content.register_unknown", Severity.ERROR, evidence)
    elif entry.record_digest.hex() != note.record_digest:
        yield Finding("content.register_differs", Severity.ERROR, evidence)
