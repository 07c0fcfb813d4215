"""The rules for a licence identifier that somebody typed in or read out.

An identifier proves nothing by itself: the answer is what the issuer's register says, and
it holds no personal data.
"""

from sealkit.errors import CheckCharacterError, MalformedError
from sealkit.identifiers import parse_identifier
from verification.checks.notes import Notes
from verification.checks.sources import Sources
from verification.checks.status import check_state
from verification.checks.validity import check_dates
from verification.errors import SourceUnavailableError
from verification.ports import RegisterEntry, RegisterSource
from verification.report import Finding, LicenceSummary, Severity


def examine_identifier(document: bytes, sources: Sources, notes: Notes) -> None:
    """Look an identifier up and note what the register says."""
    text = document.decode(errors="replace").strip().upper()
    evidence = {"identifier": text}
    try:
        parsed = parse_identifier(text)
    except CheckCharacterError:
        notes.add([Finding("identifier.check_character", Severity.ERROR, evidence)])
        notes.skip("status", "register", reason="earlier_failure")
        return
    except MalformedError:
        notes.add([Finding("identifier.malformed", Severity.ERROR, evidence)])
        notes.skip("status", "register", reason="earlier_failure")
        return
    if parsed.legacy_check:
        notes.add([Finding("identifier.legacy_check", Severity.WARNING, evidence)])
    notes.skip("signature", reason="not_in_this_format")
    entry = _entry(text, sources.register, notes)
    if entry is None:
        return
    notes.licence = _summary(entry)
    notes.add(check_dates(entry.valid_from, entry.valid_until, at=sources.asked_at))
    if sources.valid_on is not None:
        # The register answers for the present; the slot of then stands in the document.
        evidence |= {"day": sources.valid_on.isoformat()}
        notes.add([Finding("status.day_needs_document", Severity.UNKNOWN, evidence)])
        return
    notes.add(check_state(entry.status, evidence))
    notes.state = entry.status


def _entry(identifier: str, register: RegisterSource | None, notes: Notes) -> RegisterEntry | None:
    evidence = {"identifier": identifier}
    if register is None:
        notes.add([Finding("identifier.register_missing", Severity.UNKNOWN, evidence)])
        return None
    try:
        entry = register.entry(identifier)
    except SourceUnavailableError:
        notes.add([Finding("identifier.register_unavailable", Severity.UNKNOWN, evidence)])
        return None
    if entry is None:
        notes.add([Finding("identifier.not_found", Severity.ERROR, evidence)])
    return entry


def _summary(entry: RegisterEntry) -> LicenceSummary:
    return LicenceSummary(
        identifier=entry.identifier,
        kind=entry.kind,
        kind_name=entry.kind_name,
        number="",  # on some kinds it is a citizen number
        edition=entry.edition,
        region=entry.region,
        issuer_code=entry.issuer_code,
        issuer_name=entry.issuer_name,
        issued_on=entry.issued_on,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
    )
