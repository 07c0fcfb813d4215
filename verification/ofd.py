"""The rules for a licence as OFD, in their order."""

from dataclasses import dataclass

from sealkit.asn1.ses import SealSignature
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.model import OFDDocument, read_document
from sealkit.formats.ofd.signatures import SIGN, AppliedSeal, SignatureList, read_signatures
from sealkit.record import LicenceRecord
from verification.checks.chain import Footing, check_certificate, footing_of
from verification.checks.companions import check_companion
from verification.checks.content import (
    Named,
    check_identifier,
    check_metadata,
    check_register,
    check_visible_text,
)
from verification.checks.digests import check_coverage, check_digests
from verification.checks.notes import Notes
from verification.checks.ofd_structure import check_structure
from verification.checks.records import note_record
from verification.checks.seals import (
    check_listed,
    check_maker,
    check_seal,
    check_seal_file,
    check_used_in_time,
)
from verification.checks.signatures import check_description, check_readable, check_value
from verification.checks.signed_messages import check_message
from verification.checks.sources import Outcomes, Sources
from verification.checks.timestamps import Timing, timing_of, timing_within
from verification.licences import SignedBy, examine_licence
from verification.report import Finding, Severity


@dataclass(frozen=True, slots=True)
class _Standing:
    """A readable seal signature, its time, and what its two certificates stand on."""

    applied: AppliedSeal
    signature: SealSignature
    timing: Timing
    signer: Footing
    maker: Footing


def examine_ofd(content: bytes, sources: Sources, notes: Notes) -> None:
    """Run every rule for an OFD and note what they find."""
    try:
        document = read_document(content)
        signatures = read_signatures(document)
    except OFDError as error:
        notes.add([_unreadable(error)])
        notes.skip_after("structure")
        return
    notes.add(check_structure(document, signatures))
    for seal in signatures.seals:
        notes.add(check_digests(seal, list_path=document.signatures_path))
        notes.add(check_coverage(seal))
    standings = _examine_seals(signatures, sources, notes)
    record = note_record(document.attachments, notes)
    signers = [
        SignedBy(entry.signature.certificate_der, entry.timing, entry.signer) for entry in standings
    ]
    examine_licence(record, signers, None, sources, notes)
    if record is None:
        notes.skip("visible_text", "metadata", "register", reason="no_record")
    else:
        notes.add(_check_agreement(document, record, len(standings), sources))


def _unreadable(error: OFDError) -> Finding:
    if error.reason.startswith("zip."):
        code = "ofd.zip.malformed"
    elif error.reason == "ofd.reference.missing":
        code = "ofd.file.missing"
    else:
        code = "ofd.document.malformed"
    return Finding(code, Severity.ERROR, {"reason": str(error)})


def _examine_seals(
    signatures: SignatureList, sources: Sources, notes: Notes
) -> tuple[_Standing, ...]:
    """Run the rules on seals and signatures; return what can be judged further."""
    if not signatures.seals:
        notes.add([Finding("signature.absent", Severity.ERROR)])
    elif all(entry.type == SIGN for entry in signatures.seals):
        notes.add([Finding("signature.not_a_seal", Severity.UNKNOWN)])
    standings = tuple(
        _standing_of(seal, seal.signature, sources)
        for seal in signatures.seals
        if seal.signature is not None
    )
    for standing in standings:
        notes.add(_check_seal(standing, sources))
    for seal in signatures.seals:
        notes.add(check_readable(seal))
    for standing in standings:
        signature, applied = standing.signature, standing.applied
        notes.add(check_value(signature))
        notes.add(check_description(signature, applied.signature_xml, applied.path))
    for standing in standings:
        notes.add(_check_chain(standing, sources))
        maker = standing.signature.seal.maker_certificate_der
        notes.chains.append(("maker", standing.maker.outcome.chain or (maker,)))
    messages = [(entry, entry.message) for entry in signatures.seals if entry.message is not None]
    for entry, message in messages:
        notes.add(check_message(entry, message, sources))
    if len(standings) + len(messages) < len(signatures.seals) or not standings:
        notes.skip("seal", "chain", reason="earlier_failure")
    return standings


def _standing_of(applied: AppliedSeal, signature: SealSignature, sources: Sources) -> _Standing:
    if signature.time_token is not None:
        stamped = (applied.signature_xml, signature.data_hash)
        timing = timing_within(signature.time_token, stamped, sources)
    else:
        timing = timing_of(signature.timestamp, signature.signature, signature.signed_at, sources)
    trust, at = sources.trust, timing.signing.at
    signer = footing_of(trust, signature.certificate_der, at=at, purpose="sign")
    maker = footing_of(trust, signature.seal.maker_certificate_der, at=at, purpose="sign")
    return _Standing(applied, signature, timing, signer, maker)


def _check_seal(standing: _Standing, sources: Sources) -> Outcomes:
    seal = standing.signature.seal
    yield from check_seal(seal, sources.trust)
    yield from check_seal_file(standing.applied, seal)
    yield from check_listed(standing.signature)
    yield from check_used_in_time(seal, standing.timing.signing)


def _check_chain(standing: _Standing, sources: Sources) -> Outcomes:
    signing = standing.timing.signing
    certificate = standing.signature.certificate_der
    yield from check_certificate("signer", certificate, signing, standing.signer, sources)
    yield from check_maker(standing.signature.seal, standing.maker, signing, sources)


def _check_agreement(
    document: OFDDocument, record: LicenceRecord, seals: int, sources: Sources
) -> Outcomes:
    yield from check_visible_text(document.tags, record)
    yield from check_metadata(document.custom_data, record)
    yield from check_identifier(Named.by(record))
    if sources.code is not None:
        yield from check_companion(sources.code, record, sources.trust)
    yield from check_register(record, sources.register, seals=seals)
