"""A one-page OFD licence, small and plain, every part of it open to spoiling."""

from datetime import timedelta
from xml.sax.saxutils import escape

from sealkit.asn1.ses import SealInfo, SealPicture, build_seal, build_signature
from sealkit.formats.ofd.container import read_package, write_package
from sealkit.formats.ofd.signing import StampPlacement, seal_package
from sealkit.record import printed_form
from sealkit.sm import sm3
from tests.conformance.instants import AT, SIGNED

NAMESPACE = "http://www.ofdspec.org/2016"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
STAMP = StampPlacement(0, 120, 200, 40, 40)
PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99"
    b"=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def visible_fields(record):
    """Short name → printed text, as a plain layout would print them."""
    return {name: printed_form(value) for name, value in record.metadata().items()}


def unsealed(record, *, attachments=None, metadata=None, printed=None, extra=None, root_extra=""):
    """Return the entries of an unsealed OFD of `record`."""
    attachments = attachments if attachments is not None else {"licence.json": record.to_json()}
    metadata = metadata if metadata is not None else record.metadata()
    printed = printed if printed is not None else visible_fields(record)
    objects = {name: 100 + number for number, name in enumerate(printed)}
    entries = {
        "OFD.xml": _root(metadata, root_extra),
        "Doc_0/Document.xml": _document(),
        "Doc_0/PublicRes.xml": _fonts(),
        "Doc_0/Pages/Page_0/Content.xml": _page(printed, objects),
        "Doc_0/Attachs/Attachments.xml": _attachments(attachments),
        "Doc_0/Tags/CustomTags.xml": _tag_list(),
        "Doc_0/Tags/CustomTag.xml": _tags(objects),
    }
    for number, content in enumerate(attachments.values()):
        entries[f"Doc_0/Attachs/file_{number}"] = content
    return entries | (extra or {})


def make_seal(world, *, certificates=None, maker=None, since=None, until=None, seal_id="DZYZ0001"):
    """Return a seal of the market department, DER."""
    if certificates is None:
        certificates = (world.der("seal_signer_market"),)
    info = SealInfo(
        seal_id=seal_id,
        name="示例市市场监督管理局电子证照专用章",
        type=4,
        vendor_id="YINXIN",
        certificates=certificates,
        created_at=SIGNED - timedelta(days=30),
        valid_from=since or SIGNED - timedelta(days=30),
        valid_until=until or AT + timedelta(days=700),
        picture=SealPicture("PNG", PICTURE, 40, 40),
    )
    return build_seal(info, maker or world.signer("seal_maker"))


def sealed(world, entries, *, seal=None, signer=None, at=None, timestamp="own", lock=False):
    """Return `entries` as a package with one more seal."""
    at = at or SIGNED
    document = entries if isinstance(entries, bytes) else write_package(entries)
    return seal_package(
        document,
        seal_der=seal or make_seal(world),
        signer=signer or world.signer("seal_signer_market"),
        at=at,
        stamp=STAMP,
        timestamp=world.timestamp(at) if timestamp == "own" else timestamp,
        lock=lock,
    )


def resigned(
    world,
    document,
    *,
    describe=lambda xml: xml,
    property_info="/Doc_0/Signs/Sign_0/Signature.xml",
    seal=None,
    signer=None,
    at=None,
    timestamp="own",
):
    """Return the package signed anew over a Signature.xml that `describe` rewrote."""
    entries = dict(read_package(document).entries)
    at = at or SIGNED
    xml = describe(entries["Doc_0/Signs/Sign_0/Signature.xml"])
    entries["Doc_0/Signs/Sign_0/Signature.xml"] = xml
    entries["Doc_0/Signs/Sign_0/SignedValue.dat"] = build_signature(
        seal_der=seal or entries["Doc_0/Signs/Sign_0/Seal.esl"],
        at=at,
        data_hash=sm3.digest(xml),
        property_info=property_info,
        signer=signer or world.signer("seal_signer_market"),
        timestamp=world.timestamp(at) if timestamp == "own" else timestamp,
    )
    return write_package(entries)


