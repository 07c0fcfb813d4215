"""The notebook of one examination: what the rules found, in the order they ran."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sealkit.record import LicenceRecord
from verification.checks.sources import Sources
from verification.checks.status import StatusAnswer
from verification.report import Finding, LicenceSummary, Report, Severity, Unchecked

RULES: Final = (
    "structure",
    "digests",
    "seal",
    "signature",
    "chain",
    "authority",
    "validity",
    "timestamp",
    "status",
    "log",
    "visible_text",
    "metadata",
    "register",
)
"""Every rule, in the order of all formats (design, 7)."""

MAX_ALIKE: Final = 100
"""Outcomes of one code and severity; a hostile document can cause any number.

Leaving out those after them never changes the verdict.
"""


class Notes:
    """Collects outcomes; the report lists each once."""

    def __init__(self, format_name: str, sources: Sources) -> None:
        self._format = format_name
        self._sources = sources
        self._outcomes: list[Finding | Unchecked] = []
        self._alike: Counter[tuple[str, str]] = Counter()
        self.freshness: dict[str, datetime] = {}
        self.licence: LicenceSummary | None = None
        self.record: LicenceRecord | None = None
        self.signed_at: datetime | None = None
        self.state: int | None = None
        self.chains: list[tuple[str, tuple[bytes, ...]]] = []

    def add(self, outcomes: Iterable[Finding | Unchecked]) -> None:
        """Run a rule and note what it yields."""
        for outcome in outcomes:
            alike = outcome.code, _weight(outcome)
            self._alike[alike] += 1
            if self._alike[alike] <= MAX_ALIKE:
                self._outcomes.append(outcome)

    def add_status(self, answer: StatusAnswer) -> None:
        """Note what the status list says."""
        self.add(answer.outcomes)
        self.state = answer.state
        if answer.issued_at is not None:
            self.freshness["slip" if answer.by_slip else "status"] = answer.issued_at

    def skip(self, *rules: str, reason: str) -> None:
        """Note rules that cannot run."""
        self.add(Unchecked(rule, reason) for rule in rules)

    def skip_after(self, rule: str) -> None:
        """Note that nothing after `rule` could be checked, because it failed."""
        self.skip(*RULES[RULES.index(rule) + 1 :], reason="earlier_failure")

    def report(self) -> Report:
        """Return the report of what was noted."""
        findings = [entry for entry in self._outcomes if isinstance(entry, Finding)]
        day = self._sources.valid_on
        if day is not None:
            # In every form of the report: nobody shall read it as an answer about today.
            told = {"day": day.isoformat()}
            findings.insert(0, Finding("report.about_a_day", Severity.INFO, told))
        unchecked = [entry for entry in self._outcomes if isinstance(entry, Unchecked)]
        return Report(
            format=self._format,
            findings=tuple(_once(findings)),
            unchecked=tuple(dict.fromkeys(unchecked)),
            at=self._sources.at,
            freshness=self.freshness,
            licence=self.licence,
            signed_at=self.signed_at,
            state=self.state,
            valid_on=self._sources.valid_on,
            record=self.record,
            chains=tuple(dict.fromkeys(self.chains[:MAX_ALIKE])),
        )


def _weight(outcome: Finding | Unchecked) -> str:
    return outcome.severity if isinstance(outcome, Finding) else outcome.reason


def _once(findings: Iterable[Finding]) -> Iterable[Finding]:
    seen: set[tuple[object, ...]] = set()
    for finding in findings:
        key = (finding.code, finding.severity, tuple(sorted(finding.evidence.items())))
        if key not in seen:
            seen.add(key)
            yield finding
