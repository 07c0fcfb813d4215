"""Checklist of the OFD fact sheet, items 15 to 20: what a document says and how well."""

import random

import pytest

from sealkit.formats.ofd.container import write_package
from sealkit.formats.ofd.document_file import MAX_PAGES
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.model import Font, TaggedObject, read_document
from sealkit.formats.ofd.reading import MAX_ALIKE
from sealkit.formats.ofd.signatures import read_signatures, unreachable
from tests.sealkit.formats.ofd.builder import (
    DOCUMENT,
    FONT_FILE,
    NAMESPACE,
    PAGE_0,
    PAGE_1,
    RECORD,
    ROOT,
    TEMPLATE,
    document_of,
    replaced,
    text_object,
)

TAGS, TAG_LIST = "Doc_0/Tags/CustomTag.xml", "Doc_0/Tags/CustomTags.xml"
ATTACHMENTS = "Doc_0/Attachs/Attachments.xml"
FONTS, IMAGES = "Doc_0/PublicRes.xml", "Doc_0/DocumentRes.xml"


def read(entries):
    return read_document(write_package(entries))


def reason(entries):
    with pytest.raises(OFDError) as refused:
        read(entries)
    return refused.value.reason


def smuggled(entries):
    document = read(entries)
    return unreachable(document, read_signatures(document))


def test_a_sound_document_is_read_whole(unsealed):
    document = read_document(unsealed)
    assert document.problems == ()
    assert document.document_count == 1
    assert document.doc_root == DOCUMENT
    assert document.doc_id == "0a" * 16
    assert document.custom_data == {"ZZMC": "营业执照", "ZZBH": " 65 "}
    assert [(page.id, page.path, page.box) for page in document.pages] == [
        ("9", PAGE_0, (0, 0, 210, 297)),
        ("10", PAGE_1, (0, 0, 210, 297)),
    ]
    assert document.pages[0].texts == {"20": "营业", "21": "执照"}
    assert document.fonts == (Font("2", "Song", FONT_FILE), Font("5", "宋体", None))
    assert document.attachments == {"licence.json": RECORD}
    assert document.tagged_objects == {
        "ZZMC": (TaggedObject("9", "20", "营业"), TaggedObject("9", "21", "执照"))
    }
    assert document.tags == {"ZZMC": ("营业", "执照")}
    assert document.signatures_path is None
    assert document.reachable == set(document.package.entries)


def test_a_document_is_read_from_its_package_too(unsealed):
    document = read_document(unsealed)
    assert read_document(document.package) == document


def test_every_entry_is_reached_or_reported(entries):
    """Item 15: what nothing refers to is smuggled (夹带文件)."""
    assert smuggled(entries) == ()
    assert smuggled({**entries, "Doc_0/Res/extra.bin": b"x"}) == ("Doc_0/Res/extra.bin",)


@pytest.mark.parametrize("number", range(13))
def test_an_entry_taken_out_is_missing(entries, number):
    """Item 15: every location resolves."""
    del entries[list(entries)[number]]
    assert reason(entries) == "ofd.reference.missing"


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 6, 9, 11, 12])
def test_a_doctype_anywhere_is_refused(entries, number):
    name = list(entries)[number]
    changed = replaced(entries, name, "?>", '?><!DOCTYPE a [<!ENTITY b "b">]>')
    assert reason(changed) == "xml.doctype"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (ROOT, "Doc_0/Document.xml", "../Document.xml"),
        (DOCUMENT, 'BaseLoc="Pages/Page_0', 'BaseLoc="../../Page_0'),
        (FONTS, 'BaseLoc="Res"', 'BaseLoc="../../Res"'),
        (FONTS, "font.ttf", "../../../etc/passwd"),
        (ATTACHMENTS, ">licence.json<", ">..\\licence.json<"),
    ],
)
def test_locations_that_leave_the_package_are_refused(entries, name, old, new):
    assert reason(replaced(entries, name, old, new)) == "ofd.reference.outside"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (ROOT, "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>", "", "ofd.reference.missing"),
        (ROOT, "Doc_0/Document.xml", "", "ofd.reference.missing"),
        (ROOT, "ofd:DocBody", "ofd:Body", "xml.malformed"),
        (DOCUMENT, "0 0 210 297", "0 0 210", "ofd.pages"),
        (DOCUMENT, "<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>", "", "ofd.pages"),
        (DOCUMENT, ' BaseLoc="Pages/Page_0/Content.xml"', "", "ofd.reference.missing"),
    ],
)
def test_documents_that_cannot_be_followed_are_refused(entries, name, old, new, expected):
    assert reason(replaced(entries, name, old, new)) == expected


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (document_of("OFD", ""), "ofd.root"),
        (document_of("Res", "<ofd:DocBody/>"), "ofd.root"),
        (b"<OFD><DocBody/></OFD>", "ofd.root"),
    ],
)
def test_a_root_file_without_document_is_refused(entries, root, expected):
    assert reason({**entries, ROOT: root}) == expected


