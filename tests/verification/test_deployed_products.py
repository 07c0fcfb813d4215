"""Files as deployed products write them: valid, with their departures named."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from sealkit.asn1 import encode
from sealkit.asn1.ses import parse_signature
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.identifiers import legacy_check_character
from sealkit.sm import signature as encodings
from sealkit.sm import sm3
from tests.conformance.instants import SIGNED
from tests.conformance.ofd_builder import changed, resigned, sealed, unsealed
from tests.conformance.world import MemoryRegister
from tests.sealkit.asn1.ses import products
from tests.sealkit.formats.pdf.authorities import P256Key, RSAKey, certificate
from verification.report import Verdict


def graded(world, document, **sources):
    report = world.report(document, **sources)
    return report.verdict, {finding.code for finding in report.findings}


def test_a_signature_of_64_raw_bytes_is_valid_with_a_deviation(world):
    document = sealed(world, unsealed(world.record), timestamp=None)

    def raw(der):
        parsed = parse_signature(der)
        return encode.sequence(
            parsed.tbs,
            encode.octet_string(parsed.certificate_der),
            encode.object_identifier(parsed.algorithm),
            encode.bit_string(encodings.from_der(parsed.signature)),
        )

    found = graded(world, changed(document, SignedValue__dat=raw))
    assert found == (Verdict.VALID, {"signature.value_raw", "timestamp.absent"})


def test_a_seal_of_the_older_form_is_valid(world):
    document = old_seal(world)
    assert graded(world, document) == (Verdict.VALID, {"seal.version_old", "timestamp.absent"})


def test_departures_of_seal_and_signature_are_told_apart(world):
    seal_changes = {"extensions": encode.sequence(products.extension(critical=False))}
    found = graded(
        world,
        old_seal(world, seal_changes, time=encode.octet_string(b"2026-11-02 09:30:00")),
    )
    assert found[0] is Verdict.VALID
    assert {"seal.deviation", "signature.deviation"} <= found[1]


def test_a_file_named_twice_in_the_references_is_a_deviation(world):
    def twice(xml):
        return re.sub(rb"(<ofd:Reference FileRef.*?</ofd:Reference>)", rb"\1\1", xml, count=1)

    verdict, codes = graded(world, resigned(world, world.sound_ofd, describe=twice))
    assert verdict is Verdict.VALID
    assert "digest.reference_repeated" in codes


def test_an_older_check_character_is_accepted_with_a_warning(world):
    parts = world.record.identifier.split(".")
    checked = "".join(parts[5:9])
    identifier = ".".join((*parts[:9], legacy_check_character(checked)))
    assert identifier != world.record.identifier
    record = replace(world.record, identifier=identifier)
    found = graded(world, sealed(world, unsealed(record)))
    assert found == (Verdict.VALID, {"identifier.legacy_check"})
    register = MemoryRegister(world.register_entry(record))
    assert graded(world, identifier.encode(), register=register) == found


def test_what_two_seals_have_in_common_is_said_once(world):
    first = sealed(world, unsealed(world.record), timestamp=None)
    report = world.report(sealed(world, first, timestamp=None))
    assert [finding.code for finding in report.findings] == ["timestamp.absent"]


def test_trust_material_without_dates_leaves_freshness_out(world):
    trust = world.trust_with(as_of=None, crls=())
    report = world.report(world.sound_code.encode(), trust=trust)
    assert set(report.freshness) == {"status"}
    assert report.verdict is Verdict.CANNOT_SAY


def test_an_archive_timestamp_that_we_do_not_speak_leaves_a_pdf_valid(world):
    key = RSAKey()
    tsa = certificate("TSA", key, "Archive root", P256Key(), eku=("time_stamping",))
    service = DummyTimeStamper(
        tsa_cert=x509.Certificate.load(tsa),
        tsa_key=keys.PrivateKeyInfo.load(
            key.private.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        ),
        certs_to_embed=SimpleCertificateStore(),
        fixed_dt=SIGNED,
    )
    output = BytesIO()
    PdfTimeStamper(service, field_name="Archive").timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(world.sound_pdf)), "sha256", output=output
    )
    report = world.report(output.getvalue())
    assert (report.verdict, report.findings) == (Verdict.VALID, ())
    assert "further_signatures" in {entry.code for entry in report.unchecked}


@pytest.mark.parametrize("about", ["description", "digest"])
def test_token_in_the_time_of_an_old_signature_proves_the_time(world, about):
    """GM/T 0031: timeInfo may be a timestamp; it was made before the signature."""
    document = old_seal(world, token=(about, world.timestamp()))
    expected = {"seal.version_old", "timestamp.before_signature"}
    assert graded(world, document) == (Verdict.VALID, expected)
    assert world.report(document).signed_at == SIGNED


@pytest.mark.parametrize(
    ("stamp", "finds"),
    [
        (lambda world: lambda _stamped: world.timestamp()(b"other"), "timestamp.imprint_mismatch"),
        (
            lambda world: world.timestamp(signer=world.signer("receipt")),
            "timestamp.certificate.usage",
        ),
    ],
)
def test_token_in_the_time_of_an_old_signature_that_does_not_hold_is_found(world, stamp, finds):
    """One about other data, and one that no timestamp service made."""
    verdict, found = graded(world, old_seal(world, token=("description", stamp(world))))
    assert verdict is not Verdict.VALID
    assert finds in found


def old_seal(world, seal_changes=None, *, token=None, **changes):
    """A licence sealed with a seal and a signature of GM/T 0031.

    `token` is a timestamp service and what it stamps, for timeInfo in place of a text.
    """
    signer = world.signer("seal_signer_market")
    info = products.info_v1(signer.certificate_der, **seal_changes or {})
    seal = products.seal_v1(world.signer("seal_maker"), info)
    entries = dict(read_package(world.sound_ofd).entries)
    named = rb'<ofd:Reference FileRef="[^"]*Seal.esl.*?</ofd:Reference>'
    place = "Doc_0/Signs/Sign_0/"
    xml = re.sub(rb"<ofd:Seal>.*?</ofd:Seal>|" + named, b"", entries[place + "Signature.xml"])
    del entries[place + "Seal.esl"]
    members = {
        "data_hash": encode.bit_string(sm3.digest(xml)),
        "time": encode.bit_string(b"2026-11-02 09:30:00"),
    }
    if token is not None:
        about, stamp = token
        stamped = xml if about == "description" else sm3.digest(xml)
        members["time"] = encode.bit_string(stamp(stamped))
    value = products.signature_v1(signer, seal, **members | changes)
    return write_package(entries | {place + "Signature.xml": xml, place + "SignedValue.dat": value})
