"""Writing a composed licence as the entries of an OFD package (GB/T 33190).

One document, its ornament a template page, fonts embedded, the record's short names in
CustomDatas, the whole record as the attachment `licence.json`, and a custom tag file that
ties each printed field to its text objects. The objects of one field, read in order, are
its printed form; line feeds of the value are line ends on the page and appear nowhere.
"""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from issuance.render.items import Box, ComposedLicence, Page, Shape
from issuance.render.ofd_objects import box_text, image_object, path_object, text_object
from issuance.render.subset import FontSubset
from sealkit.record import LicenceRecord

NAMESPACE: Final = "http://www.ofdspec.org/2016"
TAG_NAMESPACE: Final = "urn:yinxin:licence-tags:1"
TAG_TYPE: Final = "yinxin-licence"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
CREATOR: Final = "Yinxin"
ATTACHMENT: Final = "licence.json"
TEMPLATE_ID: Final = 1
TEMPLATE_FILE: Final = "Doc_0/Tpls/Tpl_0/Content.xml"
BYTES_PER_KB: Final = 1024
FIRST_TEMPLATE_OBJECT: Final = 2


def ofd_entries(
    composed: ComposedLicence, fonts: dict[str, FontSubset], record: LicenceRecord
) -> dict[str, bytes]:
    """Return the package's files by name, before any seal.

    `fonts` maps the name of each face that the pages use to its subset.
    """
    template, next_number = _template(composed.background)
    numbers = _Numbers(next_number)
    font_numbers = {name: numbers.next() for name in fonts}
    pictures = [picture for page in composed.pages for picture in page.pictures]
    media = {picture.field: numbers.next() for picture in pictures}
    pages = [_page(page, numbers, font_numbers, media, fonts) for page in composed.pages]
    attachment_number = numbers.next()
    document = record.to_json()
    entries = {
        "OFD.xml": _root(composed, record),
        "Doc_0/Document.xml": _document(composed, pages, numbers.last, bool(pictures)),
        "Doc_0/PublicRes.xml": _resources(fonts, font_numbers),
        TEMPLATE_FILE: template,
        "Doc_0/Attachs/Attachments.xml": _attachments(attachment_number, document, record),
        f"Doc_0/Attachs/{ATTACHMENT}": document,
        "Doc_0/Tags/CustomTags.xml": _tag_list(),
        "Doc_0/Tags/CustomTag.xml": _tags(pages),
    }
    for index, page in enumerate(pages):
        entries[f"Doc_0/Pages/Page_{index}/Content.xml"] = page.content
    for font in fonts.values():
        entries[f"Doc_0/Res/{_font_file(font)}"] = font.program
    if pictures:
        entries["Doc_0/DocumentRes.xml"] = _media(media)
    for picture in pictures:
        entries[f"Doc_0/Res/{_picture_file(picture.field)}"] = picture.jpeg
    return entries


class _Numbers:
    """Identifiers of one document, each given once."""

    def __init__(self, first: int) -> None:
        self.last = first - 1

    def next(self) -> int:
        self.last += 1
        return self.last


class _WrittenPage:
    """A page's content file, its identifier, and the objects of each field on it."""

    def __init__(self, number: int, content: bytes, tied: list[tuple[str, int]]) -> None:
        self.number = number
        self.content = content
        self.tied = tied


@lru_cache(maxsize=64)
def _template(background: tuple[Shape, ...]) -> tuple[bytes, int]:
    """Return the template page and the first identifier it leaves free."""
    numbers = _Numbers(FIRST_TEMPLATE_OBJECT)
    layer = numbers.next()
    objects = "".join(path_object(shape, numbers.next(), digits=2) for shape in background)
    return _content(objects, layer, template=None), numbers.last + 1


def _page(
    page: Page,
    numbers: _Numbers,
    font_numbers: dict[str, int],
    media: dict[str, int],
    fonts: dict[str, FontSubset],
) -> _WrittenPage:
    number, layer = numbers.next(), numbers.next()
    objects = [path_object(shape, numbers.next()) for shape in page.shapes]
    objects += (image_object(p, numbers.next(), media[p.field]) for p in page.pictures)
    tied: list[tuple[str, int]] = []
    for run in page.runs:
        object_number = numbers.next()
        objects.append(
            text_object(run, object_number, font_numbers[run.face], fonts[run.face].glyphs)
        )
        if run.field:
            tied.append((run.field, object_number))
    return _WrittenPage(number, _content("".join(objects), layer, template=TEMPLATE_ID), tied)


def _content(objects: str, layer: int, *, template: int | None) -> bytes:
    reference = f'<ofd:Template TemplateID="{template}" ZOrder="Background"/>' if template else ""
    return _xml(
        "Page",
        f'{reference}<ofd:Content><ofd:Layer ID="{layer}" Type="Body">{objects}</ofd:Layer>'
        "</ofd:Content>",
    )


