"""Checklist of the OFD fact sheet, items 10, 11, 21 to 25 and 29: seals that we apply."""

import base64
import io
import re
import zipfile
from datetime import UTC, datetime, timedelta, timezone

import pytest

from sealkit import oids
from sealkit.asn1.ses import parse_signature
from sealkit.errors import MalformedError
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.errors import LockedDocumentError, OFDError
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.seam import StampPlacement
from sealkit.formats.ofd.signatures import read_signatures, unreachable
from sealkit.sm import sm3
from tests.sealkit.formats.ofd.builder import (
    AT,
    LISTING,
    ROOT,
    SEAL_FILE,
    SIGNATURE,
    SIGNS,
    VALUE,
    replaced,
)


def entries_of(document):
    return dict(read_package(document).entries)


def signatures_of(document):
    return read_signatures(read_document(document))


def test_a_sealed_document_is_whole(sealed, entries):
    """Items 11, 21, 22, 23: one seal, everything covered, everything as signed."""
    document = read_document(sealed)
    signatures = read_signatures(document)
    (applied,) = signatures.seals
    assert document.problems == signatures.problems == ()
    assert unreachable(document, signatures) == ()
    assert signatures.files == {LISTING, SIGNATURE, VALUE, SEAL_FILE}
    assert (applied.id, applied.type, applied.path) == ("s001", "Seal", SIGNATURE)
    assert applied.check_method == oids.SM3 and applied.digest_method_is_sm3
    assert applied.method == oids.SM2_WITH_SM3
    assert {reference.name for reference in applied.references} == {*entries, SEAL_FILE}
    assert all(reference.present and reference.matches for reference in applied.references)
    assert applied.uncovered == () and not applied.duplicate_references and not applied.locks
    (stamp,) = applied.stamps
    assert (stamp.id, stamp.page_id, stamp.clip) == ("s002", "9", None)
    assert stamp.boundary == (130, 200.5, 40, 40)


def test_the_signature_binds_the_description_of_this_place(sealed, seal_der, signer):
    """Items 9, 10, 11: data hash, place, seal, time."""
    found = entries_of(sealed)
    signature = parse_signature(found[VALUE])
    signature.verify_value()
    assert signature.data_hash == sm3.digest(found[SIGNATURE])
    assert signature.property_info == f"/{SIGNATURE}"
    assert signature.seal_der == found[SEAL_FILE] == seal_der
    assert signature.seal.lists(signer.certificate_der)
    assert signature.signed_at == AT
    (applied,) = signatures_of(sealed).seals
    assert applied.claimed_at == AT.strftime("%Y%m%d%H%M%SZ")
    assert applied.signature == signature and applied.malformed is None


def test_the_description_is_in_the_order_of_products(sealed):
    """5.2 of the fact sheet; each CheckValue is base64 of 32 bytes (item 22)."""
    written = entries_of(sealed)[SIGNATURE].decode()
    order = (
        "<ofd:SignedInfo>",
        "<ofd:Provider ",
        "<ofd:SignatureMethod>",
        "<ofd:SignatureDateTime>",
        "<ofd:References ",
        "<ofd:StampAnnot ",
        "<ofd:Seal>",
        "</ofd:SignedInfo>",
        "<ofd:SignedValue>",
    )
    positions = [written.index(mark) for mark in order]
    assert positions == sorted(positions)
    digests = re.findall(r"<ofd:CheckValue>(.*?)</ofd:CheckValue>", written)
    assert {len(base64.b64decode(digest, validate=True)) for digest in digests} == {32}
    locations = re.findall(r'FileRef="(.*?)"', written)
    assert locations == sorted(locations) and all(place[0] == "/" for place in locations)


def test_only_the_root_file_changes_and_only_by_the_reference(sealed, entries):
    found = entries_of(sealed)
    assert [name for name in entries if found[name] != entries[name]] == [ROOT]
    reference = f"<ofd:Signatures>/{LISTING}</ofd:Signatures>".encode()
    assert found[ROOT].replace(reference, b"") == entries[ROOT]
    assert list(found)[: len(entries)] == list(entries)


def test_the_list_has_one_highest_number_first(seal, sealed):
    """Item 21; a second seal raises it and adds no other."""
    listing = entries_of(sealed)[LISTING].decode()
    assert listing.count("MaxSignId>") == 2
    assert listing.index("<ofd:MaxSignId>s002<") < listing.index("<ofd:Signature ")
    twice = entries_of(seal(sealed))[LISTING].decode()
    assert twice.count("MaxSignId>") == 2 and "<ofd:MaxSignId>s004<" in twice


