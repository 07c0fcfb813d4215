"""Every kind, from application to files that our own verifier and other programs accept."""

import io
import re

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from issuance.licence_record import record_of
from issuance.states import EditionState
from sealkit.formats.code.qr import qr_side
from sealkit.formats.ofd.container import read_package
from tests.issuance.kinds.samples import kind_names, sample
from tests.issuance.test_mint import file_of, judged
from verification.report import Verdict

# Its reader of line codes sees one in almost any pattern.
QR = zxingcpp.BarcodeFormat.QRCode

MODULES_OF_VERSION_13 = 69
MILLIMETRES = 72 / 25.4


@pytest.mark.parametrize("kind", kind_names())
def test_a_licence_of_the_kind_is_minted_and_every_file_of_it_is_valid(one_office, kind):
    edition = one_office.mint(kind, sample(kind), f"key-{kind}")
    assert edition.state is EditionState.ACTIVE
    for form in ("ofd", "pdf", "code.txt"):
        report = judged(one_office, file_of(one_office, edition, form))
        assert report.verdict is Verdict.VALID, (form, report.to_dict()["findings"])
    _check_page(one_office, edition)
    _check_photograph(one_office, edition)


def _check_photograph(world, edition):
    """A photograph is a JPEG file of its own in the OFD, without what came with it."""
    fields = record_of(world.services.vault, edition).fields
    entries = read_package(file_of(world, edition, "ofd")).entries
    for field in fields:
        if field.value.startswith("data:image/"):
            picture = entries[f"Doc_0/Res/{field.short}.jpg"]
            assert picture.startswith(b"\xff\xd8")
            assert b"Exif" not in picture


def _check_page(world, edition):
    """The page is read by PDFium and ZXing, which know nothing of how it was made."""
    page = pypdfium2.PdfDocument(file_of(world, edition, "pdf"))[0]
    text = re.sub(r"\s", "", page.get_textpage().get_text_range())
    record = record_of(world.services.vault, edition)
    assert record.number in text
    assert re.sub(r"\s", "", record.kind_name) in text
    bitmap = page.render(scale=600 / 72, grayscale=True, crop=_inside_the_frame(page)).to_pil()
    (code,) = zxingcpp.read_barcodes(bitmap, formats=QR)
    assert code.text == file_of(world, edition, "code.txt").decode()
    alone_picture = Image.open(io.BytesIO(file_of(world, edition, "code.png"))).convert("L")
    (alone,) = zxingcpp.read_barcodes(alone_picture, formats=QR)
    assert alone.text == code.text
    assert qr_side(code.text) <= MODULES_OF_VERSION_13


def _inside_the_frame(page):
    """Return what to cut off: left, bottom, right, top, in points."""
    width, height = page.get_size()
    left, top, right, bottom = 20, 15, 275, 175
    return (
        left * MILLIMETRES,
        height - bottom * MILLIMETRES,
        width - right * MILLIMETRES,
        top * MILLIMETRES,
    )
