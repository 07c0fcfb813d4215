"""The conformance checklist of sealed OFD, items 21 to 30: signatures, seams, locks, reasons."""

import base64
import random
import shutil

import pytest
from asn1crypto import core

from sealkit.asn1 import ses
from sealkit.errors import MalformedError, SealkitError
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.errors import LockedDocumentError, OFDError
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.seam import seam
from sealkit.formats.ofd.signing import StampPlacement, seal_package
from sealkit.sm import sm3
from tests.conformance import test_bad_licences  # noqa: F401  # registers the cases
from tests.conformance.cases import CASES
from tests.conformance.ofd_builder import make_seal, sealed, unsealed
from tests.conformance.taken_apart import (
    NS,
    SIGNS,
    SM3_OID,
    first_and_rest,
    found_against,
    ofd_tag,
    openssl_verifies,
    parts,
    root,
    signature_xml,
)
from tests.conformance.world import xinjiang
from tests.issuance.test_mint import judged
from tests.issuance.world import AT
from tests.peers.openssl import OpenSSL
from verification.report import Verdict


def test_21_the_list_of_signatures_has_one_highest_id_and_seals(minted):
    named = root(minted, "OFD.xml").find(".//o:Signatures", NS).text
    assert named == f"/{SIGNS}/Signatures.xml"
    listing = root(minted, named.lstrip("/"))
    (highest,) = listing.findall("o:MaxSignId", NS)
    ids = [int(s.attrib["ID"].lstrip("s")) for s in listing.iterfind("o:Signature", NS)]
    for number in (0, 1):
        found = signature_xml(minted, number).iterfind(".//o:StampAnnot", NS)
        ids += [int(stamp.attrib["ID"].lstrip("s")) for stamp in found]
    assert int(highest.text.lstrip("s")) >= max(ids)
    assert len(ids) == len(set(ids))
    types = {s.attrib.get("Type", "Seal") for s in listing.iterfind("o:Signature", NS)}
    assert types == {"Seal"}


def test_22_check_method_is_sm3_each_value_matches_and_weak_or_no_method_is_refused(minted):
    for number in (0, 1):
        references = signature_xml(minted, number).find(".//o:References", NS)
        assert references.attrib["CheckMethod"] == SM3_OID
        for reference in references:
            digest = base64.b64decode(reference.find("o:CheckValue", NS).text, validate=True)
            assert digest == sm3.digest(minted.entries[reference.attrib["FileRef"].lstrip("/")])
    for name in (
        "digests_said_to_be_md5",
        "digests_said_to_be_sha1",
        "digests_of_no_stated_method",
    ):
        assert found_against(CASES[name]) == {"digest.method_weak"}


def test_23_references_cover_everything_but_the_signatures_own_two_files(minted):
    names = set(minted.names)
    first, second = (
        {
            r.attrib["FileRef"].lstrip("/")
            for r in signature_xml(minted, n).iter(ofd_tag("Reference"))
        }
        for n in (0, 1)
    )
    of = {
        n: {f"{SIGNS}/Sign_{n}/Signature.xml", f"{SIGNS}/Sign_{n}/SignedValue.dat"} for n in (0, 1)
    }
    later = {name for name in names if name.startswith(f"{SIGNS}/Sign_1/")}
    assert first == names - of[0] - later - {f"{SIGNS}/Signatures.xml"}
    assert second == names - of[1]
    assert found_against(CASES["page_left_out_of_the_seal"]) == {"coverage.incomplete"}


def test_24_the_first_seal_still_verifies_and_the_second_covers_its_three_files(minted):
    assert judged(minted.world, minted.document).verdict is Verdict.VALID
    covered = {r.attrib["FileRef"] for r in signature_xml(minted, 1).iter(ofd_tag("Reference"))}
    files = ("Signature.xml", "SignedValue.dat", "Seal.esl")
    assert {f"/{SIGNS}/Sign_0/{name}" for name in files} <= covered


def test_25_after_the_lock_nothing_is_added_and_forcing_it_breaks_the_lock(minted, seal):
    covered = {r.attrib["FileRef"] for r in signature_xml(minted, 1).iter(ofd_tag("Reference"))}
    assert f"/{SIGNS}/Signatures.xml" in covered
    arguments = {
        "seal_der": seal,
        "signer": minted.world.services.keys.signer("seal_signer_market"),
        "at": AT,
        "stamp": StampPlacement(0, 10, 10, 42, 42),
    }
    with pytest.raises(LockedDocumentError):
        seal_package(minted.document, **arguments)
    entries = dict(read_package(minted.document).entries)
    listing = f"{SIGNS}/Signatures.xml"
    entries[listing] = entries[listing].replace(
        b"</ofd:Signatures>", b'<ofd:Signature ID="s99" BaseLoc="/Doc_0/X.xml"/></ofd:Signatures>'
    )
    entries["Doc_0/X.xml"] = entries[f"{SIGNS}/Sign_0/Signature.xml"]
    report = judged(minted.world, write_package(entries))
    assert report.verdict is Verdict.INVALID
    assert "signature.list_changed" in {finding.code for finding in report.findings}


