"""The state of an edition on a day that is over, from the frozen list of that day.

Order: the day is over, fetch, signature and type, address and day equal, log proof, index,
value. A frozen list says how the day ended in Beijing; what changed and changed back within
it is not seen. The log's proof is a must: without it a list made today could pass for one
of then. Whatever fails means that nothing can be said of that day.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sealkit import status_day, tlog_proof
from sealkit.errors import InvalidProofError, SealkitError
from sealkit.record import StatusSlot
from sealkit.status_day import FrozenDay, StatusDay, day_end, day_entry
from verification.checks.sources import CLOCK_SKEW, Sources
from verification.checks.status import StatusAnswer, check_signer, check_state
from verification.checks.status_slip import present_state
from verification.errors import SourceUnavailableError
from verification.report import Finding, Severity
from verification.trust import RegionTrust, TrustStore


def state_of(slot: StatusSlot, region: RegionTrust | None, sources: Sources) -> StatusAnswer:
    """Ask for the state at the time asked about: the present, or the end of `valid_on`."""
    if sources.valid_on is None:
        return present_state(slot, region, sources)
    return status_on(slot, sources.valid_on, region, sources)


def status_on(
    slot: StatusSlot, day: date, region: RegionTrust | None, sources: Sources
) -> StatusAnswer:
    """Ask the frozen list of `day` whether the edition was in force when it ended.

    `region` is the one that signed the licence: only its status signers and its log count.
    """
    evidence = {"uri": slot.uri, "index": str(slot.index), "day": day.isoformat()}
    if sources.at < day_end(day):
        return _unknown("status.day_not_over", evidence)
    if sources.days is None:
        return _unknown("status.source_missing", evidence)
    try:
        frozen = sources.days.day(slot.uri, day)
        if frozen is None:
            return _unknown("status.day_absent", evidence)
        found = status_day.parse_day(frozen.token)
    except SourceUnavailableError:
        return _unknown("status.source_unavailable", evidence)
    except SealkitError as error:
        return _unknown("status.token_malformed", evidence | {"reason": str(error)})
    outcomes = [*check_signer(found, region, sources, evidence)]
    outcomes += _check_list_and_day(found, slot, day, sources.at, evidence)
    outcomes += _check_log(frozen, slot, day, region, sources.trust, evidence)
    if outcomes:
        return StatusAnswer(tuple(outcomes), issued_at=found.issued_at)
    if slot.index >= found.statuses.size:
        out = Finding("status.index_out_of_range", Severity.ERROR, evidence)
        return StatusAnswer((out,), issued_at=found.issued_at)
    state = found.statuses.get(slot.index)
    return StatusAnswer(tuple(check_state(state, evidence)), state, found.issued_at)


def _check_list_and_day(
    found: StatusDay, slot: StatusSlot, day: date, at: datetime, evidence: dict[str, str]
) -> Iterable[Finding]:
    evidence = evidence | {"issued_at": found.issued_at.isoformat()}
    if found.uri != slot.uri:
        yield Finding("status.other_list", Severity.UNKNOWN, evidence)
    made_too_early = found.issued_at < day_end(day)
    if found.day != day or made_too_early or found.issued_at - at > CLOCK_SKEW:
        yield Finding("status.other_time", Severity.UNKNOWN, evidence)


def _check_log(
    frozen: FrozenDay,
    slot: StatusSlot,
    day: date,
    region: RegionTrust | None,
    trust: TrustStore,
    evidence: dict[str, str],
) -> Iterable[Finding]:
    log = region.log if region else None
    try:
        proof = tlog_proof.parse_tlog_proof(frozen.proof)
        if log is None or proof.checkpoint.checkpoint.origin != log.origin:
            raise InvalidProofError("a checkpoint of another log than the region's")
        proof.checkpoint.verify(trust.certificate(log.certificate).sm2_key)
        proof.verify_inclusion(day_entry(slot.uri, day, frozen.token))
    except SealkitError as error:
        yield Finding("status.day_unlogged", Severity.UNKNOWN, evidence | {"reason": str(error)})


def _unknown(code: str, evidence: dict[str, str]) -> StatusAnswer:
    return StatusAnswer((Finding(code, Severity.UNKNOWN, evidence),))
