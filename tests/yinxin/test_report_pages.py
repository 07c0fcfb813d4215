"""Reports for people: what a clerk sees, what an auditor finds, and the sealed PDF."""

import json
import subprocess
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from ca.keystore import FileKeystore
from sealkit.formats.pdf.attachments import attachments
from tests.conformance.instants import AT
from tests.conformance.world import KEYS, World
from verification.report import Finding, Report, Severity
from verification.report_forms import ReportForm, Wish, formed_report
from yinxin.cli import main
from yinxin.report_pages import DrawnReports
from yinxin.report_pdf import ATTACHMENT, MAX_PAGES, draw_report


@pytest.fixture(scope="module")
def world():
    return World("650000")


@pytest.fixture(scope="module")
def services(world):
    class Services:
        report_pages = DrawnReports(FileKeystore(KEYS / "650000"))
        region = "650000"
        receipt_signer = world.signer("receipt")

    return Services()


@pytest.fixture
def form(services):
    def make(report, form=ReportForm.HTML, *, detail=False, signed=False, document=b"x"):
        return formed_report(report, document, Wish(form, detail, signed), services)

    return make


@pytest.fixture
def trust_directory(world, tmp_path):
    for name, content in world.trust.regions[0].to_files().items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def checked(report, trust_directory, *options):
    arguments = ["verify-report", str(report), "--trust", str(trust_directory), *options]
    return CliRunner().invoke(main, [*arguments, "--at", AT.isoformat()])


def test_a_clerk_sees_the_verdict_and_no_codes(world, form):
    page = form(world.report(world.sound_ofd)).content.decode()
    assert "有效" in page
    assert world.record.number in page
    assert "<table>" not in page


def test_an_auditor_finds_rules_sources_chains_and_codes(world, form):
    page = form(world.report(world.sound_ofd), detail=True, signed=True).content.decode()
    for part in ("核验项目", "证书链", "状态列表", "SM3", "签名报告", "no_source", "未核验"):
        assert part in page


def test_what_a_hostile_document_says_is_text_and_never_markup(form):
    hostile = Finding("signature.absent", Severity.ERROR, {"name": "<script>alert(1)</script>"})
    answer = form(Report("ofd", (hostile,), (), AT), detail=True)
    assert b"<script" not in answer.content
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_the_pdf_can_be_read_by_others_and_says_the_verdict(world, form, tmp_path):
    answer = form(world.report(world.sound_ofd), ReportForm.PDF, signed=True)
    file = tmp_path / "report.pdf"
    file.write_bytes(answer.content)
    told = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    text = told.stdout.decode()
    assert "有效" in text
    assert world.record.number in text
    assert "证书链" in text
    assert ATTACHMENT in attachments(answer.content)


def test_a_signed_report_of_any_form_is_verified_by_the_command(
    world, form, trust_directory, tmp_path
):
    report = world.report(world.sound_ofd)
    document = tmp_path / "licence.ofd"
    document.write_bytes(world.sound_ofd)
    for wanted in (ReportForm.JWS, ReportForm.JSON, ReportForm.PDF):
        file = tmp_path / f"report.{wanted}"
        answer = form(report, wanted, signed=True, document=world.sound_ofd)
        file.write_bytes(answer.content)
        result = checked(file, trust_directory, "--document", str(document))
        assert result.exit_code == 0, (wanted, result.output)
        assert "valid" in result.output


def test_a_changed_page_or_another_document_is_refused(world, form, trust_directory, tmp_path):
    report = world.report(world.sound_ofd)
    pdf = form(report, ReportForm.PDF, signed=True).content
    at = pdf.index(b"/MediaBox")
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf[:at] + b"/mediabox" + pdf[at + 9 :])
    assert checked(file, trust_directory).exit_code == 1
    token = tmp_path / "report.jws"
    token.write_bytes(form(report, ReportForm.JWS).content)
    other = tmp_path / "other"
    other.write_bytes(b"another document")
    assert checked(token, trust_directory, "--document", str(other)).exit_code == 1
    nothing = tmp_path / "nothing.json"
    nothing.write_bytes(b"{}")
    assert checked(nothing, trust_directory).exit_code == 1
    assert checked(tmp_path / "absent", trust_directory).exit_code == 64


def test_a_process_without_the_key_for_pdf_gives_it_without_a_seal(world, services):
    class NoKeys:
        def names(self):
            return ("receipt",)

    report = world.report(world.sound_code.encode())
    formed = formed_report(report, b"x", Wish(ReportForm.JSON, True, False), services)

    members = json.loads(formed.content)
    unsealed = DrawnReports(NoKeys()).pdf(members, signed="a.b.c", at=AT)
    assert unsealed == draw_report(members, signed="a.b.c", at=AT)


def test_endless_findings_end_and_odd_characters_are_marked(world, services):
    odd = Finding("signature.absent", Severity.ERROR, {"name": "\U0002ffff\u0f00x" * 70})
    long = Report("ofd", tuple(replace(odd, evidence={"n": f"{n}"}) for n in range(3000)), (), AT)

    wish = Wish(ReportForm.JSON, True, False)
    members = json.loads(formed_report(Report("ofd", (odd,), (), AT), b"x", wish, services).content)
    assert draw_report(members, signed=None, at=AT).startswith(b"%PDF")
    members = json.loads(formed_report(long, b"x", wish, services).content)
    pdf = draw_report(members, signed=None, at=AT)
    assert pdf.count(b"/Type /Page ") <= MAX_PAGES + 1


def test_a_source_role_or_format_that_is_new_is_shown_by_its_name(world, form):
    report = replace(
        world.report(world.sound_ofd),
        format="scroll",
        freshness={"oracle": AT},
        chains=(("augur", (world.der("root"),)),),
    )
    page = form(report, detail=True).content.decode()
    assert "oracle" in page
    assert "augur" in page
    assert form(report, ReportForm.PDF).content.startswith(b"%PDF")
