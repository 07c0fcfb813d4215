"""The OFD package: checklist items 15 to 20 and 29, and what it looks like."""

import re
from xml.etree import ElementTree

import pypdfium2
import pytest
import zxingcpp
from PIL import ImageChops, ImageStat
from PIL.Image import Resampling

from issuance.render.composition import compose
from issuance.render.ofd_page import ofd_entries
from issuance.render.pdf_page import write_pdf
from sealkit.record import LicenceRecord, printed_form

OFD = "{http://www.ofdspec.org/2016}"


@pytest.fixture
def entries(record, composed, fonts_of):
    return ofd_entries(composed, fonts_of(composed), record)


def _trees(entries):
    return {n: ElementTree.fromstring(b) for n, b in entries.items() if n.endswith(".xml")}


def _tied_texts(entries):
    """Return the text of each field as its tagged objects print it."""
    trees = _trees(entries)
    texts = {}
    for name, tree in trees.items():
        if "/Pages/" in name:
            for unit in tree.iter(f"{OFD}TextObject"):
                texts[unit.get("ID")] = unit.find(f"{OFD}TextCode").text
    tags = trees["Doc_0/Tags/CustomTag.xml"]
    return {
        tag.tag.partition("}")[2]: "".join(texts[reference.text] for reference in tag)
        for tag in tags
    }


def test_every_location_resolves_and_every_entry_is_reached(entries):
    """Checklist 15."""
    trees = _trees(entries)
    document = trees["Doc_0/Document.xml"]
    reached = {"OFD.xml", trees["OFD.xml"].find(f".//{OFD}DocRoot").text}
    for name in ("PublicRes", "CustomTags", "Attachments"):
        reached.add(f"Doc_0/{document.find(f'.//{OFD}{name}').text}")
    for page in (*document.iter(f"{OFD}Page"), *document.iter(f"{OFD}TemplatePage")):
        reached.add(f"Doc_0/{page.get('BaseLoc')}")
    resources = trees["Doc_0/PublicRes.xml"]
    folder = resources.get("BaseLoc")
    reached |= {f"Doc_0/{folder}/{file.text}" for file in resources.iter(f"{OFD}FontFile")}
    for folder, name in (("Tags", "CustomTags"), ("Attachs", "Attachments")):
        located = trees[f"Doc_0/{folder}/{name}.xml"].find(f".//{OFD}FileLoc").text
        reached.add(f"Doc_0/{folder}/{located}")
    assert reached == set(entries)


def test_identifiers_are_unique_and_below_the_maximum(entries):
    """Checklist 16."""
    numbers = [
        int(element.get("ID"))
        for tree in _trees(entries).values()
        for element in tree.iter()
        if element.get("ID")
    ]
    document = _trees(entries)["Doc_0/Document.xml"]
    numbers_of_pages = [int(page.get("ID")) for page in document.iter(f"{OFD}Page")]
    assert len(numbers) == len(set(numbers))
    assert set(numbers_of_pages) <= set(numbers)
    assert max(numbers) == int(document.find(f".//{OFD}MaxUnitID").text)


def test_boxes_are_positive_deltas_complete_and_fonts_known(entries):
    """Checklist 17."""
    trees = _trees(entries)
    fonts = {font.get("ID") for font in trees["Doc_0/PublicRes.xml"].iter(f"{OFD}Font")}
    units = [unit for tree in trees.values() for unit in tree.iter() if unit.get("Boundary")]
    for unit in units:
        assert all(float(side) > 0 for side in unit.get("Boundary").split()[2:])
    texts = [unit for unit in units if unit.tag == f"{OFD}TextObject"]
    assert texts
    for unit in texts:
        code = unit.find(f"{OFD}TextCode")
        runs = re.sub(r"g (\d+) (\S+)", lambda m: f"{m[2]} " * int(m[1]), code.get("DeltaX", ""))
        assert len(runs.split()) == len(code.text) - 1
        assert unit.get("Font") in fonts


def test_document_information(entries):
    """Checklist 18."""
    information = _trees(entries)["OFD.xml"].find(f".//{OFD}DocInfo")
    assert re.fullmatch("[0-9a-f]{32}", information.find(f"{OFD}DocID").text)
    assert information.find(f"{OFD}CreationDate").text == "2026-11-20"