def changed(document, **changes):
    """Return the package with entries replaced, added, or (None) left out.

    Keyword names stand for the ends of entry names, dots written as two underscores.
    """
    entries = dict(read_package(document).entries)
    for ending, content in changes.items():
        ending = ending.replace("__", ".")
        name = next((name for name in entries if name.endswith(ending)), ending)
        if content is None:
            del entries[name]
        else:
            entries[name] = content(entries[name]) if callable(content) else content
    return write_package(entries)


def entry(document, ending):
    """Return the content of the entry whose name ends so."""
    return next(
        content for name, content in read_package(document).entries.items() if name.endswith(ending)
    )


def _root(metadata, extra):
    data = "".join(
        f'<ofd:CustomData Name="{name}">{escape(value)}</ofd:CustomData>'
        for name, value in metadata.items()
    )
    return (
        f'{HEAD}<ofd:OFD xmlns:ofd="{NAMESPACE}" Version="1.0" DocType="OFD"><ofd:DocBody>'
        f"<ofd:DocInfo><ofd:DocID>{'0a' * 16}</ofd:DocID>"
        f"<ofd:CreationDate>2026-11-02</ofd:CreationDate>"
        f"<ofd:CustomDatas>{data}</ofd:CustomDatas></ofd:DocInfo>"
        f"<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>{extra}</ofd:OFD>"
    ).encode()


def _document():
    return (
        f'{HEAD}<ofd:Document xmlns:ofd="{NAMESPACE}"><ofd:CommonData>'
        "<ofd:MaxUnitID>999</ofd:MaxUnitID><ofd:PageArea>"
        "<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
        '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
        "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
        "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>"
    ).encode()


def _fonts():
    return (
        f'{HEAD}<ofd:Res xmlns:ofd="{NAMESPACE}" BaseLoc=""><ofd:Fonts>'
        '<ofd:Font ID="3" FontName="宋体"/></ofd:Fonts></ofd:Res>'
    ).encode()


def _page(printed, objects):
    lines = "".join(
        f'<ofd:TextObject ID="{objects[name]}" Boundary="20 {20 + 8 * row} 170 7" Font="3" '
        f'Size="4"><ofd:TextCode X="0" Y="5"{_advances(text)}>{escape(text)}</ofd:TextCode>'
        "</ofd:TextObject>"
        for row, (name, text) in enumerate(printed.items())
    )
    return (
        f'{HEAD}<ofd:Page xmlns:ofd="{NAMESPACE}"><ofd:Content><ofd:Layer ID="2" Type="Body">'
        f"{lines}</ofd:Layer></ofd:Content></ofd:Page>"
    ).encode()


def _advances(text):
    return f' DeltaX="g {len(text) - 1} 4"' if len(text) > 1 else ""


def _attachments(attachments):
    rows = "".join(
        f'<ofd:Attachment ID="{900 + number}" Name="{name}" Size="{len(content) / 1024:.3f}">'
        f"<ofd:FileLoc>file_{number}</ofd:FileLoc></ofd:Attachment>"
        for number, (name, content) in enumerate(attachments.items())
    )
    return f'{HEAD}<ofd:Attachments xmlns:ofd="{NAMESPACE}">{rows}</ofd:Attachments>'.encode()


def _tag_list():
    return (
        f'{HEAD}<ofd:CustomTags xmlns:ofd="{NAMESPACE}"><ofd:CustomTag TypeID="licence">'
        "<ofd:FileLoc>CustomTag.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>"
    ).encode()


def _tags(objects):
    rows = "".join(
        f'<t:{name}><ofd:ObjectRef PageRef="1">{number}</ofd:ObjectRef></t:{name}>'
        for name, number in objects.items()
    )
    return (
        f'{HEAD}<t:Licence xmlns:t="urn:yinxin:tags" xmlns:ofd="{NAMESPACE}">{rows}</t:Licence>'
    ).encode()
