"""A status slip shown beside a licence: its state, signed not over 24 hours ago.

* Who has a newer list believes the list. Who has none, or a stale one, believes the slip.
* A slip that does not hold never helps, and never hurts what the list says by itself.
* A slip says nothing of a day that is over.
"""

from collections.abc import Iterator
from datetime import datetime

from sealkit import status_slip
from sealkit.errors import SealkitError
from sealkit.record import StatusSlot
from sealkit.status_slip import PREFIX, StatusSlip
from verification.checks.sources import CLOCK_SKEW, Sources
from verification.checks.status import StatusAnswer, check_signer, check_state, status_of
from verification.report import Finding, Severity
from verification.trust import RegionTrust


def present_state(slot: StatusSlot, region: RegionTrust | None, sources: Sources) -> StatusAnswer:
    """Ask the list, and the slip where one is shown; the newer of the two that hold decides."""
    listed = status_of(slot, region, sources)
    refused = any(outcome.severity is Severity.ERROR for outcome in listed.outcomes)
    if sources.slip is None or (refused and listed.state is None):
        return listed
    shown = _slip_of(sources.slip, slot, region, sources)
    if isinstance(shown, Finding):
        if listed.state is None:
            return StatusAnswer((*listed.outcomes, shown), issued_at=listed.issued_at)
        noted = Finding("slip.not_counted", Severity.WARNING, {"reason": shown.code})
        return StatusAnswer((*listed.outcomes, noted), listed.state, listed.issued_at)
    if listed.state is not None and listed.issued_at and listed.issued_at >= shown.issued_at:
        return listed
    evidence = {"uri": slot.uri, "index": str(slot.index)}
    outcomes = tuple(check_state(shown.state, evidence))
    return StatusAnswer(outcomes, shown.state, shown.issued_at, by_slip=True)


def parted(document: bytes) -> tuple[bytes, str | None]:
    """Return a code and the slip on the line below it, as a phone shows them together."""
    code, line_break, below = document.partition(b"\n")
    if not line_break or not below.startswith(PREFIX.encode()):
        return document, None
    return code.rstrip(b"\r"), below.rstrip(b"\r\n").decode("ascii", "replace")


def _slip_of(
    text: str, slot: StatusSlot, region: RegionTrust | None, sources: Sources
) -> StatusSlip | Finding:
    """Return the slip when it holds for this slot, else why it does not."""
    try:
        slip = status_slip.parse_slip(text)
    except SealkitError as error:
        return Finding("slip.malformed", Severity.UNKNOWN, {"reason": str(error)})
    return next(_faults(slip, slot, region, sources), slip)


def _faults(
    slip: StatusSlip, slot: StatusSlot, region: RegionTrust | None, sources: Sources
) -> Iterator[Finding]:
    evidence = {"issued_at": slip.issued_at.isoformat()}
    if slip.slot != slot:
        yield Finding("slip.other_licence", Severity.UNKNOWN, evidence)
    yield from check_signer(slip, region, sources, evidence)
    if _is_stale(slip, sources.at):
        yield Finding("slip.stale", Severity.UNKNOWN, evidence)
    if slip.issued_at - sources.at > CLOCK_SKEW:
        yield Finding("slip.from_future", Severity.UNKNOWN, evidence)


def _is_stale(slip: StatusSlip, at: datetime) -> bool:
    return at >= slip.expires_at
