"""What is asked of every signed licence, whatever file carries it.

authority → validity → timestamp → status → log: the middle of the order of design 7, after
the file's own rules and before the comparison of its copies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sealkit.record import LicenceRecord
from verification.checks.authority import Claim, check_authority
from verification.checks.chain import Footing
from verification.checks.companions import credential_digest
from verification.checks.log import check_log
from verification.checks.notes import Notes
from verification.checks.sources import Sources
from verification.checks.status_on_day import state_of
from verification.checks.timestamps import Timing
from verification.checks.validity import check_dates, check_issued
from verification.trust import RegionTrust

SignerList = Literal["pdf_signers", "code_signers"]


@dataclass(frozen=True, slots=True)
class SignedBy:
    """One signature that a licence rests on."""

    certificate: bytes
    timing: Timing
    footing: Footing


def examine_licence(
    record: LicenceRecord | None,
    signers: Sequence[SignedBy],
    shared: SignerList | None,
    sources: Sources,
    notes: Notes,
) -> None:
    """Run the rules that a licence's record is asked for.

    `shared` names the region's list of certificates that sign for every authority in this
    format; None where only the issuer's own may.
    """
    chief = _chief(record, signers)
    region = chief.footing.region if chief else None
    _note_facts(chief, region, notes)
    notes.chains += (
        ("signer", entry.footing.outcome.chain or (entry.certificate,)) for entry in signers
    )
    if record is None or chief is None:
        reason = "no_record" if record is None else "earlier_failure"
        notes.skip("authority", reason=reason)
    else:
        claim = Claim(record.region, record.issuer_code, record.kind_code)
        notes.add(
            check_authority(
                claim,
                region,
                signer=chief.certificate,
                for_all_issuers=getattr(region, shared) if shared and region else (),
                at=chief.timing.signing.at,
            )
        )
    for signer in signers:
        notes.add(check_issued(signer.timing.latest, at=sources.asked_at))
    if record is not None:
        notes.add(check_dates(record.valid_from, record.valid_until, at=sources.asked_at))
    for signer in signers:
        notes.add(signer.timing.outcomes)
    if record is None:
        notes.skip("validity", "status", "log", reason="no_record")
        return
    if region is None:
        # Nobody knows whose status list and log to believe.
        notes.skip("status", "log", reason="earlier_failure")
        return
    notes.add_status(state_of(record.status, region, sources))
    notes.add(check_log(record.identifier, credential_digest(sources.code), region, sources))


def _chief(record: LicenceRecord | None, signers: Sequence[SignedBy]) -> SignedBy | None:
    """Return the issuer's own signature among several, else the first."""
    for signer in signers:
        region = signer.footing.region
        issuer = region.authority(record.issuer_code) if region and record else None
        if issuer and signer.certificate in issuer.certificates:
            return signer
    return signers[0] if signers else None


def _note_facts(chief: SignedBy | None, region: RegionTrust | None, notes: Notes) -> None:
    if chief is None:
        return
    notes.signed_at = chief.timing.signing.at
    if region is not None and region.as_of is not None:
        notes.freshness["trust"] = region.as_of
    if chief.footing.lists_made_at is not None:
        notes.freshness["crl"] = chief.footing.lists_made_at
