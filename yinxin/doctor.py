"""Whether what is stored is whole and agrees: every examination of `yinxin doctor`.

Nothing is resumed, published or repaired, so it is safe beside a running service.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from ca.errors import CAError
from ca.log_fault import find_log_fault
from issuance.register_faults import (
    Fault,
    find_file_faults,
    find_row_faults,
    find_verdict_faults,
)
from issuance.seals.reconciliation import reconcile
from issuance.status_lists.days import find_day_faults
from sealkit.errors import SealkitError
from yinxin.audit_heads import find_audit_fault
from yinxin.context import Context
from yinxin.key_uses import directory_of, find_key_use_fault

EXPIRY_WARNING: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at."""

    context: Context
    session: Session
    at: datetime


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one examination found."""

    name: str
    faults: tuple[Fault, ...]
    note: str = ""
    unseen: bool = False
    """It could not be examined; `note` says why."""


def _audit(patient: Patient) -> Iterator[Fault]:
    key = patient.context.keystore.certificate("audit").sm2_key
    fault = find_audit_fault(patient.session, key)
    if fault:
        yield Fault(f"audit.{fault.defect}", f"record {fault.sequence}")


def _key_uses(patient: Patient) -> Iterator[Fault]:
    directory = directory_of(patient.context.settings.data_directory)
    fault = find_key_use_fault(patient.session, directory)
    if fault:
        yield Fault(f"key_use.{fault.defect}", f"line {fault.line}")


def _log(patient: Patient) -> Iterator[Fault]:
    fault = find_log_fault(patient.session, patient.context.issuance.log)
    if fault:
        yield Fault("log.not_its_leaves", patient.context.issuance.log.name, fault)


def _rows(patient: Patient) -> Iterator[Fault]:
    return find_row_faults(patient.session, patient.context.issuance)


def _files(patient: Patient) -> Iterator[Fault]:
    return find_file_faults(patient.session, patient.context.issuance)


def _seals(patient: Patient) -> Iterator[Fault]:
    for issuer in patient.context.issuance.departments:
        for entry in reconcile(patient.session, patient.context.files, issuer).named:
            yield Fault(f"seal_use.{entry.difference.value}", entry.licence, entry.seal_id)


def _certificates(patient: Patient) -> Iterator[Fault]:
    keystore = patient.context.keystore
    for name in keystore.names():
        ends = keystore.certificate(name).not_after
        if ends < patient.at + EXPIRY_WARNING:
            rule = "certificate.expired" if ends < patient.at else "certificate.expires_soon"
            yield Fault(rule, name, ends.date().isoformat())


def _status_days(patient: Patient) -> Iterator[Fault]:
    services = patient.context.issuance
    for rule, name, day in find_day_faults(patient.session, services, at=patient.at):
        yield Fault(rule, name, day)


def _verdicts(patient: Patient) -> Iterator[Fault]:
    trust = patient.context.trust.gathered(at=patient.at)
    return find_verdict_faults(
        patient.session, patient.context.issuance, trust=trust, at=patient.at
    )


EXAMINATIONS: Final[dict[str, Callable[[Patient], Iterator[Fault]]]] = {
    "审计链 audit chain": _audit,
    "密钥使用 key uses": _key_uses,
    "证书 certificates": _certificates,
    "透明日志 transparency log": _log,
    "登记 register": _rows,
    "文件 files": _files,
    "用印 seal uses": _seals,
    "每日状态 status days": _status_days,
}
DEEP: Final[dict[str, Callable[[Patient], Iterator[Fault]]]] = {"验证 own verifier": _verdicts}
"""Every published file is verified: minutes for ten thousand licences."""


def examine(patient: Patient, *, deep: bool) -> Iterator[Diagnosis]:
    """Yield what each examination finds; one that cannot be made says why."""
    for name, look in (EXAMINATIONS | DEEP if deep else EXAMINATIONS).items():
        try:
            yield Diagnosis(name, tuple(look(patient)))
        except (CAError, SealkitError) as error:
            yield Diagnosis(name, (), str(error), unseen=True)
