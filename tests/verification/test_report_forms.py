"""The forms of a report, and what a signed one proves."""

import json
from dataclasses import replace

import pytest

from sealkit import statements, tokens
from sealkit.errors import InvalidSignatureError, MalformedError
from sealkit.receipt import parse_receipt
from tests.conformance.instants import AT
from verification.checks.notes import RULES
from verification.errors import ReportFormError
from verification.report import Finding, Report, Severity, messages
from verification.report_detail import detailed, rule_lines, rule_of
from verification.report_forms import ReportForm, Wish, form_wished, formed_report
from verification.signed_reports import (
    MAX_SIGNED_BYTES,
    read_report,
    report_members,
    sign_report,
)


@pytest.fixture(scope="module")
def report(world):
    return world.report(world.sound_ofd)


@pytest.fixture(scope="module")
def receipt_key(world):
    (signer,) = world.trust.regions[0].receipt_signers
    return world.trust.certificate(signer).sm2_key


def signed(report, world, document=b"x"):
    members = report_members(report, document, region="650000")
    return sign_report(members, world.signer("receipt"), at=AT)


def test_every_code_of_a_finding_belongs_to_a_rule():
    assert {rule_of(code) for code in messages()["findings"]} <= set(RULES)
    assert rule_of("maker.certificate.expired") == "chain"
    assert rule_of("content.text_differs") == "visible_text"
    assert rule_of("ofd.zip.malformed") == "structure"


def test_a_sound_file_passes_every_rule_that_could_run(report):
    outcomes = {line.rule: line.outcome for line in rule_lines(report)}
    assert outcomes["signature"] == outcomes["chain"] == outcomes["status"] == "passed"
    assert outcomes["log"] == "not_run"
    assert list(outcomes) == list(RULES)


def test_the_rule_that_failed_is_the_one_that_is_marked(world):
    outcomes = {line.rule: line.outcome for line in rule_lines(world.report(b"%PDF-1.7 cut"))}
    assert outcomes.pop("structure") == "failed"
    assert set(outcomes.values()) == {"not_run"}


def test_the_detailed_form_shows_both_chains_to_the_root(report):
    chains = {chain["role"]: chain["certificates"] for chain in detailed(report)["chains"]}
    assert set(chains) == {"signer", "maker"}
    for certificates in chains.values():
        assert certificates[-1]["subject"] == certificates[-1]["issuer"]


def test_a_signed_report_holds_and_names_the_document(report, world, receipt_key):
    members = read_report(signed(report, world, b"licence"), receipt_key, at=AT)
    assert members["verdict"] == "valid"
    assert members["rules"][0]["outcome"] == "passed"
    assert (
        members["document_sm3"]
        != read_report(signed(report, world, b"other"), receipt_key, at=AT)["document_sm3"]
    )


def test_a_report_changed_or_signed_by_another_key_does_not_hold(report, world, receipt_key):
    token = signed(report, world)
    head, payload, signature = token.split(".")
    with pytest.raises(InvalidSignatureError):
        read_report(f"{head}.{payload[:-4]}AAAA.{signature}", receipt_key, at=AT)
    (signer,) = world.trust.regions[0].code_signers
    other = world.trust.certificate(signer).sm2_key
    with pytest.raises(InvalidSignatureError):
        read_report(token, other, at=AT)


def test_a_token_of_the_right_type_that_says_nothing_is_no_report(world, receipt_key):
    empty = tokens.sign_token({"iat": 1}, world.signer("receipt"), typ=statements.REPORT)
    with pytest.raises(MalformedError):
        read_report(empty, receipt_key, at=AT)


def test_a_report_is_no_receipt(report, world, receipt_key):
    with pytest.raises(MalformedError):
        parse_receipt(signed(report, world), receipt_key, at=AT)


def test_a_report_of_a_thousand_findings_still_fits_and_says_what_it_left_out(world, receipt_key):
    noise = tuple(
        Finding("timestamp.absent", Severity.INFO, {"name": f"{number}" * 60})
        for number in range(1000)
    )
    error = Finding("signature.absent", Severity.ERROR)
    long = Report("ofd", (*noise, error), (), AT)
    members = read_report(signed(long, world), receipt_key, at=AT)
    assert members["left_out"] > 0
    assert members["findings"][0]["code"] == "signature.absent"
    assert len(json.dumps(members, ensure_ascii=False).encode()) <= MAX_SIGNED_BYTES + 100


@pytest.mark.parametrize(
    ("asked", "accept", "form"),
    [
        (None, "*/*", ReportForm.JSON),
        (None, "text/html,application/xhtml+xml;q=0.9", ReportForm.HTML),
        (None, "application/pdf", ReportForm.PDF),
        (ReportForm.JWS, "text/html", ReportForm.JWS),
    ],
)
def test_the_form_is_the_one_asked_for_else_the_one_accepted(asked, accept, form):
    assert form_wished(asked, accept) is form


def test_a_service_that_draws_nothing_says_so(report, world):
    class Services:
        report_pages = None
        region = "650000"
        receipt_signer = world.signer("receipt")

    with pytest.raises(ReportFormError):
        formed_report(report, b"x", Wish(ReportForm.HTML, False, False), Services())
    answer = formed_report(report, b"x", Wish(ReportForm.JSON, False, True), Services())
    assert json.loads(answer.content)["signed"].count(".") == 2


def test_a_chain_that_cannot_be_read_is_shown_by_its_digest(report):
    odd = replace(report, chains=(("code", (b"no certificate",)),))
    assert detailed(odd)["chains"][0]["certificates"][0]["subject"] == ""