def _root(composed: ComposedLicence, record: LicenceRecord) -> bytes:
    identity = f"{record.identifier}#{record.edition}"
    data = "".join(
        f"<ofd:CustomData Name={quoteattr(name)}>{escape(value)}</ofd:CustomData>"
        for name, value in record.metadata().items()
    )
    information = "".join(
        f"<ofd:{name}>{escape(text)}</ofd:{name}>"
        for name, text in (
            ("DocID", hashlib.sha256(identity.encode()).hexdigest()[:32]),
            ("Title", composed.title),
            ("Author", record.issuer_name),
            ("Subject", record.number),
            ("CreationDate", record.issued_on),
            ("DocUsage", "Normal"),
            ("Creator", CREATOR),
        )
    )
    return _xml(
        "OFD",
        f"<ofd:DocBody><ofd:DocInfo>{information}<ofd:CustomDatas>{data}</ofd:CustomDatas>"
        "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>",
        ' Version="1.1" DocType="OFD"',
    )


def _document(
    composed: ComposedLicence, pages: list[_WrittenPage], last: int, has_pictures: bool
) -> bytes:
    sheet = box_text(Box(0, 0, composed.width, composed.height))
    resources = "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>" if has_pictures else ""
    listed = "".join(
        f'<ofd:Page ID="{page.number}" BaseLoc="Pages/Page_{index}/Content.xml"/>'
        for index, page in enumerate(pages)
    )
    return _xml(
        "Document",
        f"<ofd:CommonData><ofd:MaxUnitID>{last}</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>{sheet}</ofd:PhysicalBox></ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{resources}"
        f'<ofd:TemplatePage ID="{TEMPLATE_ID}" BaseLoc="Tpls/Tpl_0/Content.xml" '
        'ZOrder="Background"/></ofd:CommonData>'
        f"<ofd:Pages>{listed}</ofd:Pages>"
        "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
        "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>",
    )


def _resources(fonts: dict[str, FontSubset], numbers: dict[str, int]) -> bytes:
    listed = "".join(
        f'<ofd:Font ID="{numbers[name]}" FontName={quoteattr(_plain_name(font))} '
        f"FamilyName={quoteattr(_plain_name(font))}>"
        f"<ofd:FontFile>{_font_file(font)}</ofd:FontFile></ofd:Font>"
        for name, font in fonts.items()
    )
    return _xml("Res", f"<ofd:Fonts>{listed}</ofd:Fonts>", ' BaseLoc="Res"')


def _media(numbers: dict[str, int]) -> bytes:
    listed = "".join(
        f'<ofd:MultiMedia ID="{number}" Type="Image" Format="JPG">'
        f"<ofd:MediaFile>{_picture_file(field)}</ofd:MediaFile></ofd:MultiMedia>"
        for field, number in numbers.items()
    )
    return _xml("Res", f"<ofd:MultiMedias>{listed}</ofd:MultiMedias>", ' BaseLoc="Res"')


def _attachments(number: int, document: bytes, record: LicenceRecord) -> bytes:
    kilobytes = f"{len(document) / BYTES_PER_KB:.3f}"
    return _xml(
        "Attachments",
        f'<ofd:Attachment ID="{number}" Name="{ATTACHMENT}" Format="json" '
        f'CreationDate="{record.issued_on}T00:00:00" Size="{kilobytes}" Visible="false">'
        f"<ofd:FileLoc>{ATTACHMENT}</ofd:FileLoc></ofd:Attachment>",
    )


def _tag_list() -> bytes:
    return _xml(
        "CustomTags",
        f'<ofd:CustomTag TypeID="{TAG_TYPE}" NameSpace="{TAG_NAMESPACE}">'
        "<ofd:FileLoc>CustomTag.xml</ofd:FileLoc></ofd:CustomTag>",
    )


def _tags(pages: Iterable[_WrittenPage]) -> bytes:
    """Return the tag file: one element per field, named by its GB/T 36903 short name."""
    references: dict[str, list[str]] = {}
    for page in pages:
        for field, number in page.tied:
            references.setdefault(field, []).append(
                f'<ofd:ObjectRef PageRef="{page.number}">{number}</ofd:ObjectRef>'
            )
    body = "".join(_tag_elements(references))
    return (
        f'{DECLARATION}<yx:Licence xmlns:yx="{TAG_NAMESPACE}" xmlns:ofd="{NAMESPACE}">{body}'
        "</yx:Licence>"
    ).encode()


def _tag_elements(references: dict[str, list[str]]) -> Iterator[str]:
    for field, objects in references.items():
        yield f"<yx:{field}>{''.join(objects)}</yx:{field}>"


def _font_file(font: FontSubset) -> str:
    return f"{_plain_name(font)}.ttf"


def _picture_file(field: str) -> str:
    return f"{field}.jpg"


def _plain_name(font: FontSubset) -> str:
    return font.name.partition("+")[2]


def _xml(name: str, body: str, attributes: str = "") -> bytes:
    return (
        f'{DECLARATION}<ofd:{name} xmlns:ofd="{NAMESPACE}"{attributes}>{body}</ofd:{name}>'
    ).encode()