def test_sealing_twice_the_same_way_differs_in_the_value_only(seal, unsealed, sealed):
    """Item 29."""
    again, before = entries_of(seal(unsealed)), entries_of(sealed)
    assert [name for name in before if before[name] != again[name]] == [VALUE]
    assert list(before) == list(again)


def test_a_second_seal_covers_the_first_and_leaves_it_standing(seal, sealed):
    """Item 24."""
    twice = seal(sealed, at=AT + timedelta(days=1))
    before, after = entries_of(sealed), entries_of(twice)
    assert [name for name in before if before[name] != after[name]] == [LISTING]
    first, second = signatures_of(twice).seals
    assert (first.id, second.id) == ("s001", "s003")
    assert second.path == f"{SIGNS}/Sign_1/Signature.xml"
    covered = {reference.name for reference in second.references}
    assert {SIGNATURE, VALUE, SEAL_FILE, f"{SIGNS}/Sign_1/Seal.esl"} <= covered
    for applied in (first, second):
        assert applied.uncovered == ()
        assert all(reference.matches for reference in applied.references)
        applied.signature.verify_value()
        assert applied.signature.data_hash == sm3.digest(applied.signature_xml)
    document = read_document(twice)
    assert unreachable(document, read_signatures(document)) == ()


def test_a_lock_covers_the_list(seal, sealed):
    """Item 25: the locking signature includes Signatures.xml as it will stay."""
    locked = seal(sealed, lock=True)
    first, second = signatures_of(locked).seals
    assert (first.locks, second.locks) == (False, True)
    assert all(reference.matches for reference in second.references)
    assert second.uncovered == ()


def test_sealing_a_locked_document_is_refused(seal, unsealed):
    """Item 25."""
    locked = seal(unsealed, lock=True)
    with pytest.raises(LockedDocumentError):
        seal(locked)


def test_forcing_a_seal_into_a_locked_document_breaks_the_lock(seal, unsealed, sealed):
    """Item 25: the list that the lock covers had to be changed."""
    locked = entries_of(seal(unsealed, lock=True))
    more = entries_of(seal(sealed))
    forced = {**more, **{name: locked[name] for name in (SIGNATURE, VALUE, SEAL_FILE)}}
    first, _ = signatures_of(write_package(forced)).seals
    assert first.locks
    assert [each.name for each in first.references if not each.matches] == [LISTING]


def test_a_timestamp_is_made_over_the_signature_value(seal, unsealed):
    stamped = []

    def timestamp(value):
        stamped.append(value)
        return b"token"

    (applied,) = signatures_of(seal(unsealed, timestamp=timestamp)).seals
    assert stamped == [applied.signature.signature]
    assert applied.signature.timestamp == b"token"


def test_time_is_written_in_utc_to_the_second(seal, unsealed):
    """Item 10."""
    at = datetime(2026, 1, 1, 7, 59, 59, 999999, tzinfo=timezone(timedelta(hours=8)))
    (applied,) = signatures_of(seal(unsealed, at=at)).seals
    assert applied.claimed_at == "20251231235959Z"
    assert applied.signature.signed_at == datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_time_without_zone_is_refused(seal, unsealed):
    with pytest.raises(ValueError, match="zone"):
        seal(unsealed, at=datetime(2026, 1, 1))


@pytest.mark.parametrize("page", [-1, 2])
def test_a_stamp_on_no_page_is_refused(seal, unsealed, page):
    with pytest.raises(OFDError) as refused:
        seal(unsealed, stamp=StampPlacement(page, 0, 0, 40, 40))
    assert refused.value.reason == "ofd.stamp"


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7", write_package({"a": b""})])
def test_what_is_no_ofd_is_refused(seal, document):
    with pytest.raises(OFDError):
        seal(document)


def test_what_is_no_seal_is_refused(seal, unsealed):
    with pytest.raises(MalformedError):
        seal(unsealed, seal_der=b"no seal")


def test_numbers_already_used_are_not_given_again(seal, sealed, seals_of):
    """Also those of seals since removed, which MaxSignId remembers."""
    found = replaced(entries_of(sealed), LISTING, ">s002<", ">s041<")
    assert [applied.id for applied in seals_of(seal(found))] == ["s001", "s042"]


def test_numbers_without_letter_are_counted_on(seal, sealed, seals_of):
    found = replaced(entries_of(sealed), LISTING, 'ID="s001"', 'ID="7"')
    assert [applied.id for applied in seals_of(seal(found))] == ["7", "s008"]


