"""May this issuer issue this kind of licence, in this region, at that time, with this key.

The region is the one whose root the signer's certificate leads to. What the licence says
of itself is compared with that region's own list of authorities.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from verification.checks.sources import Outcomes
from verification.report import Finding, Severity, Unchecked
from verification.trust import Authority, RegionTrust

_CENTRAL_GOVERNMENT: Final = "10"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a licence says about who issued it."""

    region: str
    issuer_code: str
    kind_code: str


def check_authority(
    claim: Claim,
    region: RegionTrust | None,
    *,
    signer: bytes,
    for_all_issuers: Container[bytes],
    at: datetime,
) -> Outcomes:
    """The issuer was entitled to issue this, and the certificate `signer` is its own.

    `for_all_issuers` are certificates that sign for every authority of the region, as
    the PDF and code signers do. `at` is the time of signing.
    """
    if region is None:
        yield Unchecked("authority", "earlier_failure")
        return
    if not region.authorities:
        yield Finding("authority.list_missing", Severity.UNKNOWN, {"region": region.region})
        return
    evidence = {"region": claim.region, "issuer": claim.issuer_code, "kind": claim.kind_code}
    if claim.region != region.region:
        evidence["certificate_region"] = region.region
        yield Finding("authority.region_mismatch", Severity.ERROR, evidence)
        return
    authority = region.authority(claim.issuer_code)
    if authority is None:
        yield Finding("authority.issuer_not_listed", Severity.ERROR, evidence)
        return
    if not _of_region_or_state(claim.issuer_code, region.region):
        yield Finding("authority.outside_region", Severity.UNKNOWN, evidence)
    yield from _check_entitled(authority, claim.kind_code, at, evidence)
    if signer not in authority.certificates and signer not in for_all_issuers:
        yield Finding("authority.certificate_not_of_issuer", Severity.ERROR, evidence)


def _of_region_or_state(issuer_code: str, region: str) -> bool:
    """The area in an issuer's code is of the region that vouches for it, or the state's.

    Characters 3 to 8 of the unified social credit code are the area (GB 32100), whose first
    two digits name the province; 10 is the central government. A region that lists the
    authority of another would let its own keys speak for that one.
    """
    return issuer_code[2:4] in (region[:2], _CENTRAL_GOVERNMENT)


def _check_entitled(
    authority: Authority, kind_code: str, at: datetime, evidence: dict[str, str]
) -> Outcomes:
    if kind_code not in authority.kind_codes:
        yield Finding("authority.kind_not_allowed", Severity.ERROR, evidence)
    if not authority.holds_at(at):
        yield Finding("authority.not_at_that_time", Severity.ERROR, evidence)
