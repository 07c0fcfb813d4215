"""Packages that are no one, unambiguous OFD (checklist 15, 28; pitfalls 3 and 4)."""

import io
import struct
import zipfile

from sealkit.formats.ofd.container import read_package, write_package
from tests.conformance.cases import bad_licence
from tests.conformance.ofd_builder import changed, sealed, unsealed
from tests.conformance.world import unsigned_pdf


@bad_licence(finds="ofd.zip.malformed")
def archive_cut_short(world):
    """The download broke off: the end of the archive is missing."""
    return world.sound_ofd[:-200]


@bad_licence(finds="ofd.zip.malformed")
def bytes_after_the_archive(world):
    """Something is appended after the archive, where another reader may look first."""
    return world.sound_ofd + b"PK\x03\x04 more"


@bad_licence(finds="ofd.zip.malformed")
def bytes_before_the_archive(world):
    """A program is glued in front of the archive; zip readers skip it silently."""
    return b"MZ\x90\x00" * 8 + world.sound_ofd


@bad_licence(finds="ofd.zip.malformed")
def archive_with_a_comment(world):
    """The archive's comment carries bytes that no digest covers."""
    return _rewritten(world.sound_ofd, comment=b"hello")


@bad_licence(finds="ofd.zip.malformed")
def two_entries_of_one_name(world):
    """Two files of one name: readers disagree on which one wins."""
    page = "Doc_0/Pages/Page_0/Content.xml"
    return _rewritten(world.sound_ofd, extra=((page, b"<other/>"),))


@bad_licence(finds="ofd.zip.malformed")
def two_entries_that_differ_in_case(world):
    """Two names that are one file on a system that ignores case."""
    page = "doc_0/pages/page_0/CONTENT.XML"
    return _rewritten(world.sound_ofd, extra=((page, b"<other/>"),))


@bad_licence(finds="ofd.zip.malformed")
def entry_that_escapes_the_package(world):
    """An entry named ../../etc/passwd."""
    return _rewritten(world.sound_ofd, extra=(("../../etc/passwd", b"x"),))


@bad_licence(finds="ofd.zip.malformed")
def entry_with_an_absolute_name(world):
    """An entry named /OFD.xml beside OFD.xml."""
    return _rewritten(world.sound_ofd, extra=(("/OFD.xml", b"x"),))


@bad_licence(finds="ofd.zip.malformed")
def checksum_that_does_not_fit(world):
    """The CRC in the directory is not that of the content."""
    position = world.sound_ofd.rindex(b"PK\x01\x02") + 16
    return _patched(world.sound_ofd, position, b"\xde\xad\xbe\xef")


@bad_licence(finds="ofd.zip.malformed")
def entry_said_to_be_encrypted(world):
    """The encryption flag is set in the directory."""
    position = world.sound_ofd.rindex(b"PK\x01\x02") + 8
    return _patched(world.sound_ofd, position, b"\x01\x08")


@bad_licence(finds="ofd.zip.malformed")
def name_that_differs_between_the_two_headers(world):
    """The local header calls the file otherwise than the directory."""
    document = world.sound_ofd
    position = document.index(b"OFD.xml")
    return _patched(document, position, b"ofd.xml")


@bad_licence(finds="ofd.zip.malformed")
def entry_that_unfolds_without_end(world):
    """A bomb: 60 MB of zeros in 60 KB."""
    return _rewritten(world.sound_ofd, extra=(("Doc_0/Res/zeros", bytes(60 * 1024 * 1024)),))


@bad_licence(finds="ofd.zip.malformed")
def archive_of_ten_thousand_files(world):
    """More files than any licence has."""
    extra = tuple((f"Doc_0/Res/{number}", b"") for number in range(10_000))
    return _rewritten(world.sound_ofd, extra=extra)


@bad_licence(finds="ofd.zip.malformed")
def directory_that_claims_a_huge_file(world):
    """The size in the directory is four gigabytes less one."""
    position = world.sound_ofd.rindex(b"PK\x01\x02") + 24
    return _patched(world.sound_ofd, position, struct.pack("<L", 0xFFFFFFFE))


@bad_licence(finds="ofd.file.missing")
def package_without_ofd_xml(world):
    """A zip that is no OFD: its one fixed file is not there."""
    return write_package({"readme.txt": b"hello"})


@bad_licence(finds="ofd.file.missing")
def page_removed(world):
    """The only page was taken out after sealing."""
    return changed(world.sound_ofd, Content__xml=None)


@bad_licence(finds="ofd.document.malformed")
def doctype_in_ofd_xml(world):
    """A DOCTYPE, the way in for external entities and entity bombs."""
    entries = unsealed(world.record)
    declaration = b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaaaaaa">]>'
    entries["OFD.xml"] = entries["OFD.xml"].replace(*declaration)
    return write_package(entries)


