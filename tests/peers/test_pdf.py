"""Both signatures of a PDF before pyHanko's own validator, pdfsig and Bouncy Castle.

pyHanko is also what signs, but its validator shares no code with ours; pdfsig (poppler, NSS)
and Bouncy Castle share nothing at all. pdfsig knows no SM2.
"""

import re
import shutil
import subprocess
from io import BytesIO

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from sealkit.formats.pdf import sign_pdf
from tests.conformance.instants import AT, SIGNED
from tests.peers.conftest import absent
from tests.peers.flipping import flipped
from verification.sm2_validator import SM2SignatureValidator


@pytest.fixture(scope="module")
def document(world):
    """A licence of ours: SM2 first, ECDSA beside it."""
    return sign_pdf(
        world.pdf(),
        signer=world.signer("pdf_signer_ecdsa"),
        chain=(world.der("ecdsa_root"),),
        at=SIGNED,
        field="PAdES",
        timestamp=None,
    )


def signatures(document):
    """Signed bytes and CMS of each signature, cut by the ByteRange as it stands."""
    for found in re.finditer(rb"/ByteRange\s*\[\s*(\d+) (\d+) (\d+) (\d+)\s*\]", document):
        start, length, second, rest = map(int, found.groups())
        contents = bytes.fromhex(document[start + length + 1 : second - 1].decode())
        size = 4 + int.from_bytes(contents[2:4])
        assert contents[:2] == b"\x30\x82"
        yield document[start : start + length] + document[second : second + rest], contents[:size]


def test_pyhanko_validates_both_signatures(document, world):
    roots = [x509.Certificate.load(world.der(name)) for name in ("root", "ecdsa_root")]
    context = ValidationContext(
        trust_roots=roots,
        other_certs=[x509.Certificate.load(world.der("sub_ca"))],
        moment=AT,
        allow_fetching=False,
        revocation_mode="soft-fail",
        signature_validator=SM2SignatureValidator(),
    )
    reader = PdfFileReader(BytesIO(document))
    statuses = [validate_pdf_signature(found, context) for found in reader.embedded_signatures]
    assert [status.bottom_line for status in statuses] == [True, True]


def test_bouncy_castle_verifies_the_sm2_signature(bouncy, document):
    signed, message = next(signatures(document))
    bouncy.ask("verify-message", message, signed)
    assert bouncy.refuses("verify-message", message, flipped(signed))


def test_bouncy_castle_verifies_the_ecdsa_signature(bouncy, document):
    signed, message = list(signatures(document))[1]
    bouncy.ask("verify-message", message, signed)
    assert bouncy.refuses("verify-message", message, flipped(signed))


def test_openssl_verifies_the_ecdsa_signature(openssl, document, world):
    signed, message = list(signatures(document))[1]
    openssl.write("signed", signed)
    openssl.write("message.der", message)
    openssl.write_certificate("root.pem", world.der("ecdsa_root"))
    command = (
        "cms", "-verify", "-binary", "-inform", "DER", "-in", "message.der", "-content", "signed",
        "-CAfile", "root.pem", "-purpose", "any", "-attime", str(int(AT.timestamp())),
        "-out", "content",
    )  # fmt: skip
    assert "successful" in openssl.run(*command)
    openssl.write("signed", flipped(signed))
    assert openssl.attempt(*command)[0] != 0


def pdfsig(folder, document):
    if shutil.which("pdfsig") is None:
        absent("pdfsig (poppler-utils)")
    (folder / "licence.pdf").write_bytes(document)
    done = subprocess.run(
        ["pdfsig", "-nocert", "licence.pdf"], cwd=folder, capture_output=True, check=False
    )
    return done.stdout.decode("utf-8", "replace").split("Signature #")[1:]


def test_pdfsig_verifies_the_ecdsa_signature(tmp_path, document):
    sm2, ecdsa = pdfsig(tmp_path, document)
    assert "Signature is Valid." in ecdsa
    assert "Total document signed" in ecdsa
    assert "Signature is Valid." not in sm2
    changed = document.replace(b"(licence)", b"(licencf)")
    assert "Signature is Valid." not in pdfsig(tmp_path, changed)[1]