def test_a_document_without_common_data_is_refused(entries):
    assert reason({**entries, DOCUMENT: document_of("Document", "")}) == "ofd.document"


@pytest.mark.parametrize("pages", [0, MAX_PAGES + 1])
def test_a_document_without_pages_or_with_too_many_is_refused(entries, pages):
    listed = "".join(f'<ofd:Page ID="{number}" BaseLoc="a"/>' for number in range(pages))
    body = f"<ofd:CommonData/><ofd:Pages>{listed}</ofd:Pages>"
    assert reason({**entries, DOCUMENT: document_of("Document", body)}) == "ofd.pages"


def test_the_older_namespace_is_read_and_reported(entries, problems_of):
    """Item 16: files from before the standard."""
    old = {
        name: content.replace(NAMESPACE.encode(), b"http://www.ofdspec.org")
        for name, content in entries.items()
    }
    assert problems_of(old) == ["namespace.old"]
    assert read(old).tags == {"ZZMC": ("营业", "执照")}


def test_attributes_in_the_namespace_are_reported(entries, problems_of):
    """Item 16: elements are in the namespace, attributes are not."""
    changed = replaced(entries, PAGE_0, 'Size="4.2"', 'ofd:Size="4.2" xml:space="preserve"')
    assert problems_of(changed) == ["attribute.qualified"]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (DOCUMENT, ">50<", ">49<", "id.above_maximum"),
        (DOCUMENT, ">50<", "><", "id.above_maximum"),
        (DOCUMENT, ">50<", ">5²<", "id.above_maximum"),
        (PAGE_0, 'ID="30"', 'ID="21"', "id.duplicate"),
        (PAGE_1, 'ID="12"', 'ID="020"', "id.duplicate"),
        (TEMPLATE, 'ID="41"', 'ID="2"', "id.duplicate"),
        (IMAGES, 'ID="3"', 'ID="30"', "id.duplicate"),
        (TEMPLATE, 'ID="41"', 'ID="x"', "id.malformed"),
        (DOCUMENT, '<ofd:Page ID="10"', "<ofd:Page", "id.malformed"),
        (ATTACHMENTS, 'ID="50"', 'ID="2"', "attachment.id_duplicate"),
        (ATTACHMENTS, 'ID="50"', "", "id.malformed"),
    ],
)
def test_identifiers_are_unique_numbers_under_the_maximum(
    entries, problems_of, name, old, new, expected
):
    """Item 16."""
    assert expected in problems_of(replaced(entries, name, old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (PAGE_0, 'Boundary="1 1 9 9"', 'Boundary="1 1 9 0"', "box.malformed"),
        (PAGE_0, ' Boundary="1 1 9 9"', "", "box.malformed"),
        (TEMPLATE, "0 0 210 297", "0 0 nan 297", "box.malformed"),
        (PAGE_0, "g 1 4.2", "", "text.deltas"),
        (PAGE_0, "g 1 4.2", "g 2 4.2", "text.deltas"),
        (PAGE_0, "g 1 4.2", "4.2 4.2", "text.deltas"),
        (PAGE_0, "g 1 4.2", "g 1", "text.deltas"),
        (PAGE_0, 'Font="2"', 'Font="3"', "font.reference"),
        (PAGE_0, ' Font="2"', "", "font.reference"),
        (PAGE_0, 'ResourceID="3"', 'ResourceID="2"', "resource.reference"),
        (PAGE_1, 'TemplateID="4"', 'TemplateID="5"', "template.reference"),
        (TAGS, 'PageRef="9">20', 'PageRef="10">20', "tag.reference"),
        (TAGS, 'PageRef="9">20', 'PageRef="99">20', "tag.reference"),
    ],
)
def test_objects_have_boxes_spacing_and_what_they_refer_to(
    entries, problems_of, name, old, new, expected
):
    """Item 17."""
    assert problems_of(replaced(entries, name, old, new)) == [expected]


@pytest.mark.parametrize("deltas", ['DeltaY="g 1 4"', 'DeltaX="1" DeltaY="1"'])
def test_text_may_run_down_the_page(entries, problems_of, deltas):
    assert problems_of(replaced(entries, PAGE_0, 'DeltaX="g 1 4.2"', deltas)) == []


