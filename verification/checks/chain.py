"""Who stands behind a certificate: its chain, dates, usage and revocation.

A certificate is judged at the time of signing. When no trusted time proves that time, a
revocation at any time before the question counts: the holder of a stolen key writes any
date (standards/ofd-and-seal, 2.9).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealkit.asn1.crl import CertificateList, parse_crl
from sealkit.asn1.x509 import Certificate
from sealkit.errors import MalformedError
from verification.checks.sources import Outcomes, Sources
from verification.path_rules import Purpose
from verification.paths import PathOutcome, PathVerdict, validate_path
from verification.report import Finding, Severity
from verification.trust import RegionTrust, TrustStore

_CAUSES: Final = {
    "malformed": "malformed",
    "expired": "expired",
    "not_yet_valid": "not_yet_valid",
    "revoked": "revoked",
    "no_trust_anchor": "untrusted",
    "issuer_not_found": "untrusted",
    "issuer_mismatch": "untrusted",
    "too_much_work": "untrusted",
    "crl_not_found": "revocation_unknown",
    "crl_bad_signature": "revocation_unknown",
    "crl_expired": "revocation_stale",
    "key_usage_mismatch": "usage",
    "key_usage_missing": "usage",
    "eku_mismatch": "usage",
}
_UNKNOWN_CAUSES: Final = {"untrusted", "revocation_unknown", "revocation_stale"}


@dataclass(frozen=True, slots=True)
class SigningTime:
    """When something was signed, as far as anybody can tell."""

    at: datetime
    proven: bool
    """Whether a trusted timestamp says so; otherwise it is the signer's own word."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What a certificate stands on: the region whose root it leads to, and the answer."""

    region: RegionTrust | None
    outcome: PathOutcome
    lists_made_at: datetime | None = None
    """When the oldest revocation list that speaks of the chain was made."""
    lists_end_at: datetime | None = None
    """Until when all of those lists are fresh; None when there are none."""


@dataclass(frozen=True, slots=True)
class _Proven:
    """A chain that holds for every time in a span."""

    footing: Footing
    since: datetime
    until: datetime


def footing_of(
    trust: TrustStore,
    certificate: bytes,
    *,
    at: datetime,
    purpose: Purpose,
    extra: tuple[bytes, ...] = (),
) -> Footing:
    """Return the region that `certificate` leads to at `at`, or the most telling failure.

    `extra` are certificates found beside it in the document.
    """
    key = ("chain", certificate, purpose)
    proven: _Proven | None = trust.proven.get(key)
    if proven and proven.since <= at <= proven.until:
        return proven.footing
    failures: list[Footing] = []
    for region in trust.regions:
        outcome = validate_path(
            certificate,
            intermediates=(*region.intermediates, *extra),
            anchors=region.anchors,
            crls=region.crls,
            at=at,
            purpose=purpose,
            require_revocation=True,
        )
        if outcome.verdict is PathVerdict.OK:
            return _remember(trust, key, _footing(trust, region, outcome))
        failures.append(_footing(trust, region if outcome.chain else None, outcome))
    if not failures:
        return Footing(None, PathOutcome(PathVerdict.UNKNOWN, "no_trust_anchor"))
    return max(failures, key=lambda entry: bool(entry.outcome.chain))


def check_certificate(
    role: str,
    certificate: bytes,
    signing: SigningTime,
    footing: Footing,
    sources: Sources,
) -> Outcomes:
    """The certificate leads to a trusted root and was good for its use when it signed.

    `role` is the first part of the finding's code, such as ``"signer"``.
    """
    if footing.outcome.verdict is not PathVerdict.OK:
        cause = _CAUSES.get(footing.outcome.reason_code, "chain_invalid")
        severity = Severity.UNKNOWN if cause in _UNKNOWN_CAUSES else Severity.ERROR
        evidence = _evidence(sources.trust, certificate, signing)
        evidence["reason"] = footing.outcome.reason_code
        yield Finding(f"{role}.certificate.{cause}", severity, evidence)
        return
    if footing.outcome.revoked_at is not None:
        yield from _check_later_revocation(role, certificate, signing, footing, sources)
    if footing.lists_end_at is None or footing.lists_end_at < sources.at:
        evidence = _evidence(sources.trust, certificate, signing)
        yield Finding(f"{role}.certificate.revocation_stale", Severity.UNKNOWN, evidence)


def _check_later_revocation(
    role: str, certificate: bytes, signing: SigningTime, footing: Footing, sources: Sources
) -> Outcomes:
    revoked_at = footing.outcome.revoked_at
    if revoked_at is None or revoked_at > sources.at:
        return
    evidence = _evidence(sources.trust, certificate, signing)
    evidence["revoked_at"] = revoked_at.isoformat()
    if signing.proven:
        yield Finding(f"{role}.certificate.revoked_later", Severity.INFO, evidence)
    else:
        yield Finding(f"{role}.certificate.revoked_unproven", Severity.ERROR, evidence)


def _footing(trust: TrustStore, region: RegionTrust | None, outcome: PathOutcome) -> Footing:
    lists = list(_newest_lists(trust, region, outcome)) if region else []
    ends = [entry.next_update for entry in lists if entry.next_update is not None]
    return Footing(
        region,
        outcome,
        lists_made_at=min((entry.this_update for entry in lists), default=None),
        # A list that does not say when it ends is never fresh.
        lists_end_at=min(ends) if ends and len(ends) == len(lists) else None,
    )


def _newest_lists(
    trust: TrustStore, region: RegionTrust, outcome: PathOutcome
) -> Iterator[CertificateList]:
    """Yield, for each issuer in the chain, the newest revocation list of its region."""
    for issuer in {trust.certificate(der).issuer_der for der in outcome.chain[:-1]}:
        lists = [entry for entry in _lists(trust, region) if entry.issuer_der == issuer]
        if lists:
            yield max(lists, key=lambda entry: entry.this_update)


def _remember(trust: TrustStore, key: tuple[str, bytes, str], footing: Footing) -> Footing:
    if footing.outcome.revoked_at is None and footing.lists_end_at is not None:
        chain = [trust.certificate(der) for der in footing.outcome.chain]
        since = max(certificate.not_before for certificate in chain)
        until = min(footing.lists_end_at, *(certificate.not_after for certificate in chain))
        trust.keep(key, _Proven(footing, since, until))
    return footing


def _lists(trust: TrustStore, region: RegionTrust) -> tuple[CertificateList, ...]:
    key = ("crls", region.crls)
    found: tuple[CertificateList, ...] | None = trust.proven.get(key)
    return found if found is not None else trust.keep(key, tuple(map(parse_crl, region.crls)))


def _evidence(trust: TrustStore, certificate: bytes, signing: SigningTime) -> dict[str, str]:
    evidence = {"signing_time": signing.at.isoformat()}
    try:
        parsed: Certificate = trust.certificate(certificate)
    except MalformedError:
        return evidence
    return evidence | {"subject": parsed.subject, "serial": format(parsed.serial, "x")}
