"""A two-page OFD without a seal, every part of it open to change.

`licence_entries` is sound: it has a font, an image, a template, custom data, an attachment
and a tag. A test replaces text in one entry and sees what is said of it.
"""

import struct
import zlib
from datetime import UTC, datetime

from sealkit.asn1.ses import SealInfo, SealPicture
from sealkit.formats.ofd.seam import StampPlacement

AT = datetime(2026, 11, 23, 8, 30, 15, tzinfo=UTC)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = "http://www.ofdspec.org/2016"
STAMP = StampPlacement(0, 130.0, 200.5, 40.0, 40.0)
RECORD = '{"name":"营业执照"}'.encode()
FONT = b"\x00\x01\x00\x00" + bytes(2000)
ROOT, DOCUMENT = "OFD.xml", "Doc_0/Document.xml"
PAGE_0, PAGE_1 = (f"Doc_0/Pages/Page_{number}/Content.xml" for number in (0, 1))
TEMPLATE = "Doc_0/Tpls/Tpl_0/Content.xml"
FONT_FILE, IMAGE_FILE = "Doc_0/Res/font.ttf", "Doc_0/Res/code.png"
SIGNS = "Doc_0/Signs"
LISTING = f"{SIGNS}/Signatures.xml"
SIGNATURE, VALUE, SEAL_FILE = (
    f"{SIGNS}/Sign_0/{name}" for name in ("Signature.xml", "SignedValue.dat", "Seal.esl")
)


def chunk(kind, content):
    packed = struct.pack(">L", len(content)) + kind + content
    return packed + struct.pack(">L", zlib.crc32(kind + content))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">2L5B", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)


def document_of(name, body, attributes=""):
    return f'{HEAD}<ofd:{name} xmlns:ofd="{NAMESPACE}"{attributes}>{body}</ofd:{name}>'.encode()


def text_object(number, text, *, deltas=None):
    deltas = deltas if deltas is not None else f"g {len(text) - 1} 4.2"
    return (
        f'<ofd:TextObject ID="{number}" Boundary="20 {number} 100 6" Font="2" Size="4.2">'
        f'<ofd:TextCode X="0" Y="4" DeltaX="{deltas}">{text}</ofd:TextCode></ofd:TextObject>'
    )


def page(layer, *objects, template=True):
    used = '<ofd:Template TemplateID="4" ZOrder="Background"/>' if template else ""
    return document_of(
        "Page",
        f'{used}<ofd:Content><ofd:Layer ID="{layer}">{"".join(objects)}</ofd:Layer></ofd:Content>',
    )


def licence_entries():
    """Return the entries of a sound document."""
    image = '<ofd:ImageObject ID="30" Boundary="1 1 9 9" CTM="9 0 0 9 0 0" ResourceID="3"/>'
    path = (
        '<ofd:PathObject ID="41" Boundary="0 0 210 297">'
        "<ofd:AbbreviatedData>M 0 0 L 9 9</ofd:AbbreviatedData></ofd:PathObject>"
    )
    return {
        ROOT: document_of("OFD", _body(), ' Version="1.1" DocType="OFD"'),
        DOCUMENT: document_of("Document", _document()),
        "Doc_0/PublicRes.xml": document_of("Res", _fonts(), ' BaseLoc="Res"'),
        "Doc_0/DocumentRes.xml": document_of("Res", _images(), ' BaseLoc="/Doc_0/Res"'),
        TEMPLATE: page(40, path, template=False),
        PAGE_0: page(11, text_object(20, "营业"), text_object(21, "执照"), image),
        PAGE_1: page(12, text_object(22, "副本")),
        FONT_FILE: FONT,
        IMAGE_FILE: PNG,
        "Doc_0/Attachs/Attachments.xml": document_of("Attachments", _attachment()),
        "Doc_0/Attachs/licence.json": RECORD,
        "Doc_0/Tags/CustomTags.xml": document_of("CustomTags", _tag_list()),
        "Doc_0/Tags/CustomTag.xml": _tags(),
    }


def replaced(entries, name, old, new):
    """Return `entries` with text replaced in one of them; the text has to be there."""
    content = entries[name]
    old, new = (part.encode() if isinstance(part, str) else part for part in (old, new))
    assert old in content
    return {**entries, name: content.replace(old, new, 1)}


def seal_info(certificate):
    return SealInfo(
        seal_id="65000020261123",
        name="测试市场监督管理局电子证照专用章",
        type=4,
        vendor_id="YINXIN",
        certificates=(certificate,),
        created_at=datetime(2026, 6, 1, tzinfo=UTC),
        valid_from=datetime(2026, 6, 1, tzinfo=UTC),
        valid_until=datetime(2030, 6, 1, tzinfo=UTC),
        picture=SealPicture("PNG", PNG, 40, 40),
    )


def _body():
    return (
        f"<ofd:DocBody><ofd:DocInfo><ofd:DocID>{'0a' * 16}</ofd:DocID>"
        "<ofd:CreationDate>2026-11-23</ofd:CreationDate><ofd:CustomDatas>"
        '<ofd:CustomData Name="ZZMC">营业执照</ofd:CustomData>'
        '<ofd:CustomData Name="ZZBH"> 65 </ofd:CustomData></ofd:CustomDatas></ofd:DocInfo>'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    )


def _document():
    return (
        "<ofd:CommonData><ofd:MaxUnitID>50</ofd:MaxUnitID>"
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
        "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
        '<ofd:TemplatePage ID="4" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>'
        '<ofd:Pages><ofd:Page ID="9" BaseLoc="Pages/Page_0/Content.xml"/>'
        '<ofd:Page ID="10" BaseLoc="Pages/Page_1/Content.xml"/></ofd:Pages>'
        "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
        "<ofd:Attachments>/Doc_0/Attachs/Attachments.xml</ofd:Attachments>"
    )


def _fonts():
    return (
        '<ofd:Fonts><ofd:Font ID="2" FontName="Song"><ofd:FontFile>font.ttf</ofd:FontFile>'
        '</ofd:Font><ofd:Font ID="5" FontName="宋体"/></ofd:Fonts>'
    )


def _images():
    return (
        '<ofd:MultiMedias><ofd:MultiMedia ID="3" Type="Image">'
        "<ofd:MediaFile>code.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>"
    )


def _attachment():
    return (
        f'<ofd:Attachment ID="50" Name="licence.json" Size="{len(RECORD) / 1024:.3f}">'
        "<ofd:FileLoc>licence.json</ofd:FileLoc></ofd:Attachment>"
    )


def _tag_list():
    return (
        '<ofd:CustomTag TypeID="licence"><ofd:FileLoc>CustomTag.xml</ofd:FileLoc></ofd:CustomTag>'
    )


def _tags():
    return (
        f'{HEAD}<t:Licence xmlns:t="urn:test:tags" xmlns:ofd="{NAMESPACE}"><t:ZZMC>'
        '<ofd:ObjectRef PageRef="9">20</ofd:ObjectRef><ofd:ObjectRef PageRef="9">21'
        "</ofd:ObjectRef></t:ZZMC></t:Licence>"
    ).encode()
