"""What `verify` answers beside yes and no: warnings, freshness, what was left unchecked."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from sealkit.formats.code.qr import qr_png
from sealkit.formats.ofd.container import read_package
from sealkit.formats.pdf import sign_pdf
from sealkit.record import LONG_TERM, Holder
from tests.conformance.bad_contents import MemoryLog, sound_proof
from tests.conformance.instants import AT, SIGNED
from tests.conformance.ofd_builder import (
    changed,
    make_seal,
    resigned,
    sealed,
    unsealed,
    visible_fields,
)
from tests.conformance.world import ElsewhereSource, MemoryRegister
from verification import verify as verify_module
from verification.checks.notes import MAX_ALIKE
from verification.report import Severity, Verdict
from verification.trust import TrustStore


def codes(report):
    return {finding.code for finding in report.findings}


def unchecked(report):
    return {(entry.code, entry.reason) for entry in report.unchecked}


def test_a_valid_report_says_when_its_sources_were_made(world):
    report = world.report(world.sound_ofd)
    assert report.verdict is Verdict.VALID
    assert report.freshness["status"] == AT - timedelta(hours=1)
    assert report.freshness["crl"] == AT - timedelta(days=1)
    assert report.freshness["trust"] == AT - timedelta(days=1)
    assert report.signed_at == SIGNED
    assert report.state == 0
    assert report.record == world.record
    assert report.licence.identifier == world.record.identifier
    assert report.licence.holders == ("天山示例科技有限公司",)


def test_what_had_no_source_is_listed(world):
    report = world.report(world.sound_ofd)
    assert unchecked(report) == {
        ("log", "no_source"),
        ("register", "no_source"),
        ("locked", "only_with_register"),
    }


def test_what_another_region_keeps_is_listed_and_does_not_change_the_verdict(world):
    report = world.report(world.sound_ofd, log=ElsewhereSource(), register=ElsewhereSource())
    assert report.verdict is Verdict.VALID
    assert unchecked(report) == {("log", "other_region"), ("register", "other_region")}


def test_a_first_failure_does_not_hide_what_was_skipped_after_it(world):
    report = world.report(world.sound_ofd[:-100])
    skipped = {code for code, reason in unchecked(report) if reason == "earlier_failure"}
    assert {"digests", "seal", "signature", "chain", "status", "register"} <= skipped


def test_a_dispute_warns_and_leaves_the_licence_in_force(world):
    report = world.report(world.sound_ofd, status=world.status(0xC))
    assert report.verdict is Verdict.VALID
    assert codes(report) == {"status.disputed"}
    assert report.findings[0].severity is Severity.WARNING


def test_an_aged_status_list_warns(world):
    status = world.status(at=AT - timedelta(hours=2), ttl=3600)
    report = world.report(world.sound_ofd, status=status)
    assert (report.verdict, codes(report)) == (Verdict.VALID, {"status.aged"})


def test_without_a_timestamp_the_time_is_the_signers_word(world):
    document = sealed(world, unsealed(world.record), timestamp=None)
    report = world.report(document)
    assert (report.verdict, codes(report)) == (Verdict.VALID, {"timestamp.absent"})


def test_a_claimed_time_far_from_the_timestamp_warns(world):
    stamp = world.timestamp(SIGNED + timedelta(days=2))
    report = world.report(sealed(world, unsealed(world.record), timestamp=stamp))
    assert (report.verdict, codes(report)) == (Verdict.VALID, {"timestamp.claim_differs"})
    assert report.signed_at == SIGNED + timedelta(days=2)


def test_a_revocation_after_a_proven_signing_does_not_undo_it(world):
    trust = world.trust_revoking("seal_signer_market", at=SIGNED + timedelta(days=1))
    report = world.report(world.sound_ofd, trust=trust)
    assert (report.verdict, codes(report)) == (Verdict.VALID, {"signer.certificate.revoked_later"})


def test_a_revocation_that_is_still_to_come_is_not_looked_at(world):
    trust = world.trust_revoking("seal_signer_market", at=AT + timedelta(hours=1))
    assert codes(world.report(world.sound_ofd, trust=trust)) == set()


def test_a_licence_is_valid_until_midnight_in_beijing(world):
    document = sealed(world, unsealed(replace(world.record, valid_until="2026-11-23")))
    last = AT.replace(hour=15, minute=59, second=59)
    assert world.report(document, at=last).verdict is Verdict.VALID
    assert "licence.expired" in codes(world.report(document, at=last + timedelta(seconds=1)))


def test_a_licence_without_an_end_is_valid(world):
    document = sealed(world, unsealed(replace(world.record, valid_until=LONG_TERM)))
    assert world.report(document).verdict is Verdict.VALID


def test_the_last_day_of_the_calendar_is_a_malformed_date(world):
    document = sealed(world, unsealed(replace(world.record, valid_until="9999-12-30")))
    assert world.report(document).verdict is Verdict.VALID


def test_two_holders_are_read_from_a_list(world):
    holders = (Holder("阿依古丽", "1", "111"), Holder("王小明", "2", "111"))
    record = replace(world.record, holders=holders)
    printed = {name: value for name, value in record.metadata().items()}
    printed |= {"CZZT": "阿依古丽、王小明", "CZZTDM": "1 2", "CZZTDMLXDM": "111，111"}
    document = sealed(world, unsealed(record, printed=visible_fields(record) | printed))
    found = {
        finding.evidence.get("field")
        for finding in world.report(document).findings
        if finding.code == "content.text_differs"
    }
    assert not {"CZZT", "CZZTDM", "CZZTDMLXDM"} & found


def test_a_second_seal_of_another_department_leaves_the_issuers_deciding(world):
    land = world.signer("seal_signer_land")
    seal = make_seal(world, certificates=(land.certificate_der,), seal_id="DZYZ0009")
    first = sealed(world, unsealed(world.record), seal=seal, signer=land)
    report = world.report(sealed(world, first))
    assert (report.verdict, codes(report)) == (Verdict.VALID, set())


def test_a_seal_file_need_not_be_named(world):
    def nameless(xml):
        return re.sub(
            rb"<ofd:Seal>.*?</ofd:Seal>|<ofd:Reference FileRef=\"[^\"]*Seal.esl.*?</ofd:Reference>",
            b"",
            xml,
        )

    document = changed(resigned(world, world.sound_ofd, describe=nameless), Seal__esl=None)
    assert codes(world.report(document)) == set()


def test_a_seal_shown_on_no_page_warns(world):
    document = resigned(
        world, world.sound_ofd, describe=lambda xml: re.sub(rb"<ofd:StampAnnot[^>]*/>", b"", xml)
    )
    report = world.report(document)
    assert (report.verdict, codes(report)) == (Verdict.VALID, {"stamp.absent"})


def test_the_log_proves_a_code(world):
    report = world.report(world.sound_code.encode(), log=MemoryLog(sound_proof(world)))
    assert report.verdict is Verdict.VALID
    assert "log" not in {entry.code for entry in report.unchecked}


def test_the_log_cannot_prove_a_file_without_its_code(world):
    report = world.report(world.sound_ofd, log=MemoryLog(sound_proof(world)))
    assert report.verdict is Verdict.VALID
    assert ("log", "no_credential") in unchecked(report)


def test_the_log_proves_a_file_shown_with_its_code(world):
    log = MemoryLog(sound_proof(world))
    report = world.report(world.sound_ofd, log=log, code=world.sound_code)
    assert (report.verdict, report.findings) == (Verdict.VALID, ())
    assert "log" not in {entry.code for entry in report.unchecked}


def test_a_damaged_code_beside_a_file_leaves_its_place_in_the_log_open(world):
    log = MemoryLog(sound_proof(world))
    report = world.report(world.sound_ofd, log=log, code="CL1:%%%")
    assert ("log", "no_credential") in unchecked(report)


def test_a_log_that_the_trust_material_does_not_name_is_not_asked(world):
    trust = world.trust_with(log=None)
    report = world.report(world.sound_ofd, trust=trust, log=MemoryLog(b"x"))
    assert ("log", "no_trust_material") in unchecked(report)


def test_a_code_in_a_jpeg_photo_is_read(world):
    photo = BytesIO()
    Image.open(BytesIO(qr_png(world.sound_code))).convert("RGB").save(photo, "JPEG", quality=60)
    report = world.report(photo.getvalue())
    assert (report.format, report.verdict) == ("image", Verdict.VALID)


def test_a_code_keeps_its_spaces_and_loses_only_line_breaks(world):
    assert world.report(world.sound_code.encode() + b"\r\n").verdict is Verdict.VALID


def test_an_identifier_is_answered_without_personal_data(world):
    register = MemoryRegister(world.register_entry())
    report = world.report(world.record.identifier.lower().encode(), register=register)
    assert report.verdict is Verdict.VALID
    answer = str(report.to_dict())
    assert report.licence.holders == ()
    assert not any(text in answer for text in ("天山", "阿迪力", world.record.number))


def test_of_many_findings_of_one_kind_only_some_are_reported(world):
    """And one of another kind, however late, is."""
    names = "".join(f'<ofd:Reference FileRef="/{n}"/>' for n in range(4000)).encode()
    spoiled = changed(
        world.sound_ofd,
        **{
            "Signature.xml": lambda xml: xml.replace(
                b"</ofd:References>", names + b"</ofd:References>"
            )
        },
    )
    found = [finding.code for finding in world.report(spoiled).findings]
    assert found.count("digest.file_missing") == MAX_ALIKE
    assert "signature.xml_changed" in found


@pytest.mark.parametrize("at", [datetime.min, datetime.max])
@pytest.mark.parametrize("name", ["sound_ofd", "sound_pdf", "sound_code"])
def test_any_time_may_be_asked_about(world, name, at):
    document = getattr(world, name)
    content = document.encode() if isinstance(document, str) else document
    assert world.report(content, at=at.replace(tzinfo=UTC)).verdict is Verdict.INVALID


def test_a_second_ecdsa_signature_does_not_spoil_a_pdf(world):
    trusted = world.region_trust
    trust = world.trust_with(
        anchors=(*trusted.anchors, world.der("ecdsa_root")),
        crls=(*trusted.crls, world.crl("ecdsa_root")),
    )
    report = world.report(countersigned(world, "pdf_signer_ecdsa"), trust=trust)
    assert (report.verdict, codes(report)) == (Verdict.VALID, set())


def test_a_second_signature_under_a_root_we_do_not_know_leaves_it_open(world):
    report = world.report(countersigned(world, "pdf_signer_ecdsa"))
    assert (report.verdict, codes(report)) == (Verdict.CANNOT_SAY, {"pdf.signed_over"})
    assert ("further_signatures", "no_trust_material") in unchecked(report)


def countersigned(world, name):
    return sign_pdf(world.sound_pdf, signer=world.signer(name), chain=(), at=SIGNED, field="More")


def test_a_document_over_the_limit_is_not_examined(world, monkeypatch):
    monkeypatch.setattr(verify_module, "MAX_DOCUMENT_BYTES", 10)
    report = world.report(world.sound_ofd)
    assert codes(report) == {"document.too_large"}
    assert report.verdict is Verdict.CANNOT_SAY


def test_two_regions_are_told_apart(world, neighbour):
    both = TrustStore((neighbour.region_trust, world.region_trust))
    report = world.report(world.sound_ofd, trust=both)
    assert report.verdict is Verdict.VALID


def test_the_same_trust_store_answers_the_same_twice(world):
    trust = TrustStore((world.region_trust,))
    first = world.report(world.sound_ofd, trust=trust)
    assert world.report(world.sound_ofd, trust=trust) == first
    early = world.report(world.sound_ofd, trust=trust, at=SIGNED - timedelta(days=400))
    assert early.verdict is not Verdict.VALID


@pytest.mark.parametrize("name", ["sound_ofd", "sound_pdf"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_changed_byte_is_refused_or_changes_nothing_that_was_signed(world, name, data):
    document = getattr(world, name)
    position = data.draw(st.integers(0, len(document) - 1))
    bit = data.draw(st.integers(0, 7))
    spoilt = bytearray(document)
    spoilt[position] ^= 1 << bit
    report = world.report(bytes(spoilt))
    if report.verdict is Verdict.VALID:
        # Only what no reader looks at: a zip's version number, the certificates that a
        # signature carries along.
        assert signed_content(bytes(spoilt)) == signed_content(document)
        assert report.record == world.record


def signed_content(document):
    if document.startswith(b"PK"):
        return dict(read_package(document).entries)
    start = document.index(b"/Contents <")
    return document[:start], document[document.index(b">", start) :]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tail=st.binary(max_size=200), head=st.sampled_from([b"PK\x03\x04", b"%PDF-", b"CL1:", b""]))
def test_any_bytes_get_a_report(world, head, tail):
    assert world.report(head + tail).verdict is not Verdict.VALID
