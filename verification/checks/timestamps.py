"""The time of signing: proven by an RFC 3161 token, or only claimed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sealkit.asn1 import algorithms, tsp
from sealkit.errors import SealkitError
from verification.checks.chain import SigningTime, check_certificate, footing_of
from verification.checks.sources import Outcomes, Sources
from verification.report import Finding, Outcome, Severity

MAX_CLAIM_DIFFERENCE: Final = timedelta(hours=24)
"""Between the signer's clock and the token; local times written as UTC differ by hours."""

_STRONG: Final = {name: oid for oid, name in algorithms.DIGEST_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Timing:
    """The time of signing to judge by, and what its timestamp is worth."""

    signing: SigningTime
    latest: datetime
    """The latest time that signer or token name; signing cannot have been before it."""
    outcomes: tuple[Outcome, ...]


def timing_of(
    token: bytes | None, signature: bytes, claimed: datetime | None, sources: Sources
) -> Timing:
    """Return the time of the signature value `signature`.

    A sound token decides. Without one it is the claimed time, never later than the time
    asked about; without a claim it is the time asked about.
    """
    said = claimed or sources.at
    fallback = SigningTime(min(said, sources.at), proven=False)
    if token is None:
        return Timing(fallback, said, (Finding("timestamp.absent", Severity.INFO),))
    try:
        parsed = tsp.parse_token(token)
    except SealkitError as error:
        found = Finding("timestamp.malformed", Severity.ERROR, {"reason": str(error)})
        return Timing(fallback, said, (found,))
    outcomes = tuple(_check_token(parsed, signature, claimed, sources))
    if not all(is_harmless(entry) for entry in outcomes):
        return Timing(fallback, max(said, parsed.at), outcomes)
    # The claim may be local time written as UTC, so only the token's time counts now.
    return Timing(SigningTime(min(parsed.at, sources.at), proven=True), parsed.at, outcomes)


def timing_within(token: bytes, stamped: tuple[bytes, ...], sources: Sources) -> Timing:
    """Return the time of a signature of GM/T 0031 whose timeInfo is a token.

    The token is one of the signed bytes, hence about what was sealed: about any of `stamped`,
    the description of the signature or its digest, since the standard does not say which. It
    shows that this stood there at that time; that the seal was put to it then is the custom
    of the format, and is noted.
    """
    about = next((each for each in stamped if _is_about(token, each)), stamped[0])
    timing = timing_of(token, about, None, sources)
    if not timing.signing.proven:
        return timing
    evidence = {"timestamp": timing.latest.isoformat()}
    noted = Finding("timestamp.before_signature", Severity.INFO, evidence)
    return Timing(timing.signing, timing.latest, (*timing.outcomes, noted))


def _is_about(token: bytes, stamped: bytes) -> bool:
    try:
        parsed = tsp.parse_token(token)
    except SealkitError:
        return False
    name = _STRONG.get(parsed.imprint_algorithm)
    return name is not None and algorithms.digest(name, stamped) == parsed.imprint


def is_harmless(outcome: Outcome) -> bool:
    """Return whether `outcome` leaves the verdict as it is."""
    return not isinstance(outcome, Finding) or outcome.severity in (
        Severity.WARNING,
        Severity.INFO,
    )


def _check_token(
    token: tsp.TimestampToken, signature: bytes, claimed: datetime | None, sources: Sources
) -> Outcomes:
    evidence = {"timestamp": token.at.isoformat()}
    certificate = token.signer_certificate_der
    if certificate is None:
        yield Finding("timestamp.certificate.malformed", Severity.ERROR, evidence)
        return
    yield from _check_imprint(token, signature, evidence)
    try:
        token.verify(imprint=token.imprint)
    except SealkitError as error:
        evidence["reason"] = str(error)
        yield Finding("timestamp.signature_invalid", Severity.ERROR, evidence)
        return
    footing = footing_of(
        sources.trust, certificate, at=token.at, purpose="timestamp", extra=token.certificates
    )
    # Nothing else proves the token's own time, so a revoked service proves nothing.
    stamped = SigningTime(token.at, proven=False)
    yield from check_certificate("timestamp", certificate, stamped, footing, sources)
    if claimed is not None and abs(claimed - token.at) > MAX_CLAIM_DIFFERENCE:
        evidence["claimed"] = claimed.isoformat()
        yield Finding("timestamp.claim_differs", Severity.WARNING, evidence)


def _check_imprint(
    token: tsp.TimestampToken, signature: bytes, evidence: dict[str, str]
) -> Outcomes:
    if token.imprint_algorithm not in _STRONG:
        evidence = evidence | {"algorithm": token.imprint_algorithm}
        yield Finding("timestamp.imprint_weak", Severity.ERROR, evidence)
    elif algorithms.digest(_STRONG[token.imprint_algorithm], signature) != token.imprint:
        yield Finding("timestamp.imprint_mismatch", Severity.ERROR, evidence)