def test_white_space_in_text_is_kept(entries):
    shown = text_object(22, " a b ", deltas="1 1 1 1")
    page = entries[PAGE_1].decode().replace(text_object(22, "副本"), shown)
    assert read({**entries, PAGE_1: page.encode()}).pages[1].texts == {"22": " a b "}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("0a" * 16, "0a" * 15, "doc_id.malformed"),
        ("0a" * 16, "0g" * 16, "doc_id.malformed"),
        ("2026-11-23", "2026-11-31", "date.malformed"),
        ("2026-11-23", "20261123", "date.malformed"),
        ('Name="ZZBH"', 'Name="ZZMC"', "custom_data.duplicate"),
    ],
)
def test_information_about_the_document_is_well_formed(entries, problems_of, old, new, expected):
    """Item 18."""
    assert problems_of(replaced(entries, ROOT, old, new)) == [expected]


def test_a_document_without_information_is_read_and_reported(entries):
    start, end = (entries[ROOT].index(mark) for mark in (b"<ofd:DocInfo>", b"<ofd:DocRoot>"))
    document = read({**entries, ROOT: entries[ROOT][:start] + entries[ROOT][end:]})
    assert document.problems == (("doc_id.malformed", ""),)
    assert document.custom_data == {}


def test_custom_data_under_its_misspelt_name_is_read(entries):
    misspelt = entries[ROOT].replace(b"ofd:CustomData ", b"ofd:CuslomData ")
    misspelt = misspelt.replace(b"</ofd:CustomData>", b"</ofd:CuslomData>")
    assert read({**entries, ROOT: misspelt}).custom_data["ZZMC"] == "营业执照"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('Size="0.022"', 'Size="3"', ["attachment.size"]),
        ('Size="0.022"', 'Size="x"', ["attachment.size"]),
        ('Size="0.022"', 'Size="1"', []),
        (' Size="0.022"', "", []),
    ],
)
def test_attachments_are_as_large_as_said(entries, problems_of, old, new, expected):
    """Item 19: kilobytes, rounded as products do."""
    assert problems_of(replaced(entries, ATTACHMENTS, old, new)) == expected


def test_two_attachments_of_one_name_are_reported(entries, problems_of):
    """Item 19: which of them is the record?"""
    second = '<ofd:Attachment ID="49" Name="licence.json">'
    listed = f"</ofd:Attachment>{second}<ofd:FileLoc>licence.json</ofd:FileLoc></ofd:Attachment>"
    changed = replaced(entries, ATTACHMENTS, "</ofd:Attachment>", listed)
    assert problems_of(changed) == ["attachment.duplicate"]


def test_an_attachment_without_file_is_refused(entries):
    location = "<ofd:FileLoc>licence.json</ofd:FileLoc>"
    assert reason(replaced(entries, ATTACHMENTS, location, "")) == "ofd.reference.missing"


def test_tags_tie_fields_to_their_text(entries):
    """Item 20: the joined text of a field's objects is what the metadata say."""
    document = read(entries)
    assert "".join(document.tags["ZZMC"]) == document.custom_data["ZZMC"]


def test_tags_of_several_files_are_read_together(entries):
    second = "<ofd:CustomTag><ofd:SchemaLoc>tags.xsd</ofd:SchemaLoc><ofd:FileLoc>CustomTag.xml"
    listed = f"</ofd:CustomTag>{second}</ofd:FileLoc></ofd:CustomTag>"
    entries = replaced(entries, TAG_LIST, "</ofd:CustomTag>", listed)
    document = read({**entries, "Doc_0/Tags/tags.xsd": b"any"})
    assert document.tags == {"ZZMC": ("营业", "执照", "营业", "执照")}
    assert "Doc_0/Tags/tags.xsd" in document.reachable


def test_too_many_tags_are_refused(entries):
    references = '<ofd:ObjectRef PageRef="9">20</ofd:ObjectRef>' * 5001
    tags = replaced(entries, TAGS, "</t:ZZMC>", f"{references}</t:ZZMC>")[TAGS]
    second = "<ofd:CustomTag><ofd:FileLoc>CustomTag.xml</ofd:FileLoc></ofd:CustomTag>"
    entries = replaced(entries, TAG_LIST, "<ofd:CustomTag ", f"{second}<ofd:CustomTag ")
    assert reason({**entries, TAGS: tags}) == "ofd.tags"


def test_a_document_with_neither_tags_nor_attachments_is_read(entries):
    start = entries[DOCUMENT].index(b"<ofd:CustomTags>")
    bare = entries[DOCUMENT][:start] + b"</ofd:Document>"
    document = read({**entries, DOCUMENT: bare})
    assert (document.tags, document.attachments) == ({}, {})


@pytest.mark.parametrize(
    ("name", "area", "size"),
    [
        (PAGE_1, "<ofd:Area><ofd:PhysicalBox>0 0 100 50</ofd:PhysicalBox></ofd:Area>", (100, 50)),
        (TEMPLATE, "<ofd:Area><ofd:PhysicalBox>0 0 9 8</ofd:PhysicalBox></ofd:Area>", (9, 8)),
        (PAGE_1, "<ofd:Area/>", (210, 297)),
    ],
)
def test_a_page_has_its_own_size_or_its_templates_or_the_documents(entries, name, area, size):
    changed = replaced(entries, name, "<ofd:Content>", f"{area}<ofd:Content>")
    assert read(changed).pages[1].box == (0, 0, *size)


