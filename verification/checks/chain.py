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
            return _remember(trust, key, Footing(region, outcome), at)
        failures.append(Footing(region if outcome.chain else None, outcome))
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
    evidence = _evidence(sources.trust, certificate) | {"signing_time": signing.at.isoformat()}
    if footing.outcome.verdict is not PathVerdict.OK:
        cause = _CAUSES.get(footing.outcome.reason_code, "chain_invalid")
        severity = Severity.UNKNOWN if cause in _UNKNOWN_CAUSES else Severity.ERROR
        evidence["reason"] = footing.outcome.reason_code
        yield Finding(f"{role}.certificate.{cause}", severity, evidence)
        return
    yield from _check_later_revocation(role, signing, footing, sources, evidence)
    if any(_is_stale(entry, sources.at) for entry in lists_of(sources.trust, footing)):
        yield Finding(f"{role}.certificate.revocation_stale", Severity.UNKNOWN, evidence)


def lists_of(trust: TrustStore, footing: Footing) -> Iterator[CertificateList]:
    """Yield, for each issuer in the chain, the newest revocation list of its region."""
    if footing.region is None:
        return
    issuers = {trust.certificate(der).issuer_der for der in footing.outcome.chain[:-1]}
    for issuer in issuers:
        lists = [entry for entry in _lists(trust, footing.region) if entry.issuer_der == issuer]
        if lists:
            yield max(lists, key=lambda entry: entry.this_update)


def _check_later_revocation(
    role: str,
    signing: SigningTime,
    footing: Footing,
    sources: Sources,
    evidence: dict[str, str],
) -> Outcomes:
    revoked_at = footing.outcome.revoked_at
    if revoked_at is None or revoked_at > sources.at:
        return
    evidence = evidence | {"revoked_at": revoked_at.isoformat()}
    if signing.proven:
        yield Finding(f"{role}.certificate.revoked_later", Severity.INFO, evidence)
    else:
        yield Finding(f"{role}.certificate.revoked_unproven", Severity.ERROR, evidence)


def _remember(
    trust: TrustStore, key: tuple[str, bytes, str], footing: Footing, at: datetime
) -> Footing:
    chain = [trust.certificate(der) for der in footing.outcome.chain]
    ends = [certificate.not_after for certificate in chain]
    ends += [entry.next_update for entry in lists_of(trust, footing) if entry.next_update]
    if footing.outcome.revoked_at is None and at <= min(ends):
        since = max(certificate.not_before for certificate in chain)
        trust.keep(key, _Proven(footing, since, min(ends)))
    return footing


def _lists(trust: TrustStore, region: RegionTrust) -> tuple[CertificateList, ...]:
    key = ("crls", region.crls)
    found: tuple[CertificateList, ...] | None = trust.proven.get(key)
    return found if found is not None else trust.keep(key, tuple(map(parse_crl, region.crls)))


def _is_stale(entry: CertificateList, at: datetime) -> bool:
    return entry.next_update is None or entry.next_update < at


def _evidence(trust: TrustStore, certificate: bytes) -> dict[str, str]:
    try:
        parsed: Certificate = trust.certificate(certificate)
    except MalformedError:
        return {}
    return {"subject": parsed.subject, "serial": format(parsed.serial, "x")}
