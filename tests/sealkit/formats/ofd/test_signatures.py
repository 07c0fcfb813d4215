"""Checklist of the OFD fact sheet, items 9, 21 to 23 and 27: facts about seals found.

Each way of tampering leaves its own mark in the facts, so that it can be named.
"""

import dataclasses

import pytest

from sealkit.asn1.ses import build_seal, build_signature
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.signature_file import MAX_REFERENCES, MAX_STAMPS
from sealkit.formats.ofd.signatures import (
    MAX_REFERENCES_IN_ALL,
    MAX_SIGNATURES,
    SIGN,
    read_signatures,
)
from sealkit.sm import sm3
from tests.sealkit.asn1.identities import sm2_identity
from tests.sealkit.formats.ofd.builder import (
    AT,
    FONT_FILE,
    IMAGE_FILE,
    LISTING,
    PAGE_0,
    PAGE_1,
    ROOT,
    SEAL_FILE,
    SIGNATURE,
    SIGNS,
    VALUE,
    document_of,
    replaced,
    seal_info,
)


@pytest.fixture
def found(sealed):
    """Name → content of a sealed document."""
    return dict(read_package(sealed).entries)


@pytest.fixture
def resigned(found, seal_der, signer):
    """Sign anew over a Signature.xml that was rewritten, as its producer would have."""

    def again(old, new):
        changed = replaced(found, SIGNATURE, old, new)
        data_hash = sm3.digest(changed[SIGNATURE])
        value = build_signature(
            seal_der=seal_der,
            at=AT,
            data_hash=data_hash,
            property_info=f"/{SIGNATURE}",
            signer=signer,
        )
        return {**changed, VALUE: value}

    return again


def signatures(entries):
    return read_signatures(read_document(write_package(entries)))


def only(entries):
    (applied,) = signatures(entries).seals
    return applied


def reason(entries):
    with pytest.raises(OFDError) as refused:
        signatures(entries)
    return refused.value.reason


def listing_of(*rows, highest=("s009",)):
    stated = "".join(f"<ofd:MaxSignId>{number}</ofd:MaxSignId>" for number in highest)
    return document_of("Signatures", stated + "".join(rows))


def row(identifier="s001", path=SIGNATURE, attributes=""):
    return f'<ofd:Signature ID="{identifier}" BaseLoc="/{path}"{attributes}/>'


def test_a_document_without_seals_has_none(unsealed):
    assert read_signatures(read_document(unsealed)).seals == ()


def test_a_changed_file_does_not_match(found):
    applied = only({**found, FONT_FILE: b"another font"})
    changed = [each for each in applied.references if not each.matches]
    assert [(each.name, each.present) for each in changed] == [(FONT_FILE, True)]


def test_a_missing_file_is_told_from_a_changed_one(seal, entries):
    extra = dict(read_package(seal({**entries, "Doc_0/extra.bin": b"x"})).entries)
    del extra["Doc_0/extra.bin"]
    (missing,) = (each for each in only(extra).references if not each.matches)
    assert (missing.name, missing.present) == ("Doc_0/extra.bin", False)


def test_a_changed_description_is_no_longer_what_was_signed(found):
    applied = only(replaced(found, SIGNATURE, "Yinxin", "Yinxim"))
    assert applied.signature.data_hash != sm3.digest(applied.signature_xml)
    assert all(reference.matches for reference in applied.references)


def test_a_swapped_seal_file_is_seen_beside_the_seal_that_was_used(found, signer):
    other = build_seal(seal_info(signer.certificate_der), sm2_identity("另一制章者"))
    applied = only({**found, SEAL_FILE: other})
    assert applied.seal_file == other != applied.signature.seal_der
    assert [each.name for each in applied.references if not each.matches] == [SEAL_FILE]


def test_a_seal_file_that_is_gone_is_still_named(found):
    del found[SEAL_FILE]
    applied = only(found)
    assert (applied.seal_path, applied.seal_file) == (SEAL_FILE, None)


def test_a_signature_without_loose_seal_is_read(resigned):
    """Many deployed files have none."""
    entries = resigned(f"<ofd:Seal><ofd:BaseLoc>/{SEAL_FILE}</ofd:BaseLoc></ofd:Seal>", "")
    del entries[SEAL_FILE]
    applied = only(entries)
    assert (applied.seal_path, applied.seal_file) == (None, None)
    assert applied.signature is not None


@pytest.mark.parametrize("value", [b"", b"garbage", b"\x30\x80\x00\x00"])
def test_a_value_that_is_no_seal_signature_is_said_to_be_malformed(found, value):
    """Item 28: whatever stands there."""
    applied = only({**found, VALUE: value})
    assert applied.signature is None and applied.malformed
    assert (applied.value_path, applied.value) == (VALUE, value)


def test_trailing_bytes_after_the_value_are_malformed(found):
    assert only({**found, VALUE: found[VALUE] + b"\0"}).malformed


