"""The door: files of both containers, read by the readers that verification uses."""

import pytest

from issuance.render.licence_page import render_ofd, render_pdf
from issuance.render.seal_picture import SealFace, draw_seal
from sealkit.formats.ofd.container import read_package
from sealkit.formats.ofd.model import read_document
from sealkit.record import LicenceRecord, printed_form


@pytest.fixture(scope="module")
def seal():
    return draw_seal(SealFace("示例市民政局", "电子证照专用章", diameter_mm=40))


def test_ofd_breaks_no_rule_of_the_format_and_hides_no_file(record, code_text):
    rendered = render_ofd(record, code_text, demonstration=True)
    package = read_package(rendered.document)
    document = read_document(package)
    assert document.problems == ()
    assert document.reachable == frozenset(package.entries)
    assert document.signatures_path is None


def test_ofd_says_the_same_in_text_metadata_and_attachment(record, code_text):
    document = read_document(render_ofd(record, code_text, demonstration=True).document)
    assert document.custom_data == record.metadata()
    assert LicenceRecord.from_json(document.attachments["licence.json"]) == record
    for short, texts in document.tags.items():
        assert "".join(texts) == printed_form(record.metadata()[short])


def test_stamp_has_the_seal_s_size_around_the_same_middle(record, code_text, seal):
    large = render_ofd(record, code_text, demonstration=False).stamp
    small = render_pdf(record, code_text, seal=seal, demonstration=False).stamp
    assert (large.width_mm, large.height_mm) == (42, 42)
    assert (small.width_mm, small.height_mm) == (40, 40)
    assert large.page_index == small.page_index == 0
    assert (small.x_mm - large.x_mm, small.y_mm - large.y_mm) == (1, 1)


def test_equal_inputs_give_equal_files(record, code_text, seal):
    def files():
        ofd = render_ofd(record, code_text, demonstration=True)
        return ofd, render_pdf(record, code_text, seal=seal, demonstration=True)

    assert files() == files()


def test_edition_is_part_of_the_document_s_identity(a_record, code_text):
    first = a_record("business_licence")
    second = a_record("business_licence")
    object.__setattr__(second, "edition", 2)
    ids = {
        read_document(render_ofd(record, code_text, demonstration=False).document).doc_id
        for record in (first, second)
    }
    assert len(ids) == 2


def test_file_is_small(record, code_text, seal):
    assert len(render_ofd(record, code_text, demonstration=True).document) < 150_000
    assert len(render_pdf(record, code_text, seal=seal, demonstration=True).document) < 200_000
