"""What a verification answers: one verdict, the findings behind it, what was not checked.

The verdict follows from the findings alone: any ERROR makes it invalid; otherwise any
UNKNOWN makes it cannot_say; otherwise the licence is valid. WARNING and INFO never change
it. What was left unchecked is listed with its reason and does not change it either: a
rule without which nobody may rely on a licence yields an UNKNOWN finding instead.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from sealkit.record import LicenceRecord

MAX_EVIDENCE_CHARACTERS: Final = 300  # evidence may quote a hostile document


class Verdict(StrEnum):
    """May this licence be relied on."""

    VALID = "valid"
    INVALID = "invalid"
    CANNOT_SAY = "cannot_say"


class Severity(StrEnum):
    """What a finding does to the verdict."""

    ERROR = "error"
    """Makes it invalid."""
    UNKNOWN = "unknown"
    """Makes it cannot_say, unless something else makes it invalid."""
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for people, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Finding:
    """One thing a rule found, under a code that never changes."""

    code: str
    severity: Severity
    evidence: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        quoted = {name: _quoted(text) for name, text in self.evidence.items()}
        object.__setattr__(self, "evidence", quoted)

    @property
    def message(self) -> Message:
        """The sentence of this code from `messages.toml`."""
        return messages()["findings"][self.code]

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON carries it."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "zh": self.message.zh,
            "en": self.message.en,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A rule that did not run, and why."""

    code: str
    """Name of the rule, a key of `rules` in `messages.toml`."""
    reason: str
    """A key of `reasons` in `messages.toml`."""

    @property
    def message(self) -> Message:
        """Which rule did not run and why, as one sentence."""
        rule, reason = messages()["rules"][self.code], messages()["reasons"][self.reason]
        return Message(f"未核验{rule.zh}：{reason.zh}", f"Not checked: {rule.en} ({reason.en})")

    def to_dict(self) -> dict[str, str]:
        """Return the entry as JSON carries it."""
        message = self.message
        return {"code": self.code, "reason": self.reason, "zh": message.zh, "en": message.en}


Outcome = Finding | Unchecked
"""What a rule yields."""


@dataclass(frozen=True, slots=True)
class LicenceSummary:
    """What a licence says of itself, without its business fields."""

    identifier: str
    kind: str
    kind_name: str
    number: str
    edition: int | None
    region: str
    issuer_code: str
    issuer_name: str
    issued_on: str
    valid_from: str
    valid_until: str
    holders: tuple[str, ...] = ()
    """Names as the document itself shows them; empty in answers to an identifier."""

    @classmethod
    def of(cls, record: LicenceRecord) -> "LicenceSummary":
        """Return the summary of `record`."""
        return cls(
            identifier=record.identifier,
            kind=record.kind,
            kind_name=record.kind_name,
            number=record.number,
            edition=record.edition,
            region=record.region,
            issuer_code=record.issuer_code,
            issuer_name=record.issuer_name,
            issued_on=record.issued_on,
            valid_from=record.valid_from,
            valid_until=record.valid_until,
            holders=tuple(holder.name for holder in record.holders),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON carries it."""
        members = {name: getattr(self, name) for name in self.__slots__}
        return members | {"holders": list(self.holders)}


@dataclass(frozen=True)
class Report:
    """The answer to one document."""

    format: str
    """``"ofd"``, ``"pdf"``, ``"code"``, ``"image"``, ``"identifier"`` or ``"unknown"``."""
    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]
    at: datetime
    """The time the answer holds for."""
    freshness: Mapping[str, datetime] = field(default_factory=dict)
    """When each outside source that was used was made: ``"status"``, ``"crl"``, ``"trust"``;
    ``"slip"`` instead of ``"status"`` where a slip told the state."""
    licence: LicenceSummary | None = None
    signed_at: datetime | None = None
    """The time of signing that the rules used."""
    state: int | None = None
    """Value of its status slot, `sealkit.status_list`; None when it is not known."""
    record: LicenceRecord | None = field(default=None, repr=False)
    """The full record of a document that carries one; never part of `to_dict`."""
    valid_on: date | None = None
    """The day in Beijing at whose end it was judged; None for `at`."""
    chains: tuple[tuple[str, tuple[bytes, ...]], ...] = field(default=(), repr=False)
    """Role and certificates, DER, leaf first, of each way that was judged; the detailed form
    reads them (`verification.report_detail`), and a way that failed has its leaf alone."""

    @property
    def verdict(self) -> Verdict:
        """The one answer."""
        return verdict_of(self.findings)

    @property
    def message(self) -> Message:
        """The verdict as a sentence; of an annotated copy it does not call it a licence."""
        table = "copy_verdicts" if self.is_copy else "verdicts"
        return messages()[table][self.verdict.value]

    @property
    def is_copy(self) -> bool:
        """Whether the document is an annotated copy (加注件), and so no licence."""
        return any(finding.code == "copy.annotated" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON carries it."""
        asked = {"valid_on": self.valid_on.isoformat()} if self.valid_on else {}
        return asked | {
            "verdict": self.verdict.value,
            "zh": self.message.zh,
            "en": self.message.en,
            "format": self.format,
            "findings": [finding.to_dict() for finding in self.findings],
            "unchecked": [entry.to_dict() for entry in self.unchecked],
            "at": _instant(self.at),
            "signed_at": _instant(self.signed_at) if self.signed_at else None,
            "state": self.state,
            "freshness": {name: _instant(at) for name, at in self.freshness.items()},
            "licence": self.licence.to_dict() if self.licence else None,
        }


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict that `findings` amount to."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Verdict.INVALID
    if Severity.UNKNOWN in severities:
        return Verdict.CANNOT_SAY
    return Verdict.VALID


@cache
def messages() -> Mapping[str, Mapping[str, Message]]:
    """Return every sentence by table and key: findings, rules, reasons, verdicts."""
    text = resources.files("verification").joinpath("messages.toml").read_text("utf-8")
    return {
        table: {key: Message(**entry) for key, entry in entries.items()}
        for table, entries in tomllib.loads(text).items()
    }


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _quoted(text: str) -> str:
    printable = "".join(character if character.isprintable() else "�" for character in text)
    return printable[:MAX_EVIDENCE_CHARACTERS]