@bad_licence(finds="ofd.document.malformed")
def xml_nested_a_hundred_thousand_deep(world):
    """A page of nothing but opening tags."""
    entries = unsealed(world.record)
    page = b"<a>" * 100_000 + b"</a>" * 100_000
    return write_package(entries | {"Doc_0/Pages/Page_0/Content.xml": page})


@bad_licence(finds="ofd.document.malformed")
def page_that_is_not_xml(world):
    """A page whose XML is not well formed."""
    entries = unsealed(world.record)
    return write_package(entries | {"Doc_0/Pages/Page_0/Content.xml": b"<ofd:Page"})


@bad_licence(finds="ofd.document.malformed")
def reference_that_leaves_the_package(world):
    """DocRoot names a file outside the package."""
    entries = unsealed(world.record)
    moved = b"Doc_0/Document.xml", b"../../Document.xml"
    entries["OFD.xml"] = entries["OFD.xml"].replace(*moved)
    return write_package(entries)


@bad_licence(finds="ofd.document.malformed")
def document_without_pages(world):
    """A document that has no page."""
    entries = unsealed(world.record)
    page = b'<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'
    entries["Doc_0/Document.xml"] = entries["Doc_0/Document.xml"].replace(page, b"")
    return write_package(entries)


@bad_licence(finds="ofd.file.smuggled", also=("coverage.incomplete",))
def file_smuggled_in_after_sealing(world):
    """A file that nothing refers to was added to a sealed package (夹带文件)."""
    return changed(world.sound_ofd, **{"Doc_0/Res/extra.bin": b"contraband"})


@bad_licence(finds="ofd.file.smuggled")
def file_smuggled_in_before_sealing(world):
    """The seal covers a file that the document does not refer to."""
    return sealed(world, unsealed(world.record, extra={"Doc_0/Res/extra.bin": b"contraband"}))


@bad_licence(finds="ofd.document.several", also=("digest.file_changed",))
def two_documents_in_one_file(world):
    """OFD.xml holds two DocBody: which of them is the licence?"""
    second = b"<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    return changed(world.sound_ofd, OFD__xml=lambda xml: xml.replace(b"</ofd:OFD>", second))


@bad_licence(finds="ofd.ambiguous")
def two_attachments_of_one_name(world):
    """The list names licence.json twice, for two different files."""
    entries = unsealed(
        world.record,
        attachments={
            "licence.json": world.record.to_json(),
            "licence.jsoN": b"{}",
        },
    )
    listing = entries["Doc_0/Attachs/Attachments.xml"].replace(b"licence.jsoN", b"licence.json")
    # The last of the two decides for this reader; keep the record there.
    entries["Doc_0/Attachs/file_1"] = world.record.to_json()
    return sealed(world, entries | {"Doc_0/Attachs/Attachments.xml": listing})


@bad_licence(finds="ofd.ambiguous")
def two_objects_of_one_number_among_many_lesser_faults(world):
    """A thousand wrong attributes stand before the second object of one ID."""
    entries = unsealed(world.record)
    page = entries["Doc_0/Pages/Page_0/Content.xml"]
    twin = b'<ofd:PathObject ID="100" Boundary="0 0 9 9"/></ofd:Layer>'
    page = page.replace(b"</ofd:Layer>", b'<ofd:PathObject ofd:X=""/>' * 1000 + twin)
    return sealed(world, entries | {"Doc_0/Pages/Page_0/Content.xml": page})


@bad_licence(finds="ofd.ambiguous")
def two_objects_of_one_number(world):
    """Two text objects share an ID, so a tag points at both."""
    entries = unsealed(world.record)
    page = entries["Doc_0/Pages/Page_0/Content.xml"]
    twin = b'<ofd:TextObject ID="100" Boundary="0 0 9 9"><ofd:TextCode>x</ofd:TextCode>'
    page = page.replace(
        b'<ofd:TextObject ID="100"', twin + b'</ofd:TextObject><ofd:TextObject ID="100"'
    )
    return sealed(world, entries | {"Doc_0/Pages/Page_0/Content.xml": page})


@bad_licence(finds="ofd.zip.malformed")
def zip_with_a_pdf_in_an_extra_field(world):
    """A whole PDF stands in the first local header: its reader shows another licence."""
    other = unsigned_pdf({}, b"(another licence) Tj")
    return _annotated(world.sound_ofd, extra=struct.pack("<2H", 0xBEEF, len(other)) + other)


@bad_licence(finds="ofd.zip.malformed")
def zip_with_the_comment_of_a_file(world):
    """The comment of one file carries bytes that no digest covers."""
    return _annotated(world.sound_ofd, comment=b"see https://verify.example/")


def _annotated(document, *, extra=b"", comment=b""):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in read_package(document).entries.items():
            entry = zipfile.ZipInfo(name)
            entry.extra, entry.comment = extra, comment
            archive.writestr(entry, content)
            extra = comment = b""
    return output.getvalue()


def _rewritten(document, *, extra=(), comment=b""):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*read_package(document).entries.items(), *extra):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return output.getvalue()


def _patched(document, position, replacement):
    return document[:position] + replacement + document[position + len(replacement) :]
