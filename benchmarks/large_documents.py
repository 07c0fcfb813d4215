"""Documents that try the memory of whoever verifies them: large honest ones, and traps."""

import re
from collections.abc import Mapping
from io import BytesIO
from random import Random
from types import MappingProxyType
from typing import Final

from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject, NameObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter

from benchmarks import material
from issuance.render.licence_page import render_ofd, render_pdf
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.pdf.cross_references import MAX_OBJECTS

MB: Final = 1024 * 1024
SIZE: Final = 5 * MB
_SEVEN_LETTERS: Final = bytes(b"abcdefg"[byte % 7] for byte in range(256))
_OBJECT: Final = (
    '<ofd:TextObject ID="{0}" Boundary="0 0 9 9" Font="24" Size="3">'
    '<ofd:TextCode X="0" Y="0">text</ofd:TextCode></ofd:TextObject>'
)
OBJECTS_A_PAGE: Final = 3_000
PAGES: Final = 4
VALUES: Final = 60_000


def ofd_with_attachment() -> bytes:
    """A licence with an attachment of 5 MB that does not compress."""
    return _ofd_with(_noise(SIZE))


def ofd_that_unfolds() -> bytes:
    """A licence of 5 MB with an attachment of 14 MB."""
    return _ofd_with(_noise(14 * MB).translate(_SEVEN_LETTERS))


def ofd_of_many_objects() -> bytes:
    """A licence of 5 MB with nearly as much XML in further pages as is read at all."""
    pages, listed, first = {}, "", 1000
    for number in range(1, PAGES + 1):
        listed += f'<ofd:Page ID="{first}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        pages[f"Doc_0/Pages/Page_{number}/Content.xml"] = _page_of_objects(first + 1)
        first += OBJECTS_A_PAGE + 2
    return _ofd_with(_noise(SIZE), pages, listed, first)


def zip_bomb() -> bytes:
    """A package with an entry of 256 MB of zeros in 256 KB, honestly listed."""
    return write_package({"OFD.xml": bytes(256 * MB)})


def pdf_with_attachment() -> bytes:
    """A licence with an attachment of 5 MB that does not compress."""
    return _pdf_with("plan.bin", _noise(SIZE))


def pdf_bomb() -> bytes:
    """A licence with an attachment of 200 MB of zeros."""
    return _pdf_with("plan.bin", bytes(200 * MB))


def pdf_of_many_objects() -> bytes:
    """A PDF of 5 MB with nearly as many objects as are read at all."""
    writer = PdfFileWriter(stream_xrefs=False)
    for _ in range(MAX_OBJECTS - 100):
        writer.add_object(ByteStringObject(bytes(90)))
    return _written(writer)


def pdf_of_many_values() -> bytes:
    """A PDF of 5 MB whose catalogue holds nearly as many values as are read at all."""
    writer = PdfFileWriter(stream_xrefs=False)
    names = (NameObject("/" + "A" * 84) for _ in range(VALUES))
    writer.root["/Names"] = ArrayObject(names)
    return _written(writer)


def _written(writer: PdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _ofd_with(
    attachment: bytes,
    pages: Mapping[str, bytes] = MappingProxyType({}),
    listed: str = "",
    highest_id: int = 999,
) -> bytes:
    page = render_ofd(material.record(), material.code(), demonstration=True)
    entries = dict(read_package(page.document).entries)
    added = (
        f'<ofd:Attachment ID="999" Name="plan.bin" Size="{len(attachment) / 1024:.3f}">'
        "<ofd:FileLoc>plan.bin</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
    )
    _change(entries, "Doc_0/Attachs/Attachments.xml", r"</ofd:Attachments>", added)
    _change(entries, "Doc_0/Document.xml", r"</ofd:Pages>", listed + "</ofd:Pages>")
    _change(entries, "Doc_0/Document.xml", r"(?<=<ofd:MaxUnitID>)\d+", str(highest_id))
    entries |= {"Doc_0/Attachs/plan.bin": attachment, **pages}
    return material.sealed(write_package(entries), page.stamp)


def _change(entries: dict[str, bytes], name: str, pattern: str, by: str) -> None:
    entries[name] = re.sub(pattern, by, entries[name].decode(), count=1).encode()


def _page_of_objects(first: int) -> bytes:
    objects = "".join(_OBJECT.format(first + 1 + number) for number in range(OBJECTS_A_PAGE))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content>'
        f'<ofd:Layer ID="{first}" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    ).encode()


def _pdf_with(name: str, attachment: bytes) -> bytes:
    page = render_pdf(
        material.record(), material.code(), seal=material.seal_image(), demonstration=True
    )
    writer = IncrementalPdfFileWriter(BytesIO(page.document))
    file = embed.EmbeddedFileObject.from_file_data(writer, attachment)
    embed.embed_file(writer, embed.FileSpec(name, file_name=name, embedded_data=file))
    output = BytesIO()
    writer.write(output)
    return material.signed(output.getvalue())


def _noise(count: int) -> bytes:
    return Random(5).randbytes(count)
