"""Verification of data and of files with the numbers that existing systems expect.

Data (信息验证), in this order: missing input → 4; no licence of this holder's kind and number
→ 5; holder differs → 6; another field differs → 7; then by state: suspended → 2, ended or run
out → 3, not yet in force → 1, else 0. The answer never says which field differs.
File (文件验证): 0 passed, 1 the seal's check failed, 2 the file's; with the state online.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from sqlalchemy.orm import Session

from sealkit import status_list
from sealkit.record import Holder, LicenceRecord, printed_form
from sealkit.sm import sm3
from verification.certificate_free.holdings import MAX_LICENCES
from verification.certificate_free.questions import require_asker
from verification.errors import SourceUnavailableError
from verification.ports import Actor, VerificationServices
from verification.report import Report, Severity, Verdict
from verification.report_detail import rule_of
from verification.verify import verify

_OF_THE_SEAL: Final = frozenset({"seal", "signature", "chain", "authority", "timestamp"})
_ENDED: Final = frozenset({status_list.ENDED, status_list.SUPERSEDED, status_list.DISPUTED_STAYED})


class DataAnswer(IntEnum):
    """Result codes of the verification of data."""

    RIGHT = 0
    NOT_IN_FORCE = 1
    SUSPENDED = 2
    ENDED = 3
    INCOMPLETE = 4
    NOT_FOUND = 5
    OTHER_HOLDER = 6
    DIFFERS = 7


class FileAnswer(IntEnum):
    """Result codes of the verification of a file."""

    PASSED = 0
    SEAL_FAILED = 1
    FILE_FAILED = 2


@dataclass(frozen=True, slots=True)
class ShownData:
    """What somebody says that a licence says."""

    kind_code: str
    number: str
    holder: Holder
    fields: Mapping[str, str]


def verify_data(
    session: Session,
    shown: ShownData,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> DataAnswer:
    """Compare what is shown with the holder's own licences; the asking is on record.

    Raises:
        NotEntitledError: if the caller may not ask.
        SourceUnavailableError: if register or status gave no answer, or the licence is not
            among the first `MAX_LICENCES` of more.
    """
    require_asker(actor)
    answer = _data_answer(session, shown, services)
    services.audit.record(
        session,
        actor=actor.id,
        act="licence.data_verified",
        # A keyed digest: many askings about one number are seen, and not which number.
        subject=sm3.digest(
            services.holders.blind_index(f"asked:{shown.kind_code}:{shown.number}")
        ).hex()[:32],
        at=at,
        detail={"kind": shown.kind_code[:64], "answer": str(answer.value)},
    )
    return answer


def verify_file(session: Session, document: bytes, services: VerificationServices) -> Report:
    """Return the report on a file that an existing system holds."""
    return verify(document, **services.sources(session))


def file_answer(report: Report) -> FileAnswer:
    """Return the number for a report; a sound file of an ended licence has passed."""
    errors = {
        rule_of(finding.code)
        for finding in report.findings
        if finding.severity in (Severity.ERROR, Severity.UNKNOWN)
    } - {"status", "validity"}
    if errors & _OF_THE_SEAL:
        return FileAnswer.SEAL_FAILED
    return FileAnswer.FILE_FAILED if errors else FileAnswer.PASSED


def state_text(report: Report) -> str:
    """Return the state online: ``active``, ``suspended``, ``ended`` or ``unknown``."""
    if report.state is None:
        return "unknown"
    if report.state == status_list.SUSPENDED:
        return "suspended"
    run_out = any(finding.code == "licence.expired" for finding in report.findings)
    return "ended" if report.state in _ENDED or run_out else "active"


def _data_answer(session: Session, shown: ShownData, services: VerificationServices) -> DataAnswer:
    if not all((shown.kind_code, shown.number, shown.holder.name, shown.holder.code)):
        return DataAnswer.INCOMPLETE
    held = services.licences.held(session, kind_code=shown.kind_code, holder=shown.holder)
    for entry in held[:MAX_LICENCES]:
        report = verify(entry.document, **services.sources(session))
        record = report.record
        if record is not None and _same(record.number, shown.number):
            return _compared(report, record, shown)
    if len(held) > MAX_LICENCES:
        raise SourceUnavailableError("the holder has more licences of the kind than are looked at")
    return DataAnswer.NOT_FOUND


def _compared(report: Report, record: LicenceRecord, shown: ShownData) -> DataAnswer:
    if not any(_same(holder.name, shown.holder.name) for holder in record.holders):
        return DataAnswer.OTHER_HOLDER
    values = {field.name: field.value for field in record.fields}
    values |= {field.label: field.value for field in record.fields}
    for name, text in shown.fields.items():
        if name not in values or not (
            _same(values[name], text) or _same(printed_form(values[name]), text)
        ):
            return DataAnswer.DIFFERS
    return _by_state(report)


def _by_state(report: Report) -> DataAnswer:
    found = {finding.code for finding in report.findings}
    if report.state is None:
        raise SourceUnavailableError("the state of the licence could not be had")
    if report.state == status_list.SUSPENDED:
        return DataAnswer.SUSPENDED
    if report.state in _ENDED or "licence.expired" in found:
        return DataAnswer.ENDED
    if "licence.not_yet_valid" in found:
        return DataAnswer.NOT_IN_FORCE
    if report.verdict is not Verdict.VALID:
        raise SourceUnavailableError("our own file does not verify now")
    return DataAnswer.RIGHT


def _same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one.strip()) == unicodedata.normalize("NFC", other.strip())
