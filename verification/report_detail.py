"""The detailed form of a report, for auditors: every rule with its outcome, and every chain.

A rule is named for each format that it applies to. What became of it follows from the
findings and from what was left out: the first part of a finding's code names its rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import MalformedError
from sealkit.sm import sm3
from verification.checks.notes import RULES
from verification.report import Finding, Message, Report, Severity, messages

_NOT_FOR: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "ofd": frozenset(),
        "pdf": frozenset({"seal", "visible_text"}),
        "code": frozenset({"digests", "seal", "visible_text"}),
        "image": frozenset({"digests", "seal", "visible_text"}),
        "identifier": frozenset(RULES) - {"structure", "validity", "status", "register"},
        "unknown": frozenset(RULES) - {"structure"},
    }
)
"""Rules that a format has no use for: they are neither run nor missing."""

_RULE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "digest": "digests",
        "coverage": "digests",
        "seal": "seal",
        "stamp": "seal",
        "signature": "signature",
        "message": "signature",
        "signer": "chain",
        "maker": "chain",
        "code.certificate": "chain",
        "timestamp.certificate": "timestamp",
        "authority": "authority",
        "licence": "validity",
        "timestamp": "timestamp",
        "status": "status",
        "bundle": "status",
        "log": "log",
        "content.text_differs": "visible_text",
        "content.text_untagged": "visible_text",
        "content.register_differs": "register",
        "content.register_unavailable": "register",
        "content.register_unknown": "register",
        "content.seals_missing": "register",
        "content": "metadata",
        "identifier.register_missing": "register",
        "identifier.register_unavailable": "register",
        "identifier.not_found": "register",
    }
)
"""Rule by the longest beginning of a finding's code; whatever is not here is `structure`."""

_OUTCOMES: Final = {
    Severity.ERROR: "failed",
    Severity.UNKNOWN: "unknown",
    Severity.WARNING: "noted",
    Severity.INFO: "noted",
}
_WORST_FIRST: Final = ("failed", "unknown", "not_run", "noted", "passed")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule and what became of it."""

    rule: str
    """Name in `RULES`."""
    outcome: str
    """``passed``, ``noted``, ``unknown``, ``failed`` or ``not_run``."""
    findings: tuple[str, ...]
    """Codes that it found, and for a rule that did not run the reason."""

    @property
    def message(self) -> Message:
        """The rule's name for people."""
        return messages()["rules"][self.rule]

    def to_dict(self) -> dict[str, Any]:
        """Return the line as JSON carries it."""
        name, outcome = self.message, messages()["rule_outcomes"][self.outcome]
        return {
            "rule": self.rule,
            "zh": name.zh,
            "en": name.en,
            "outcome": self.outcome,
            "outcome_zh": outcome.zh,
            "outcome_en": outcome.en,
            "findings": list(self.findings),
        }


def rule_of(code: str) -> str:
    """Return the rule that the finding of this code belongs to."""
    parts = code.split(".")
    beginnings = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((_RULE_OF[start] for start in beginnings if start in _RULE_OF), "structure")


def rule_lines(report: Report) -> tuple[RuleLine, ...]:
    """Return every rule that this format has, in the order of the examination."""
    left_out = {entry.code: entry.reason for entry in report.unchecked}
    lines = []
    for rule in RULES:
        if rule in _NOT_FOR.get(report.format, frozenset()):
            continue
        found = [finding for finding in report.findings if rule_of(finding.code) == rule]
        outcomes = {_OUTCOMES[finding.severity] for finding in found} or {"passed"}
        if rule in left_out:
            outcomes.add("not_run")
        worst = min(outcomes, key=_WORST_FIRST.index)
        codes = dict.fromkeys(finding.code for finding in found)
        lines.append(RuleLine(rule, worst, (*codes, *_reason(left_out, rule))))
    return tuple(lines)


def detailed(report: Report) -> dict[str, Any]:
    """Return the report as JSON carries it, with its rules and chains."""
    return report.to_dict() | {
        "rules": [line.to_dict() for line in rule_lines(report)],
        "chains": [
            {"role": role, "certificates": list(_certificate_lines(chain))}
            for role, chain in report.chains
        ],
    }


def weightiest_first(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return the findings, those that decide the verdict before the others."""
    return sorted(findings, key=lambda finding: list(Severity).index(finding.severity))


def _reason(left_out: Mapping[str, str], rule: str) -> tuple[str, ...]:
    return (left_out[rule],) if rule in left_out else ()


def _certificate_lines(chain: tuple[bytes, ...]) -> Iterator[dict[str, str]]:
    for der in chain:
        digest = sm3.digest(der).hex()
        try:
            certificate = parse_certificate(der)
        except MalformedError:
            yield {"subject": "", "sm3": digest}
            continue
        yield {
            "subject": certificate.subject,
            "issuer": certificate.issuer,
            "serial": format(certificate.serial, "x"),
            "not_before": certificate.not_before.isoformat(),
            "not_after": certificate.not_after.isoformat(),
            "sm3": digest,
        }
