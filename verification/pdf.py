"""The rules for a licence as PDF, in their order.

What is visible on a page of a PDF is not compared with the record: the format ties no text
to a field. The issuer's register is what ties them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sealkit.errors import MalformedError
from sealkit.formats import pdf
from sealkit.formats.pdf import PDFSignature
from verification.checks.chain import Footing, SigningTime, check_certificate, footing_of
from verification.checks.companions import check_companion
from verification.checks.content import Named, check_identifier, check_register
from verification.checks.notes import Notes
from verification.checks.pdf_signatures import (
    check_covered,
    check_later_changes,
    check_pdf_value,
    signatures_relied_on,
)
from verification.checks.records import note_record
from verification.checks.sources import Outcomes, Sources
from verification.checks.timestamps import Timing, timing_of
from verification.copies import examine_copy, is_copy
from verification.licences import SignedBy, examine_licence
from verification.paths import PathVerdict
from verification.report import Finding, Severity, Unchecked


@dataclass(frozen=True, slots=True)
class _Standing:
    """A signature with the time it was made at and what its certificate stands on."""

    signature: PDFSignature
    timing: Timing
    footing: Footing

    @property
    def is_trusted(self) -> bool:
        holds = self.signature.digest_holds and self.signature.signature_holds
        return bool(holds) and self.footing.outcome.verdict is PathVerdict.OK


def examine_pdf(content: bytes, sources: Sources, notes: Notes) -> None:
    """Run every rule for a PDF and note what they find."""
    try:
        contents = pdf.read_pdf(content)
    except MalformedError as error:
        notes.add([Finding("pdf.malformed", Severity.ERROR, {"reason": str(error)})])
        notes.skip_after("structure")
        return
    signatures = contents.signatures
    standings = [_standing_of(signature, sources) for signature in signatures]
    relied_on = signatures_relied_on(signatures)
    deciding = [entry for entry in standings if entry.signature in relied_on]
    notes.add(_check_digests(standings))
    if not relied_on:
        notes.add([Finding("signature.absent", Severity.ERROR)])
    for standing in standings:
        notes.add(_weighed(check_pdf_value(standing.signature), decides=standing in deciding))
    for standing in standings:
        notes.add(_weighed(_check_chain(standing, sources), decides=standing in deciding))
    signers = [_signed_by(standing) for standing in deciding]
    if is_copy(contents.attachments):
        examine_copy(contents.attachments, signers, sources, notes)
        return
    record = note_record(contents.attachments, notes)
    examine_licence(record, signers, "pdf_signers", sources, notes)
    notes.skip("visible_text", reason="not_in_this_format")
    if record is None:
        notes.skip("register", reason="no_record")
        return
    notes.add(check_identifier(Named.by(record)))
    if sources.code is not None:
        notes.add(check_companion(sources.code, record, sources.trust))
    notes.add(check_register(record, sources.register, seals=None))


def _standing_of(signature: PDFSignature, sources: Sources) -> _Standing:
    timing = _timing_of(signature, sources)
    footing = footing_of(
        sources.trust,
        signature.signer_certificate_der,
        at=timing.signing.at,
        purpose="timestamp" if signature.is_document_timestamp else "sign",
        extra=signature.certificates,
    )
    return _Standing(signature, timing, footing)


def _timing_of(signature: PDFSignature, sources: Sources) -> Timing:
    if signature.is_document_timestamp:
        said = signature.signed_at or sources.at
        return Timing(SigningTime(min(said, sources.at), proven=False), said, ())
    return timing_of(
        signature.timestamp_der, signature.signature_value, signature.signed_at, sources
    )


def _check_digests(standings: Sequence[_Standing]) -> Outcomes:
    for number, standing in enumerate(standings):
        yield from check_covered(standing.signature)
        later = standings[number + 1 :]
        yield from check_later_changes(
            standing.signature,
            [entry.signature for entry in later],
            later_are_trusted=all(entry.is_trusted for entry in later),
        )


def _check_chain(standing: _Standing, sources: Sources) -> Outcomes:
    certificate = standing.signature.signer_certificate_der
    role = "timestamp" if standing.signature.is_document_timestamp else "signer"
    signing = standing.timing.signing
    yield from check_certificate(role, certificate, signing, standing.footing, sources)


def _weighed(outcomes: Outcomes, *, decides: bool) -> Outcomes:
    """Pass `outcomes` on; what cannot be said of a signature that does not decide is only noted."""
    for outcome in outcomes:
        unknown = isinstance(outcome, Finding) and outcome.severity is Severity.UNKNOWN
        if unknown and not decides:
            yield Unchecked("further_signatures", "no_trust_material")
        else:
            yield outcome


def _signed_by(standing: _Standing) -> SignedBy:
    return SignedBy(standing.signature.signer_certificate_der, standing.timing, standing.footing)