def test_pages_may_share_a_resource_file(entries, problems_of):
    for name in (PAGE_0, PAGE_1):
        reference = "<ofd:PageRes>/Doc_0/PageRes.xml</ofd:PageRes><ofd:Content>"
        entries = replaced(entries, name, "<ofd:Content>", reference)
    shared = (
        '<ofd:ColorSpaces><ofd:ColorSpace ID="6" Type="RGB" Profile="rgb.icc"/>'
        '<ofd:ColorSpace ID="7" Type="RGB"/></ofd:ColorSpaces>'
    )
    entries |= {"Doc_0/PageRes.xml": document_of("Res", shared), "Doc_0/rgb.icc": b"profile"}
    assert problems_of(entries) == []
    assert smuggled(entries) == ()


def test_annotations_extensions_versions_and_cover_are_followed(entries):
    listed = (
        "<ofd:Annotations>Annots.xml</ofd:Annotations><ofd:Extensions>Ext.xml</ofd:Extensions>"
        "</ofd:Document>"
    )
    entries = replaced(entries, DOCUMENT, "</ofd:Document>", listed)
    entries = replaced(
        entries, ROOT, "</ofd:DocInfo>", "<ofd:Cover>c.png</ofd:Cover></ofd:DocInfo>"
    )
    versions = '<ofd:Versions><ofd:Version ID="1" BaseLoc="Doc_0/V1.xml"/></ofd:Versions>'
    entries = replaced(entries, ROOT, "</ofd:DocBody>", f"{versions}</ofd:DocBody>")
    entries |= {
        "c.png": b"cover",
        "Doc_0/V1.xml": document_of("DocVersion", "<ofd:File ID='1'>old.xml</ofd:File>"),
        "Doc_0/old.xml": b"old",
        "Doc_0/Annots.xml": document_of("Annotations", "<ofd:FileLoc>a.xml</ofd:FileLoc>"),
        "Doc_0/a.xml": b"annotation",
        "Doc_0/Ext.xml": document_of("Extensions", "<ofd:ExtendData>e.bin</ofd:ExtendData>"),
        "Doc_0/e.bin": b"extension",
    }
    assert smuggled(entries) == ()
    assert read(entries).problems == ()


def test_composite_objects_are_found(entries, problems_of):
    unit = "<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID='8'/>"
    entries = replaced(
        entries, IMAGES, "<ofd:MultiMedias>", f"{unit}</ofd:CompositeGraphicUnits><ofd:MultiMedias>"
    )
    shown = '<ofd:CompositeObject ID="31" Boundary="1 1 9 9" ResourceID="8"/></ofd:Layer>'
    assert problems_of(replaced(entries, PAGE_1, "</ofd:Layer>", shown)) == []


def test_names_of_unknown_encoding_are_a_problem_of_the_document(entries):
    document = write_package({**entries, "zz": b""}).replace(b"zz", "附".encode("gb18030"))
    assert read_document(document).problems[0][0] == "zip.name_encoding"


def test_two_documents_are_counted(entries):
    """Only the first is read; which is the licence is not for this reader to say."""
    second = "</ofd:DocBody><ofd:DocBody><ofd:DocRoot>x</ofd:DocRoot></ofd:DocBody>"
    assert read(replaced(entries, ROOT, "</ofd:DocBody>", second)).document_count == 2


def test_problems_of_one_kind_are_noted_up_to_a_number(entries, problems_of):
    objects = "<ofd:PathObject/>" * (MAX_ALIKE + 50)
    found = problems_of(replaced(entries, PAGE_1, "</ofd:Layer>", f"{objects}</ofd:Layer>"))
    assert found == ["box.malformed"] * MAX_ALIKE


def test_many_problems_do_not_hide_one_of_another_kind(entries, problems_of):
    objects = '<ofd:PathObject ofd:X=""/>' * 1000 + '<ofd:PathObject ID="2" Boundary="0 0 1 1"/>'
    found = problems_of(replaced(entries, PAGE_1, "</ofd:Layer>", f"{objects}</ofd:Layer>"))
    assert "id.duplicate" in found


def test_text_without_end_is_refused(entries):
    characters = [chr(code) for code in range(0x4E00, 0x9FA6)]
    text = "".join(random.Random(1).choices(characters, k=600_000))
    for name, number in ((PAGE_0, 44), (PAGE_1, 45)):
        shown = text_object(number, text)
        entries = replaced(entries, name, "</ofd:Layer>", f"{shown}</ofd:Layer>")
    assert reason(entries) == "ofd.text"
