"""The state of an edition, from the status list that it names.

Order: fetch by address, signature and type, subject equals address, times, index, value
(standards/credential-formats, 3). Whatever fails on the way means that nothing can be
said, never that the licence is valid.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from sealkit import status_list
from sealkit.errors import InvalidSignatureError, SealkitError
from sealkit.record import StatusSlot
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_chain import PublishedStatus, parse_status
from verification.checks.chain import SigningTime, check_certificate, footing_of
from verification.checks.sources import CLOCK_SKEW, Sources
from verification.errors import OlderStatusError, SourceUnavailableError
from verification.report import Finding, Outcome, Severity
from verification.trust import RegionTrust, TrustStore

_STATES: Final = {
    status_list.ENDED: ("status.ended", Severity.ERROR),
    status_list.SUSPENDED: ("status.suspended", Severity.ERROR),
    status_list.SUPERSEDED: ("status.superseded", Severity.ERROR),
    status_list.DISPUTED: ("status.disputed", Severity.WARNING),
    status_list.DISPUTED_STAYED: ("status.disputed_stayed", Severity.ERROR),
}


def check_state(value: int, evidence: dict[str, str]) -> Iterator[Finding]:
    """The edition is in force, as far as its state `value` goes."""
    if value == status_list.ACTIVE:
        return
    code, severity = _STATES.get(value, ("status.value_unknown", Severity.UNKNOWN))
    yield Finding(code, severity, evidence | {"state": str(value)})


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """What the status list says of an edition."""

    outcomes: tuple[Finding, ...]
    state: int | None = None
    """Value of the slot; None when nothing can be said."""
    issued_at: datetime | None = None
    """When the list was made; None when there was none."""
    by_slip: bool = False
    """It stands in a slip shown beside the licence, not in a list."""


def status_of(slot: StatusSlot, region: RegionTrust | None, sources: Sources) -> StatusAnswer:
    """Ask the status list whether the edition is in force at the time asked about.

    `region` is the one that signed the licence: only its own status signers count.
    """
    evidence = {"uri": slot.uri, "index": str(slot.index)}
    if sources.status is None:
        return _unknown("status.source_missing", evidence)
    try:
        token = _read(sources.status.token(slot.uri), slot.uri, sources.trust)
    except OlderStatusError:
        return _unknown("status.older_than_seen", evidence)
    except SourceUnavailableError:
        return _unknown("status.source_unavailable", evidence)
    except SealkitError as error:
        return _unknown("status.token_malformed", evidence | {"reason": str(error)})
    outcomes = [*check_signer(token, region, sources, evidence)]
    outcomes += _check_subject_and_times(token, slot, sources.at, evidence)
    if any(outcome.severity is Severity.UNKNOWN for outcome in outcomes):
        return StatusAnswer(tuple(outcomes), issued_at=token.issued_at)
    if slot.index >= token.statuses.size:
        outcomes.append(Finding("status.index_out_of_range", Severity.ERROR, evidence))
        return StatusAnswer(tuple(outcomes), issued_at=token.issued_at)
    state = token.statuses.get(slot.index)
    return StatusAnswer((*outcomes, *check_state(state, evidence)), state, token.issued_at)


def _unknown(code: str, evidence: dict[str, str]) -> StatusAnswer:
    return StatusAnswer((Finding(code, Severity.UNKNOWN, evidence),))


def _read(fetched: bytes, uri: str, trust: TrustStore) -> PublishedStatus:
    """Return the parsed token; the last one of each address is remembered."""
    key = ("status", uri)
    found: tuple[bytes, PublishedStatus] | None = trust.proven.get(key)
    if found is None or found[0] != fetched:
        found = trust.keep(key, (fetched, parse_status(fetched)))
    return found[1]


class SignedStatement(Protocol):
    """What a status signer signed: a list, the list of a day, a slip."""

    @property
    def uri(self) -> str:
        """Address of the list that it is about."""

    @property
    def issued_at(self) -> datetime:
        """When it was signed."""

    @property
    def kid(self) -> bytes:
        """8 bytes: the key to try first."""

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature; raise `InvalidSignatureError` if it does not hold."""


def check_signer(
    token: SignedStatement, region: RegionTrust | None, sources: Sources, evidence: dict[str, str]
) -> Iterable[Finding]:
    """A status signer of the region made the statement, and could when it did."""
    certificates = region.status_signers if region else ()
    named = [der for der in certificates if _kid(der, sources) == token.kid]
    if not named:
        yield Finding("status.signer_unknown", Severity.UNKNOWN, evidence)
        return
    signer = _verifying(token, named, sources.trust)
    if signer is None:
        yield Finding("status.signature_invalid", Severity.UNKNOWN, evidence)
        return
    footing = footing_of(sources.trust, signer, at=token.issued_at, purpose="sign")
    signing = SigningTime(token.issued_at, proven=False)
    for outcome in check_certificate("status", signer, signing, footing, sources):
        # The licence itself may be sound: a doubtful list only leaves its state open.
        yield Finding("status.signer_untrusted", Severity.UNKNOWN, evidence | _reason(outcome))


def _check_subject_and_times(
    token: PublishedStatus, slot: StatusSlot, at: datetime, evidence: dict[str, str]
) -> Iterable[Finding]:
    evidence = evidence | {"issued_at": token.issued_at.isoformat()}
    if token.uri != slot.uri:
        yield Finding("status.other_list", Severity.UNKNOWN, evidence)
    if token.issued_at - at > CLOCK_SKEW:
        yield Finding("status.other_time", Severity.UNKNOWN, evidence)
    renewed_by = token.issued_at + timedelta(seconds=token.ttl) if token.ttl else None
    ends = token.expires_at or renewed_by
    if ends is None or at >= ends:
        yield Finding("status.stale", Severity.UNKNOWN, evidence)
    elif renewed_by is not None and at > renewed_by:
        yield Finding("status.aged", Severity.WARNING, evidence)


def _verifying(
    token: SignedStatement, certificates: Iterable[bytes], trust: TrustStore
) -> bytes | None:
    """Return the certificate whose key made the token: a kid is a hint, every one is tried."""
    for der in certificates:
        key = ("status signer", token.uri, der)
        if trust.proven.get(key) is token:
            return der
        try:
            token.verify(trust.certificate(der).sm2_key)
        except InvalidSignatureError:
            continue
        trust.keep(key, token)
        return der
    return None


def _kid(certificate: bytes, sources: Sources) -> bytes:
    return sources.trust.certificate(certificate).sm2_key.kid


def _reason(outcome: Outcome) -> dict[str, str]:
    return {"reason": outcome.code}
