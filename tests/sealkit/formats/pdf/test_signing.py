"""Signing, judged by pyHanko's own validator."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pypdfium2
import pytest
from asn1crypto import x509
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from sealkit.asn1 import tsp
from sealkit.errors import MalformedError, UnsupportedError
from sealkit.formats.pdf import Modification, SignatureBox, read_signatures, sign_pdf
from sealkit.formats.pdf.errors import PDFSigningError
from sealkit.sm import sm3
from tests.sealkit.formats.pdf.authorities import Holder, SM2Key, certificate
from verification.sm2_validator import SM2SignatureValidator

AT = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)


def context(*roots, validator=None):
    return ValidationContext(
        trust_roots=[x509.Certificate.load(root) for root in roots],
        moment=AT + timedelta(days=1),
        allow_fetching=False,
        revocation_mode="soft-fail",
        signature_validator=validator,
    )


def statuses(document, *roots, validator=None):
    reader = PdfFileReader(BytesIO(document))
    return [
        validate_pdf_signature(
            found,
            signer_validation_context=context(*roots, validator=validator),
        )
        for found in reader.embedded_signatures
    ]


def sealed(page, authority, field="Seal", **more):
    return sign_pdf(page, signer=authority.signer, chain=(), at=AT, field=field, **more)


def test_sm2_signature_satisfies_pyhanko_with_sm2_added(page, sm2):
    (status,) = statuses(sealed(page, sm2), sm2.root, validator=SM2SignatureValidator())
    assert status.bottom_line
    assert status.md_algorithm == "sm3"
    assert status.signer_reported_dt == AT


def test_ecdsa_signature_satisfies_pyhanko_as_it_is(page, ecdsa):
    (status,) = statuses(sealed(page, ecdsa), ecdsa.root)
    assert status.bottom_line
    assert status.pkcs7_signature_mechanism == "sha256_ecdsa"


def test_both_signatures_stay_valid_one_after_the_other(page, sm2, ecdsa):
    first = sealed(page, sm2, "Seal")
    both = sealed(first, ecdsa, "PAdES")
    older, newer = statuses(both, sm2.root, ecdsa.root, validator=SM2SignatureValidator())
    assert older.bottom_line and newer.bottom_line
    assert older.modification_level <= ModificationLevel.FORM_FILLING
    assert newer.modification_level is ModificationLevel.NONE
    assert both.startswith(first)


def test_ecdsa_signature_after_sm2_needs_no_sm2_to_be_valid(page, sm2, ecdsa):
    both = sealed(sealed(page, sm2, "Seal"), ecdsa, "PAdES")
    found = PdfFileReader(BytesIO(both)).embedded_signatures[1]
    assert validate_pdf_signature(found, context(ecdsa.root)).bottom_line


def test_timestamp_is_about_the_signature_value(page, sm2, ecdsa, timestamp):
    document = sealed(page, sm2, timestamp=timestamp)
    (status,) = statuses(document, sm2.root, ecdsa.root, validator=SM2SignatureValidator())
    assert status.timestamp_validity.valid and status.timestamp_validity.trusted
    assert status.timestamp_validity.timestamp == AT
    assert read_signatures(document)[0].timestamp_der is not None


def test_timestamp_about_something_else_is_refused(page, sm2, timestamp):
    with pytest.raises(PDFSigningError):
        sealed(page, sm2, timestamp=lambda value: timestamp(value + b"!"))


def test_sm2_timestamp_satisfies_pyhanko_with_sm2_added(page, sm2):
    key = SM2Key()
    service = Holder(key, certificate("SM2 TSA", key, "测试根", sm2.key, eku=("time_stamping",)))

    def token(value):
        request = tsp.build_request(sm3.digest(value), nonce=1)
        response = tsp.build_response(
            tsp.parse_request(request), serial=1, at=AT, policy="1.2.156.1", signer=service
        )
        return tsp.parse_response(response).token.der

    document = sealed(page, sm2, timestamp=token)
    (status,) = statuses(document, sm2.root, validator=SM2SignatureValidator())
    assert status.bottom_line
    assert status.timestamp_validity.valid and status.timestamp_validity.trusted
    (found,) = read_signatures(document)
    tsp.parse_token(found.timestamp_der).verify(found.signature_value)


@pytest.mark.parametrize("token", [b"", b"\x30\x00", b"\x02\x01\x00"])
def test_timestamp_that_is_no_token_is_refused(page, sm2, token):
    with pytest.raises(PDFSigningError):
        sealed(page, sm2, timestamp=lambda value: token)


def test_token_too_large_for_its_place_is_refused(page, sm2, timestamp, monkeypatch):
    monkeypatch.setattr("sealkit.formats.pdf.signing.RESERVED_FOR_TIMESTAMP", 10)
    monkeypatch.setattr("sealkit.formats.pdf.signing.RESERVED_FOR_ATTRIBUTES", 10)
    with pytest.raises(PDFSigningError):
        sealed(page, sm2, timestamp=timestamp)


def test_chain_is_embedded(page, sm2, ecdsa):
    document = sign_pdf(page, signer=sm2.signer, chain=[sm2.root, ecdsa.root], at=AT, field="Seal")
    (found,) = read_signatures(document)
    assert found.certificates[0] == sm2.signer.certificate_der
    assert set(found.certificates) == {sm2.signer.certificate_der, sm2.root, ecdsa.root}


def test_words_of_the_signature_are_kept(page, sm2):
    (found,) = read_signatures(
        sealed(page, sm2, reason="颁发电子营业执照", location="乌鲁木齐", name="市场监督管理局")
    )
    assert (found.reason, found.location) == ("颁发电子营业执照", "乌鲁木齐")
    assert found.signed_at == AT
    assert found.modification is Modification.NONE


def test_time_of_the_machine_does_not_enter(page, sm2):
    document = sealed(page, sm2)
    assert b"/ModDate" not in document[len(page) :]
    (found,) = PdfFileReader(BytesIO(document)).embedded_signatures
    assert found.sig_object["/M"] == "D:20260701043000Z"


def test_picture_is_seen_where_the_box_is(page, sm2):
    red = BytesIO()
    Image.new("RGBA", (60, 60), (255, 0, 0, 255)).save(red, "PNG")
    box = SignatureBox(0, (100, 200, 219.06, 319.06), red.getvalue())
    document = sealed(page, sm2, box=box)
    drawn = pypdfium2.PdfDocument(document)
    drawn.init_forms()
    image = drawn[0].render(scale=1, may_draw_forms=True).to_pil()
    assert image.getpixel((160, 842 - 260)) == (255, 0, 0)
    assert image.getpixel((102, 842 - 202)) == (255, 0, 0)
    assert image.getpixel((300, 842 - 260)) == (255, 255, 255)


def test_box_without_picture_leaves_the_page_as_it_is(page, sm2):
    document = sealed(page, sm2, box=SignatureBox(0, (100, 200, 219, 319)))
    (status,) = statuses(document, sm2.root, validator=SM2SignatureValidator())
    assert status.bottom_line
    drawn = [pypdfium2.PdfDocument(one)[0].render(scale=1).to_pil() for one in (page, document)]
    assert drawn[0].tobytes() == drawn[1].tobytes()
    (found,) = PdfFileReader(BytesIO(document)).embedded_signatures
    assert [float(edge) for edge in found.sig_field["/Rect"]] == [100, 200, 219, 319]


def test_field_is_used_once(page, sm2):
    with pytest.raises(PDFSigningError):
        sealed(sealed(page, sm2), sm2)


def test_unknown_algorithm_is_refused(page, sm2):
    class Other:
        algorithm = "ed25519"
        certificate_der = sm2.signer.certificate_der

        def sign(self, message):
            raise AssertionError

    with pytest.raises(UnsupportedError):
        sign_pdf(page, signer=Other(), chain=(), at=AT, field="Seal")


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7", b"hello" * 100])
def test_what_is_no_pdf_is_not_signed(document, sm2):
    with pytest.raises(MalformedError):
        sealed(document, sm2)