def test_what_another_product_wrote_into_the_list_is_kept(seal, sealed):
    found = replaced(
        entries_of(sealed),
        LISTING,
        'Type="Seal"',
        'Type="Seal" Relative="&lt;1" x:y="" xmlns:x="u"',
    )
    listing = entries_of(seal(found))[LISTING].decode()
    assert 'Relative="&lt;1"' in listing and "y=" not in listing


def test_a_list_that_the_document_names_already_is_used(seal, entries, seals_of):
    reference = "<ofd:Signatures>Signs.xml</ofd:Signatures></ofd:DocBody>"
    entries = replaced(entries, ROOT, "</ofd:DocBody>", reference)
    entries["Signs.xml"] = b'<Signatures xmlns="http://www.ofdspec.org/2016"/>'
    document = seal(entries)
    assert entries_of(document)[ROOT] == entries[ROOT]
    (applied,) = seals_of(document)
    assert applied.path == "Sign_0/Signature.xml" and applied.uncovered == ()


def test_a_document_at_the_root_of_the_package_is_sealed(seal, entries, seals_of):
    flat = {name.replace("Doc_0/", ""): content for name, content in entries.items()}
    flat = {name: content.replace(b"Doc_0/", b"") for name, content in flat.items()}
    (applied,) = seals_of(seal(flat))
    assert applied.path == "Signs/Sign_0/Signature.xml"


def test_a_folder_that_is_taken_is_left_alone(seal, entries, seals_of):
    """In whatever case it is written."""
    (applied,) = seals_of(seal({**entries, "doc_0/signs/sign_0/other.xml": b"x"}))
    assert applied.path == f"{SIGNS}/Sign_1/Signature.xml"


def test_a_list_that_nothing_names_is_refused(seal, entries):
    """It may be that of a seal struck off: to seal over it would hide that."""
    with pytest.raises(OFDError) as refused:
        seal({**entries, LISTING: b"<Signatures/>"})
    assert refused.value.reason == "ofd.signatures"


def test_a_place_that_cannot_be_written_down_is_refused(seal, entries):
    """The signature names its description as an IA5String."""
    moved = {name.replace("Doc_0/", "文档/"): content for name, content in entries.items()}
    moved = {name: content.replace(b"Doc_0/", "文档/".encode()) for name, content in moved.items()}
    with pytest.raises(OFDError) as refused:
        seal(moved)
    assert refused.value.reason == "ofd.signatures"


@pytest.mark.parametrize("end", ["</ofd:DocBody>", "</ofd:DocBody\n>"])
def test_a_root_file_that_mentions_its_end_in_a_comment_is_refused(seal, entries, end):
    changed = replaced(entries, ROOT, "<ofd:DocInfo>", f"<!-- {end} --><ofd:DocInfo>")
    with pytest.raises(OFDError) as refused:
        seal(changed)
    assert refused.value.reason == "ofd.root"


def test_other_prefixes_are_kept_in_the_root_file(seal, entries, seals_of):
    for prefix, name in ((b"o:", b"xmlns:o="), (b"", b"xmlns=")):
        root = entries[ROOT].replace(b"xmlns:ofd=", name).replace(b"ofd:", prefix)
        (applied,) = seals_of(seal({**entries, ROOT: root}))
        assert applied.uncovered == ()


def test_a_root_file_whose_end_cannot_be_found_is_refused(seal, entries):
    """A prefix of letters that are not ASCII; no product writes one."""
    root = entries[ROOT].replace(b"xmlns:ofd=", "xmlns:文=".encode())
    root = root.replace(b"ofd:", "文:".encode())
    with pytest.raises(OFDError) as refused:
        seal({**entries, ROOT: root})
    assert refused.value.reason == "ofd.root"


def test_a_page_added_after_sealing_is_neither_covered_nor_reached(sealed):
    found = {**entries_of(sealed), "Doc_0/Pages/Page_2/Content.xml": b"<a/>"}
    document = read_document(write_package(found))
    signatures = read_signatures(document)
    assert unreachable(document, signatures) == ("Doc_0/Pages/Page_2/Content.xml",)
    assert signatures.seals[0].uncovered == ("Doc_0/Pages/Page_2/Content.xml",)


def test_a_document_packed_by_another_program_keeps_its_files(seal, entries):
    """As they were packed: here with folders, stored, in another order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as writer:
        writer.mkdir("Doc_0")
        for name in reversed(entries):
            writer.writestr(name, entries[name])
    found = read_package(seal(packed.getvalue()))
    for name in entries.keys() - {ROOT}:
        assert found.entries[name] == entries[name]
        assert found.packed[name].method == zipfile.ZIP_STORED
