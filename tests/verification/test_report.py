"""Reports: verdict from findings, sentences for every code, JSON."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verification.checks.notes import RULES
from verification.report import (
    Finding,
    Report,
    Severity,
    Unchecked,
    Verdict,
    messages,
    verdict_of,
)

AT = datetime(2026, 11, 23, tzinfo=UTC)
PACKAGE = Path(__file__).parents[2] / "verification"
ERROR = Finding("signature.absent", Severity.ERROR)
UNKNOWN = Finding("status.stale", Severity.UNKNOWN)
WARNING = Finding("status.disputed", Severity.WARNING)
INFO = Finding("timestamp.absent", Severity.INFO)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((), Verdict.VALID),
        ((INFO, WARNING), Verdict.VALID),
        ((WARNING, UNKNOWN), Verdict.CANNOT_SAY),
        ((UNKNOWN, ERROR, INFO), Verdict.INVALID),
        ((ERROR,), Verdict.INVALID),
    ],
)
def test_an_error_outweighs_an_unknown_and_that_outweighs_the_rest(findings, verdict):
    assert verdict_of(findings) is verdict


def test_what_was_left_unchecked_does_not_change_the_verdict():
    report = Report("ofd", (), (Unchecked("log", "no_source"),), AT)
    assert report.verdict is Verdict.VALID


def test_a_report_as_json_has_its_sentences_and_times():
    report = Report("ofd", (ERROR,), (Unchecked("log", "no_source"),), AT, {"status": AT})
    members = report.to_dict()
    assert members["verdict"] == "invalid"
    assert members["findings"][0]["zh"] and members["findings"][0]["en"]
    assert members["unchecked"][0]["zh"] == "未核验透明日志：没有提供来源"
    assert members["at"] == members["freshness"]["status"] == "2026-11-23T00:00:00Z"
    assert members["licence"] is None


def test_evidence_from_a_hostile_document_is_short_and_printable():
    finding = Finding("signature.absent", Severity.ERROR, {"name": "a\x1b[31m\n" + "b" * 999})
    assert len(finding.evidence["name"]) == 300
    assert finding.evidence["name"].isprintable()


def test_every_code_in_the_rules_has_its_sentences():
    assert codes_in_use() <= messages()["findings"].keys()


def test_every_sentence_belongs_to_a_code_in_use():
    roof = {"document.unreadable"}
    assert messages()["findings"].keys() - codes_in_use() - roof == set()


def test_every_rule_and_reason_has_its_sentences():
    rules, reasons = set(RULES), set()
    for call in calls("Unchecked"):
        rules.add(call.args[0].value)
        reasons.add(call.args[1].value)
    assert rules <= messages()["rules"].keys()
    assert reasons <= messages()["reasons"].keys()


def codes_in_use():
    """Every literal in the package that has the form of a code and a sentence or a Finding."""
    found = set()
    for call in calls("Finding"):
        first = call.args[0]
        if isinstance(first, ast.Constant):
            found.add(first.value)
    roles = ("signer", "maker", "timestamp", "code")
    found |= {f"{role}.certificate.{cause}" for role in roles for cause in certificate_causes()}
    return found | literal_codes()


def certificate_causes():
    from verification.checks import chain

    return set(chain._CAUSES.values()) | {"chain_invalid", "revoked_later", "revoked_unproven"}


def literal_codes():
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value in messages()["findings"]:
                    found.add(node.value)
    return found


def calls(name):
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name and node.args:
                if all(isinstance(argument, ast.Constant) for argument in node.args[:1]):
                    yield node


def trees():
    for file in PACKAGE.rglob("*.py"):
        yield ast.parse(file.read_text("utf-8"))
