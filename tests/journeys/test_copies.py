"""A citizen gives a copy with a purpose written over it, and nobody takes it for the licence."""

import re
from datetime import timedelta

import pypdfium2
import pytest

from sealkit.copy_note import COPY_NAME, CopyNote
from sealkit.formats.pdf import read_pdf
from sealkit.record import Holder
from verification.verify import verify

ASKED = {"purpose": "办理贷款审批", "recipient": "示例银行天山支行", "hours": 48}


@pytest.fixture
def licence(home, company):
    """A company's licence, and the account of its holder."""
    made = home.mint(company)
    holder = company["holders"][0]
    home.add_holder(f"holder-{holder['code']}", Holder(**holder))
    return made | {"account": f"holder-{holder['code']}"}


def copy_of(home, licence, **changes):
    path = f"/v1/licences/{licence['id']}/copies"
    return home.ask(licence["account"], "POST", path, ASKED | changes)


def codes(report):
    return {finding["code"] for finding in report["findings"]}


def test_the_copy_says_what_it_is_for_and_is_good_for_that(home, licence):
    answer = copy_of(home, licence)
    assert answer.status == 201, answer.content[:300]
    report = home.verify(answer.content)
    assert report["verdict"] == "valid", report["findings"]
    assert report["licence"] is None
    assert report["zh"].startswith("加注件有效")
    (said,) = [entry for entry in report["findings"] if entry["code"] == "copy.annotated"]
    assert said["evidence"]["purpose"] == "办理贷款审批"
    assert said["evidence"]["recipient"] == "示例银行天山支行"
    assert said["evidence"]["identifier"] == licence["id"]
    text = re.sub(
        r"\s", "", pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    )
    assert "用途：办理贷款审批" in text and "使用方：示例银行天山支行" in text
    assert "扫描二维码" not in text
    assert set(read_pdf(answer.content).attachments) == {COPY_NAME}


def test_the_copy_ends_by_itself_and_with_its_licence(home, licence, legal_basis):
    copy = copy_of(home, licence).content
    note = CopyNote.from_json(read_pdf(copy).attachments[COPY_NAME])
    services = home.context.verification
    with home.context.database.reading() as session:
        sources = services.sources(session)
        before, after = (
            verify(copy, **sources | {"at": note.copy_expiring_time + timedelta(seconds=shift)})
            for shift in (-1, 0)
        )
    assert "copy.expired" not in {finding.code for finding in before.findings}
    assert "copy.expired" in {finding.code for finding in after.findings}
    assert after.verdict.value == "invalid"
    path = f"/v1/licences/{licence['id']}"
    home.client("market-reviewer").post(f"{path}/suspend", legal_basis)
    suspended = home.verify(copy)
    assert suspended["verdict"] == "invalid"
    assert "status.suspended" in codes(suspended)
    assert copy_of(home, licence).status == 409


def test_a_changed_copy_is_found_out(home, licence):
    copy = bytearray(copy_of(home, licence).content)
    copy[len(copy) // 3] ^= 1
    assert home.verify(bytes(copy))["verdict"] != "valid"


def test_only_the_holder_has_copies_made(home, licence):
    path = f"/v1/licences/{licence['id']}/copies"
    clerk = home.ask("market-clerk", "POST", path, ASKED)
    home.refused(403, "issuance.not_entitled", clerk)
    home.add_holder("holder-of-nothing", Holder("别家公司", "91650100MA7DEM016D", "001"))
    other = home.ask("holder-of-nothing", "POST", path, ASKED)
    home.refused(404, "issuance.licence.unknown", other)
    home.refused(401, "issuance.identity.required", home.ask("", "POST", path, ASKED))


def test_holder_and_issuer_see_which_copies_were_made(home, licence):
    path = f"/v1/licences/{licence['id']}/copies"
    copy_of(home, licence, purpose="第一次")
    copy_of(home, licence, purpose="第二次")
    for account in (licence["account"], "market-clerk"):
        purposes = [entry["purpose"] for entry in home.ask(account, "GET", path).json]
        assert purposes == ["第二次", "第一次"]
    home.refused(404, "issuance.licence.unknown", home.ask("land-clerk", "GET", path))


@pytest.mark.parametrize(
    "change", [{"purpose": " "}, {"recipient": "\ue000"}, {"purpose": "甲\n乙"}, {"hours": 721}]
)
def test_a_copy_without_a_sound_purpose_or_end_is_refused(home, licence, change):
    answer = copy_of(home, licence, **change)
    assert answer.status == 422
    assert answer.json["problems" if "problems" in answer.json else "code"]
