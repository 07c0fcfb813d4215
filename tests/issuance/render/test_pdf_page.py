"""The PDF: read by pyHanko, pdfium and a barcode reader."""

import io

import pypdfium2
import pytest
import zxingcpp
from PIL import ImageStat
from pyhanko.pdf_utils.reader import PdfFileReader

from issuance.render.composition import compose
from issuance.render.pdf_page import write_pdf
from issuance.render.seal_picture import SealFace, draw_seal
from sealkit.record import LicenceRecord, printed_form

# Its reader of line codes sees one in almost any pattern.
QR = zxingcpp.BarcodeFormat.QRCode

POINTS = 72 / 25.4


@pytest.fixture(scope="module")
def seal():
    return draw_seal(SealFace("示例市市场监督管理局", "电子证照专用章"))


@pytest.fixture
def document(record, composed, fonts_of, seal):
    return write_pdf(composed, fonts_of(composed), record, seal)


@pytest.fixture
def picture(document):
    return pypdfium2.PdfDocument(document)[0].render(scale=6 / POINTS).to_pil().convert("RGB")


def test_pyhanko_reads_it_strictly(document, record):
    reader = PdfFileReader(io.BytesIO(document), strict=True)
    page = reader.root["/Pages"]["/Kids"][0]
    assert [float(side) for side in page["/MediaBox"]] == pytest.approx(
        [0, 0, 297 * POINTS, 210 * POINTS], abs=0.01
    )
    assert reader.trailer_view["/Info"]["/Title"] == record.kind_name


def test_record_is_attached(document, record):
    names = PdfFileReader(io.BytesIO(document)).root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert names[0] == "licence.json"
    assert LicenceRecord.from_json(names[1]["/EF"]["/F"].data) == record


def test_text_can_be_copied_and_searched(document, record, composed):
    text = pypdfium2.PdfDocument(document)[0].get_textpage().get_text_bounded()
    flat = "".join(text.split())
    printed = {run.field for run in composed.pages[0].runs}
    for field in record.fields:
        if field.short in printed:
            assert "".join(printed_form(field.value).split()) in flat


def test_all_fonts_are_embedded_subsets(document):
    page = PdfFileReader(io.BytesIO(document)).root["/Pages"]["/Kids"][0]
    fonts = page["/Resources"]["/Font"]
    assert len(fonts) == 3
    for name in fonts:
        font = fonts[name]
        descendant = font["/DescendantFonts"][0]
        assert descendant["/FontDescriptor"]["/FontFile2"].data.startswith(b"\x00\x01\x00\x00")
        assert font["/BaseFont"][7] == "+"


def test_code_is_read_by_another_program(picture, code_text):
    assert [found.text for found in zxingcpp.read_barcodes(picture, formats=QR)] == [code_text]


def test_seal_stands_where_it_belongs_in_its_size(record, composed, fonts_of, seal, picture):
    without = write_pdf(composed, fonts_of(composed), record, None)
    bare = pypdfium2.PdfDocument(without)[0].render(scale=6 / POINTS).to_pil().convert("RGB")
    x, y = composed.seal_centre
    rim = round((x - seal.width_mm / 2 + 0.5) * 6), round(y * 6)
    red, green, _ = picture.getpixel(rim)
    assert red > 150
    assert green < 60
    outside = round((x - seal.width_mm / 2 - 0.5) * 6), round(y * 6)
    assert picture.getpixel(outside) == bare.getpixel(outside)


def test_text_under_the_seal_stays_dark(record, composed, fonts_of, picture):
    without = write_pdf(composed, fonts_of(composed), record, None)
    bare = pypdfium2.PdfDocument(without)[0].render(scale=6 / POINTS).to_pil().convert("L")
    dark = bare.point(lambda level: 255 if level < 40 else 0)
    grey = picture.convert("L")
    under = ImageStat.Stat(grey, mask=dark)
    # pdfium thins a column of pixels at the very edge of the picture: hence no maximum.
    assert under.mean[0] < 30
    assert under.median[0] < 30


def test_seal_is_drawn_on_the_first_page_only(a_record, modules, fonts_of, seal):
    record = a_record("business_licence", scope="软件开发；" * 600)
    composed = compose(record, modules, demonstration=False)
    pages = PdfFileReader(io.BytesIO(write_pdf(composed, fonts_of(composed), record, seal))).root[
        "/Pages"
    ]["/Kids"]
    drawn = [b"/Seal Do" in pages[n]["/Contents"].data for n in range(len(pages))]
    assert drawn == [True] + [False] * (len(composed.pages) - 1)
    assert len(drawn) > 1


def test_rare_characters_survive_copying(a_record, modules, fonts_of):
    record = a_record("business_licence", legal_rep="𬭎𫘜·㐀")
    composed = compose(record, modules, demonstration=False)
    document = write_pdf(composed, fonts_of(composed), record, None)
    page = pypdfium2.PdfDocument(document)[0]
    assert "𬭎𫘜·㐀" in page.get_textpage().get_text_bounded()


def test_equal_records_give_equal_bytes(record, modules, fonts_of, seal):
    def written():
        composed = compose(record, modules, demonstration=True)
        return write_pdf(composed, fonts_of(composed), record, seal)

    assert written() == written()