def test_a_value_that_is_gone_is_told_from_a_malformed_one(found):
    del found[VALUE]
    applied = only(found)
    assert applied.value_path is None and applied.value == b""


def test_a_description_that_names_no_value_has_none(resigned):
    entries = resigned(f"<ofd:SignedValue>/{VALUE}</ofd:SignedValue>", "")
    assert only(entries).value_path is None


@pytest.mark.parametrize(
    ("method", "is_sm3"),
    [
        ("1.2.156.10197.1.401", True),
        ("SM3", True),
        ("MD5", False),
        ("SHA1", False),
        ("1.2.156.10197.1.401.2", False),
        ("", False),
    ],
)
def test_digest_methods(resigned, method, is_sm3):
    """Item 22: one product writes the OID of HMAC-SM3, which is no digest."""
    applied = only(resigned('CheckMethod="1.2.156.10197.1.401"', f'CheckMethod="{method}"'))
    assert (applied.check_method, applied.digest_method_is_sm3) == (method, is_sm3)


def test_an_absent_digest_method_is_not_sm3(resigned):
    """Item 22: by the standard it would be MD5."""
    applied = only(resigned(' CheckMethod="1.2.156.10197.1.401"', ""))
    assert applied.check_method is None and not applied.digest_method_is_sm3


@pytest.mark.parametrize("digest", ["", "AAAA", "?" * 44, "中文", "A" * 43 + "="])
def test_check_values_are_base64_of_32_bytes(resigned, found, digest):
    """Item 22."""
    start = found[SIGNATURE].index(b"<ofd:CheckValue>") + len("<ofd:CheckValue>")
    applied = only(resigned(found[SIGNATURE][start : start + 44], digest))
    wrong = [reference for reference in applied.references if not reference.matches]
    assert len(wrong) == 1 and wrong[0].present
    assert wrong[0].digest in (None, bytes(32))


@pytest.mark.parametrize("left_out", [ROOT, PAGE_1, FONT_FILE, IMAGE_FILE, SEAL_FILE])
def test_a_file_left_out_is_named(resigned, found, left_out):
    """Item 23."""
    start = found[SIGNATURE].index(f'<ofd:Reference FileRef="/{left_out}"'.encode())
    end = found[SIGNATURE].index(b"</ofd:Reference>", start) + len("</ofd:Reference>")
    assert only(resigned(found[SIGNATURE][start:end], "")).uncovered == (left_out,)


def test_a_later_signature_cannot_claim_a_page_as_its_own(found, resigned):
    """Else a page that the first leaves out would seem to need no cover."""
    start = found[SIGNATURE].index(f'<ofd:Reference FileRef="/{PAGE_1}"'.encode())
    end = found[SIGNATURE].index(b"</ofd:Reference>", start) + len("</ofd:Reference>")
    entries = resigned(found[SIGNATURE][start:end], "")
    later = found[SIGNATURE].replace(f"/{VALUE}".encode(), f"/{PAGE_1}".encode())
    entries[f"{SIGNS}/Sign_1/Signature.xml"] = later
    entries[LISTING] = listing_of(row(), row("s003", f"{SIGNS}/Sign_1/Signature.xml"))
    assert signatures(entries).seals[0].uncovered == (PAGE_1,)


def test_a_file_covered_twice_is_seen(resigned, found):
    start = found[SIGNATURE].index(f'<ofd:Reference FileRef="/{PAGE_0}"'.encode())
    end = found[SIGNATURE].index(b"</ofd:Reference>", start) + len("</ofd:Reference>")
    reference = found[SIGNATURE][start:end]
    applied = only(resigned(reference, reference + reference))
    assert applied.duplicate_references and applied.uncovered == ()


def test_relative_locations_are_accepted(resigned):
    """5.2 of the fact sheet: SignedValue, BaseLoc and FileRef relative to Signature.xml."""
    entries = resigned(f"/{VALUE}<", "SignedValue.dat<")
    entries = replaced(entries, SIGNATURE, f"/{SEAL_FILE}<", "./Seal.esl<")
    entries = replaced(entries, SIGNATURE, f'"/{PAGE_0}"', '"../../Pages/Page_0/Content.xml"')
    entries = replaced(entries, LISTING, f"/{SIGNATURE}", "Sign_0/Signature.xml")
    applied = only(entries)
    assert (applied.path, applied.value_path, applied.seal_path) == (SIGNATURE, VALUE, SEAL_FILE)
    assert applied.uncovered == ()


@pytest.mark.parametrize("location", ["../../../../etc/passwd", "/../a"])
def test_references_that_leave_the_package_are_refused(found, location):
    assert reason(replaced(found, SIGNATURE, f"/{PAGE_0}", location)) == "ofd.reference.outside"


@pytest.mark.parametrize("text", ["20210331075023Z", "2020-06-20 17:18:49", "", "yesterday"])
def test_no_form_of_time_is_refused(resigned, text):
    """Products write at least four; none decides anything."""
    assert only(resigned(AT.strftime("%Y%m%d%H%M%SZ"), text)).claimed_at == text