def test_custom_data_are_the_record_s_metadata(entries, record):
    found = {
        item.get("Name"): item.text for item in _trees(entries)["OFD.xml"].iter(f"{OFD}CustomData")
    }
    assert found == record.metadata()


def test_attachment_is_the_record_and_its_size_is_told(entries, record):
    """Checklist 19."""
    attached = entries["Doc_0/Attachs/licence.json"]
    entry = _trees(entries)["Doc_0/Attachs/Attachments.xml"].find(f"{OFD}Attachment")
    assert LicenceRecord.from_json(attached) == record
    assert float(entry.get("Size")) == pytest.approx(len(attached) / 1024, abs=0.001)


def test_tagged_objects_print_what_the_metadata_say(entries, record):
    """Checklist 20."""
    tied = _tied_texts(entries)
    assert {"ZZBS", "ZZBFJG"} <= set(tied)
    for short, text in tied.items():
        assert text == printed_form(record.metadata()[short])


def test_every_field_that_the_layout_prints_is_tagged(entries, record):
    printed = {field.short for field in record.fields}
    assert printed <= set(_tied_texts(entries))


def test_text_that_goes_on_on_another_page_is_tagged_whole(a_record, modules, fonts_of):
    scope = "软件开发；数据处理；ABC 服务\n" * 200
    record = a_record("business_licence", scope=scope)
    composed = compose(record, modules, demonstration=False)
    entries = ofd_entries(composed, fonts_of(composed), record)
    assert len(composed.pages) > 1
    assert _tied_texts(entries)["KZ_JYFW"] == scope.replace("\n", "")


def test_markup_in_a_value_is_text(a_record, modules, fonts_of):
    record = a_record("business_licence", org_name='甲<乙>&"丙"]]>')
    composed = compose(record, modules, demonstration=False)
    entries = ofd_entries(composed, fonts_of(composed), record)
    assert _tied_texts(entries)["KZ_MC"] == '甲<乙>&"丙"]]>'


def test_equal_records_give_equal_bytes(record, modules, fonts_of):
    """Checklist 29."""
    first, second = (compose(record, modules, demonstration=True) for _ in range(2))
    assert ofd_entries(first, fonts_of(first), record) == ofd_entries(
        second, fonts_of(second), record
    )


def test_fonts_of_a_document_stay_small(composed, fonts_of):
    assert sum(len(font.program) for font in fonts_of(composed).values()) < 150_000


def test_ofd_and_pdf_look_the_same(record, composed, fonts_of, rasterised_ofd):
    fonts = fonts_of(composed)
    ofd = rasterised_ofd(ofd_entries(composed, fonts, record), zoom=8.0).reduce(8)
    document = pypdfium2.PdfDocument(write_pdf(composed, fonts, record, None))
    pdf = document[0].render(scale=8 / (72 / 25.4)).to_pil().convert("RGB")
    # A program that drew nothing at all is told apart from two that drew differently.
    assert min(ImageStat.Stat(ofd).mean) > 128, "resvg drew no page"
    assert min(ImageStat.Stat(pdf).mean) > 128, "pdfium drew no page"
    difference = ImageStat.Stat(ImageChops.difference(ofd, pdf.resize(ofd.size, Resampling.BOX)))
    # What is left is how two programs smooth edges.
    assert max(difference.mean) < 4
    assert max(high for _, high in difference.extrema) < 80
    assert max(ImageStat.Stat(ofd).stddev) > 20


def test_code_on_the_page_is_read_by_another_program(entries, rasterised_ofd, code_text):
    found = zxingcpp.read_barcodes(
        rasterised_ofd(entries, zoom=8.0), formats=zxingcpp.BarcodeFormat.QRCode
    )
    assert [barcode.text for barcode in found] == [code_text]


def test_pages_are_told_apart_in_the_picture(a_record, modules, fonts_of, rasterised_ofd):
    record = a_record("business_licence", scope="软件开发；" * 600)
    composed = compose(record, modules, demonstration=False)
    entries = ofd_entries(composed, fonts_of(composed), record)
    first, second = (rasterised_ofd(entries, page) for page in (0, 1))
    assert first.size == second.size
    assert ImageChops.difference(first, second).getbbox()
