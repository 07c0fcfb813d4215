"""The rules for an archive package: whole, stamped, and its licence judged as of that time.

What is enclosed proves nothing by itself. Who may issue, seal, stamp and sign what is taken from
the verifier's own material on the region; from the package come only what others have signed:
intermediate certificates, revocation lists and status lists. Revocation is judged as of the
time that the first timestamp proves, by the enclosed lists and by every later one that the
verifier has: a key may turn out to have been stolen before. Whoever can ask for the state of
now is told that too. A timestamp holds as long as the certificate
of its service, or until a later timestamp about it, made while it still held.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sealkit.asn1 import tsp
from sealkit.asn1.crl import parse_crl
from sealkit.asn1.x509 import pem_blocks
from sealkit.errors import MalformedError, SealkitError
from sealkit.formats import archive as packages
from sealkit.formats.archive import Archive
from verification.checks.chain import footing_of
from verification.checks.notes import Notes
from verification.checks.sources import CLOCK_SKEW, Outcomes, Sources
from verification.checks.status_on_day import state_of
from verification.checks.timestamps import is_harmless, timing_of
from verification.code import examine_code
from verification.errors import OpeningErasedError
from verification.ofd import examine_ofd
from verification.paths import PathVerdict
from verification.pdf import examine_pdf
from verification.report import Finding, Severity
from verification.trust import RegionTrust, SnapshotStatus, TrustStore

_OF_FILES: Final = {
    "missing": "archive.file.missing",
    "changed": "archive.file.changed",
    "unlisted": "archive.file.unlisted",
}


@dataclass(frozen=True, slots=True)
class EnclosedProof:
    """A `LogSource` over the one proof of a package."""

    identifier: str
    enclosed: bytes | None
    erased: bool = False

    def proof(self, identifier: str) -> bytes | None:
        """Return the enclosed proof for the edition that the package is about.

        Raises:
            OpeningErasedError: if the package says that it was erased.
        """
        if self.enclosed is None and self.erased:
            raise OpeningErasedError
        return self.enclosed if identifier == self.identifier else None


def examine_archive(content: bytes, sources: Sources, notes: Notes) -> None:
    """Run every rule for a package and note what they find."""
    try:
        found = packages.read_archive(content)
    except MalformedError as error:
        notes.add([Finding("archive.malformed", Severity.ERROR, {"reason": str(error)})])
        notes.skip_after("structure")
        return
    notes.freshness["archive"] = found.manifest.made_at
    whole = [
        Finding(_OF_FILES[problem], Severity.ERROR, {"file": name[:120]})
        for problem, name in found.problems
    ]
    notes.add(whole)
    region = _enclosed_region(found, sources, notes)
    if whole or region is None:
        notes.skip_after("structure")
        return
    enclosed = replace(
        sources,
        trust=TrustStore((region,)),
        status=SnapshotStatus(TrustStore((region,))),
        log=EnclosedProof(
            found.manifest.identifier,
            found.files.get(packages.PROOF),
            packages.PROOF_ERASED in found.files,
        ),
        register=None,
        days=None,
    )
    notes.add(_check_signature(found, enclosed))
    proven_at = _check_timestamps(found, enclosed, notes)
    if proven_at is None:
        notes.skip_after("structure")
        return
    _examine_licence(found, replace(enclosed, at=proven_at), notes)
    if sources.status is not None and notes.record is not None:
        notes.add_status(state_of(notes.record.status, region, sources))


def _enclosed_region(found: Archive, sources: Sources, notes: Notes) -> RegionTrust | None:
    try:
        region = RegionTrust.from_files(found.trust_files)
    except SealkitError as error:
        notes.add([Finding("archive.trust.malformed", Severity.ERROR, {"reason": str(error)})])
        return None
    known = sources.trust.region(region.region)
    if known is None:
        evidence = {"region": region.region[:12]}
        notes.add([Finding("archive.region_unknown", Severity.UNKNOWN, evidence)])
        return None
    # Whoever made the package may name himself anything: roles are the verifier's to know.
    return replace(
        known,
        intermediates=tuple(dict.fromkeys((*known.intermediates, *region.intermediates))),
        crls=tuple(dict.fromkeys((*known.crls, *region.crls))),
        status_tokens=region.status_tokens,
    )


def _check_signature(found: Archive, enclosed: Sources) -> Outcomes:
    made_at = found.manifest.made_at
    keys = [
        enclosed.trust.certificate(der).sm2_key
        for region in enclosed.trust.regions
        for der in region.receipt_signers
        if footing_of(enclosed.trust, der, at=made_at, purpose="sign").outcome.verdict
        is PathVerdict.OK
    ]
    if not keys:
        yield Finding("archive.signer_unknown", Severity.UNKNOWN)
        return
    try:
        packages.claims_of(found, keys, at=enclosed.at)
    except SealkitError as error:
        evidence = {"reason": str(error)}
        yield Finding("archive.signature_invalid", Severity.ERROR, evidence)


def _check_timestamps(found: Archive, enclosed: Sources, notes: Notes) -> datetime | None:
    """Return the time that the first timestamp proves, None if it proves none."""
    if not found.timestamps:
        notes.add([Finding("archive.timestamp.absent", Severity.ERROR)])
        return None
    proven: list[datetime] = []
    for number, token in enumerate(found.timestamps):
        timing = timing_of(token, found.stamped(number), None, _sources_of(found, number, enclosed))
        evidence = {"timestamp": str(number + 1)}
        if not timing.signing.proven:
            codes = ", ".join(
                outcome.code for outcome in timing.outcomes if not is_harmless(outcome)
            )
            severity = (
                Severity.UNKNOWN
                if all(
                    not isinstance(outcome, Finding) or outcome.severity is not Severity.ERROR
                    for outcome in timing.outcomes
                )
                else Severity.ERROR
            )
            notes.add(
                [Finding("archive.timestamp.invalid", severity, evidence | {"reason": codes})]
            )
            return None
        proven.append(timing.signing.at)
    notes.add(_check_succession(found, proven, enclosed))
    return proven[0]


def _sources_of(found: Archive, number: int, enclosed: Sources) -> Sources:
    """What a timestamp is judged by: its own time, and the lists of then.

    Its certificate is asked about as of then; how long it held is another question
    (`_check_succession`).
    """
    try:
        at = tsp.parse_token(found.timestamps[number]).at
        beside = found.lists[number]
        crls = tuple(parse_crl(der).der for der in pem_blocks(beside, "X509 CRL")) if beside else ()
    except MalformedError:
        return enclosed
    (region,) = enclosed.trust.regions
    with_lists = replace(region, crls=(*region.crls, *crls))
    return replace(enclosed, at=at, trust=TrustStore((with_lists,)))


def _check_succession(
    found: Archive, proven: list[datetime], enclosed: Sources
) -> Iterator[Finding]:
    """Each timestamp held until the next one, the last until now."""
    made_at, ends = found.manifest.made_at, (*proven[1:], enclosed.at)
    if abs(proven[0] - made_at) > CLOCK_SKEW * 20:
        yield Finding(
            "archive.timestamp.late", Severity.WARNING, {"timestamp": proven[0].isoformat()}
        )
    for number, (token, until) in enumerate(zip(found.timestamps, ends, strict=True)):
        evidence = {"timestamp": str(number + 1), "needed_until": until.isoformat()}
        if until < proven[number] - CLOCK_SKEW:
            yield Finding("archive.timestamp.order", Severity.ERROR, evidence)
        service = tsp.parse_token(token).signer_certificate_der
        if service is not None and until > enclosed.trust.certificate(service).not_after:
            yield Finding("archive.timestamp.ended", Severity.UNKNOWN, evidence)


def _examine_licence(found: Archive, enclosed: Sources, notes: Notes) -> None:
    """Judge the licence's files as of the time that the package was stamped."""
    document, code = found.files.get(packages.OFD), found.files.get(packages.CODE)
    if document is None:
        notes.add([Finding("archive.licence_missing", Severity.ERROR)])
        notes.skip_after("structure")
        return
    text = code.decode("ascii", "replace") if code else None
    examine_ofd(document, replace(enclosed, code=text), notes)
    if notes.licence is None or notes.licence.identifier != found.manifest.identifier:
        notes.add([Finding("archive.other_licence", Severity.ERROR)])
    notes.add(_check_beside(found, enclosed, notes))
    evidence = {"as_of": enclosed.at.isoformat()}
    notes.add([Finding("archive.judged_as_of", Severity.INFO, evidence)])


def _check_beside(found: Archive, enclosed: Sources, notes: Notes) -> Iterator[Finding]:
    """The PDF and the code of the package are valid then too, and of the same licence."""
    for name, examine in ((packages.PDF, examine_pdf), (packages.CODE, examine_code)):
        content = found.files.get(name)
        if content is None:
            continue
        apart = Notes(name, enclosed)
        examine(content, enclosed, apart)
        report = apart.report()
        identifier = report.licence.identifier if report.licence else ""
        # What state the licence was in is said once, of the licence itself.
        wrong = [
            finding
            for finding in report.findings
            if finding.severity in (Severity.ERROR, Severity.UNKNOWN)
            and not finding.code.startswith("status.")
        ]
        other = identifier != found.manifest.identifier
        if wrong or other:
            codes = ", ".join(finding.code for finding in wrong)
            known = (other and identifier) or any(f.severity is Severity.ERROR for f in wrong)
            yield Finding(
                "archive.companion",
                Severity.ERROR if known else Severity.UNKNOWN,
                {"file": name, "reason": codes[:400]},
            )