def test_who_signed_is_told(resigned, found):
    assert only(found).provider == "Yinxin"
    start, end = (found[SIGNATURE].index(mark) for mark in (b"<ofd:Provider", b"<ofd:SignatureM"))
    assert only(resigned(found[SIGNATURE][start:end], "")).provider == ""


def test_a_signature_without_references_covers_nothing(resigned, found):
    start = found[SIGNATURE].index(b"<ofd:References")
    end = found[SIGNATURE].index(b"</ofd:References>") + len("</ofd:References>")
    applied = only(resigned(found[SIGNATURE][start:end], ""))
    assert applied.references == () and applied.check_method is None
    assert len(applied.uncovered) == len(found) - 3


@pytest.mark.parametrize(
    ("rows", "highest", "expected"),
    [
        ((row(),), ("s002",), []),
        ((row(),), (), []),
        ((row("1"),), ("2",), []),
        ((row(),), ("s001",), ["max_sign_id.too_low"]),
        ((row("s003"),), ("s002",), ["max_sign_id.too_low"]),
        ((row(),), ("x",), ["max_sign_id.too_low"]),
        ((row(),), ("s002", "s002"), ["max_sign_id.repeated"]),
        ((row(""),), ("s002",), ["signature_id.duplicate"]),
        ((row(attributes=' Type="Sigh"'),), ("s002",), ["signature.type"]),
    ],
)
def test_the_list_is_numbered(found, rows, highest, expected):
    """Item 21: one MaxSignId, not under any number used, stamps included."""
    problems = signatures({**found, LISTING: listing_of(*rows, highest=highest)}).problems
    assert [code for code, _ in problems] == expected


def test_a_signature_of_another_type_is_told(found):
    listing = listing_of(row(attributes=' Type="Sign"'))
    assert only({**found, LISTING: listing}).type == SIGN


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('PageRef="9"', 'PageRef="1"', "stamp.page"),
        ("130 200.5 40 40", "130 200.5 40", "stamp.boundary"),
        ("<ofd:Seal>", "<ofd:Seal/><ofd:Seal>", "signature.element_repeated"),
        ("<ofd:SignedValue>", "<ofd:SignedInfo/><ofd:SignedValue>", "signature.element_repeated"),
    ],
)
def test_descriptions_that_break_a_rule_are_reported(resigned, old, new, expected):
    """Item 17 for stamps; and what two readers would read differently."""
    assert [code for code, _ in signatures(resigned(old, new)).problems] == [expected]


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (document_of("Signs", row()), "ofd.signatures"),
        (listing_of(row(), row("s002")), "ofd.signatures"),
        (listing_of(*(row(f"s{n}", f"a{n}") for n in range(MAX_SIGNATURES + 1))), "ofd.signatures"),
        (listing_of(row(path="no.xml")), "ofd.reference.missing"),
        (listing_of('<ofd:Signature ID="s001"/>'), "ofd.reference.missing"),
        (listing_of(row(path="Doc_0/Document.xml")), "ofd.signature"),
        (b"", "xml.malformed"),
    ],
)
def test_lists_that_cannot_be_followed_are_refused(found, listing, expected):
    assert reason({**found, LISTING: listing}) == expected


def test_references_are_counted_over_all_signatures(found):
    """Each would be reported: a small file could make a report of any length."""
    count = MAX_REFERENCES_IN_ALL // MAX_REFERENCES + 1
    references = '<ofd:Reference FileRef="/a"/>' * MAX_REFERENCES
    info = f"<ofd:SignedInfo><ofd:References>{references}</ofd:References></ofd:SignedInfo>"
    for number in range(count):
        found[f"a{number}"] = document_of("Signature", info)
    found[LISTING] = listing_of(*(row(f"s{n}", f"a{n}") for n in range(count)))
    assert reason(found) == "ofd.signatures"


def test_a_list_that_is_gone_is_missing(found):
    del found[LISTING]
    assert reason(found) == "ofd.reference.missing"


@pytest.mark.parametrize(
    "excess",
    [
        "<ofd:References>" + '<ofd:Reference FileRef="/a"/>' * (MAX_REFERENCES + 1),
        "<ofd:StampAnnot/>" * (MAX_STAMPS + 1) + "<ofd:References>",
    ],
    ids=["references", "stamps"],
)
def test_too_many_references_or_stamps_are_refused(found, excess):
    description = found[SIGNATURE].replace(
        b'<ofd:References CheckMethod="1.2.156.10197.1.401">', excess.encode()
    )
    assert reason({**found, SIGNATURE: description}) == "ofd.signature"


def test_a_description_without_signed_information_is_refused(found):
    assert reason({**found, SIGNATURE: document_of("Signature", "")}) == "ofd.signature"


def test_facts_cannot_be_changed(found):
    with pytest.raises(dataclasses.FrozenInstanceError):
        only(found).uncovered = ()