@pytest.mark.parametrize("widths", [(210,), (210, 210), (210,) * 7, (210, 297, 420)], ids=len)
def test_26_seam_numbers_match_for_1_2_7_and_mixed_pages(widths):
    stamps = seam(widths, y_mm=100, width_mm=42, height_mm=42)
    slice_width = 42 / len(widths)
    for number, (stamp, width) in enumerate(zip(stamps, widths, strict=True)):
        assert stamp.page_index == number
        assert stamp.clip == pytest.approx((number * slice_width, 0, slice_width, 42))
        assert stamp.x_mm == pytest.approx(width - (number + 1) * slice_width)


REASONS = {
    "file changed": "digest.file_changed",
    "file missing": "digest.file_missing",
    "Signature.xml changed": "signature.xml_changed",
    "seal changed": "seal.maker_signature_invalid",
    "seal file swapped": "seal.file_swapped",
    "seal forged and re-signed": "maker.certificate.untrusted",
    "signer not in seal": "seal.signer_not_listed",
    "certificate expired at signing time": "signer.certificate.expired",
    "untrusted chain": "signer.certificate.untrusted",
    "revoked": "signer.certificate.revoked",
    "weak digest": "digest.method_weak",
    "incomplete coverage": "coverage.incomplete",
    "malformed DER": "signature.malformed",
    "trailing bytes": "signature.trailing_bytes",
    "zip trouble": "ofd.zip.malformed",
}


def test_27_every_reason_of_refusal_is_its_own():
    assert len(set(REASONS.values())) == len(REASONS) == 15
    for reason, code in REASONS.items():
        case = next(case for case in CASES.values() if case.finds == code)
        assert found_against(case) >= {code}, reason


def test_28_malformed_input_never_raises_anything_unforeseen(minted):
    """Bombs, deep XML and huge lengths are cases of their own; here bytes change at random."""
    chance = random.Random(38540)
    for _ in range(25):
        spoilt = bytearray(minted.document)
        for _ in range(chance.randint(1, 8)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        try:
            read_document(bytes(spoilt))
        except (OFDError, MalformedError):
            pass
    seal = minted.entries[f"{SIGNS}/Sign_0/Seal.esl"]
    for _ in range(200):
        spoilt = bytearray(seal)
        spoilt[chance.randrange(200)] = chance.randrange(256)
        try:
            ses.parse_seal(bytes(spoilt))
        except SealkitError:
            pass
    for name in ("xml_nested_a_hundred_thousand_deep", "reference_that_leaves_the_package"):
        assert found_against(CASES[name]) == {"ofd.document.malformed"}


def test_29_the_same_input_and_time_give_the_same_bytes_but_for_the_value():
    world = xinjiang()
    made = make_seal(world)
    first, second = (
        read_package(sealed(world, unsealed(world.record), seal=made, timestamp=None)).entries
        for _ in range(2)
    )
    assert first.keys() == second.keys()
    different = {name for name in first if first[name] != second[name]}
    assert different <= {f"{SIGNS}/Sign_0/SignedValue.dat"}


def test_30_an_independent_implementation_opens_and_verifies_our_files(minted, tmp_path):
    """OpenSSL checks maker and signer of both seals; the package was read by Python's own zip
    and XML. Bouncy Castle does the same in tests/peers; no OFD viewer could be had.
    """
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    openssl = OpenSSL(tmp_path)
    for number in (0, 1):
        info, certificate, _algorithm, signed = parts(
            minted.entries[f"{SIGNS}/Sign_{number}/Seal.esl"]
        )
        assert openssl_verifies(openssl, certificate.native, signed.contents[1:], info.dump())
        value = minted.entries[f"{SIGNS}/Sign_{number}/SignedValue.dat"]
        tbs, rest = first_and_rest(core.Sequence.load(value).contents)
        signer, rest = first_and_rest(rest)
        _algorithm, rest = first_and_rest(rest)
        signature, _stamp = first_and_rest(rest)
        holder = core.OctetString.load(signer).native
        bits = core.BitString.load(signature).contents[1:]
        assert openssl_verifies(openssl, holder, bits, tbs)
        assert not openssl_verifies(openssl, holder, bits, tbs + b"\0")
