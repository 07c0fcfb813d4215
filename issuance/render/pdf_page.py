"""Writing a composed licence as PDF.

The page shows the seal's picture, for here it is part of the page; the signature that
sealing adds covers it. The record travels as the embedded file `licence.json`. Dates in the
file are the licence's own: nothing here knows what time it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from issuance.render.items import ComposedLicence, Page, Picture
from issuance.render.numbers import fixed
from issuance.render.pdf_content import background_content, page_content, shape_content
from issuance.render.pdf_file import PDFFile, text_string
from issuance.render.pdf_fonts import embed_font
from issuance.render.pdf_picture import embed_jpeg, embed_picture
from issuance.render.seal_picture import SealImage
from issuance.render.subset import FontSubset
from issuance.render.typefaces import face
from sealkit.formats.ofd.seam import StampPlacement
from sealkit.record import LicenceRecord

Stamp = tuple[SealImage, StampPlacement]
"""A picture of a seal and where it stands, as in OFD."""
POINTS: Final = 72 / 25.4
"""Points in a millimetre."""
PRODUCER: Final = "Yinxin"
ATTACHMENT: Final = "licence.json"


@dataclass(frozen=True, slots=True)
class Inside:
    """What a PDF carries for machines."""

    name: str
    """Of the embedded file, ASCII."""
    document: bytes
    identifier: str
    """Of what the file is."""


def write_pdf(
    composed: ComposedLicence,
    fonts: dict[str, FontSubset],
    record: LicenceRecord,
    seal: SealImage | None,
    further: Sequence[Stamp] = (),
    *,
    inside: Inside | None = None,
) -> bytes:
    """Return the PDF of a composed licence, unsigned.

    `fonts` maps the name of each face that the pages use to its subset. `seal` stands where
    the layout says, `further` pictures of seals where they say themselves.
    `inside` is what the file carries instead of the licence's record.
    """
    inside = inside or Inside(ATTACHMENT, record.to_json(), record.identifier)
    file = PDFFile()
    tree = file.reserve()
    stamps = [*([(seal, _place(composed, seal))] if seal else []), *further]
    resources = _resources(file, composed, fonts, stamps)
    kids = [
        _page(file, composed, page, fonts, resources, tree, _drawn_stamps(stamps, number))
        for number, page in enumerate(composed.pages)
    ]
    file.fill(tree, f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>")
    attachment = _attachment(file, inside, record)
    xmp = _xmp(composed, record, inside.identifier)
    metadata = file.add_packed_stream("/Type /Metadata /Subtype /XML", xmp)
    root = file.add(
        f"<< /Type /Catalog /Pages {tree} /Metadata {metadata} /Lang (zh-CN) "
        f"/Names << /EmbeddedFiles << /Names [({inside.name}) {attachment}] >> >> "
        f"/AF [{attachment}] /ViewerPreferences << /DisplayDocTitle true >> >>"
    )
    information = file.add(
        f"<< /Title {text_string(composed.title)} /Author {text_string(record.issuer_name)} "
        f"/Subject {text_string(record.number)} /Producer ({PRODUCER}) "
        f"/CreationDate ({_pdf_date(record)}) >>"
    )
    return file.finish(root, information)


def _resources(
    file: PDFFile,
    composed: ComposedLicence,
    fonts: dict[str, FontSubset],
    stamps: Sequence[Stamp],
) -> str:
    names = " ".join(
        f"/{_font_name(name)} {embed_font(file, face(name), font)}" for name, font in fonts.items()
    )
    box = f"[0 0 {fixed(composed.width)} {fixed(composed.height)}]"
    background = file.add_packed_stream(
        f"/Type /XObject /Subtype /Form /BBox {box} /Filter /FlateDecode",
        background_content(composed.background),
    )
    objects = f"/Background {background}"
    for number, png in enumerate(_pictures(stamps)):
        objects += f" /{_seal_name(number)} {embed_picture(file, png)}"
    for page in composed.pages:
        for picture in page.pictures:
            objects += f" /{_picture_name(picture)} {embed_jpeg(file, picture)}"
    return file.add(
        f"<< /Font << {names} >> /XObject << {objects} >> "
        "/ExtGState << /Multiply << /Type /ExtGState /BM /Multiply >> >> >>"
    )


def _page(
    file: PDFFile,
    composed: ComposedLicence,
    page: Page,
    fonts: dict[str, FontSubset],
    resources: str,
    tree: str,
    stamps: list[str],
) -> str:
    height = fixed(composed.height * POINTS)
    lines = [f"q {fixed(POINTS, 6)} 0 0 -{fixed(POINTS, 6)} 0 {height} cm", "/Background Do"]
    lines += page_content(page, fonts, _font_name)
    lines += (_drawn_picture(picture) for picture in page.pictures)
    lines += stamps
    if page.over:
        lines += ["q /Multiply gs", *shape_content(page.over), "Q"]
    lines.append("Q")
    content = file.add_stream("", "\n".join(lines).encode("ascii"))
    return file.add(
        f"<< /Type /Page /Parent {tree} /MediaBox [0 0 {fixed(composed.width * POINTS)} {height}] "
        f"/Resources {resources} /Contents {content} "
        "/Group << /Type /Group /S /Transparency /CS /DeviceRGB >> >>"
    )


def _place(composed: ComposedLicence, seal: SealImage) -> StampPlacement:
    x, y = composed.seal_centre
    width, height = float(seal.width_mm), float(seal.height_mm)
    return StampPlacement(0, x - width / 2, y - height / 2, width, height)


def _pictures(stamps: Sequence[Stamp]) -> list[bytes]:
    """Return each picture once, in the order of first use."""
    return list(dict.fromkeys(image.png for image, _place in stamps))


def _drawn_stamps(stamps: Sequence[Stamp], page_index: int) -> list[str]:
    """Return what draws the stamps of one page, multiplied onto it and clipped as in OFD."""
    pictures = _pictures(stamps)
    drawn = []
    for image, place in stamps:
        if place.page_index != page_index:
            continue
        clip = ""
        if place.clip:
            x, y, width, height = place.clip
            box = map(fixed, (place.x_mm + x, place.y_mm + y, width, height))
            clip = f"{' '.join(box)} re W n "
        drawn.append(
            f"q /Multiply gs {clip}{fixed(place.width_mm)} 0 0 -{fixed(place.height_mm)} "
            f"{fixed(place.x_mm)} {fixed(place.y_mm + place.height_mm)} cm "
            f"/{_seal_name(pictures.index(image.png))} Do Q"
        )
    return drawn


def _attachment(file: PDFFile, inside: Inside, record: LicenceRecord) -> str:
    document = inside.document
    stream = file.add_stream(
        f"/Type /EmbeddedFile /Subtype /application#2Fjson /Params << /Size {len(document)} "
        f"/ModDate ({_pdf_date(record)}) >>",
        document,
    )
    return file.add(
        f"<< /Type /Filespec /F ({inside.name}) /UF {text_string(inside.name)} "
        f"/AFRelationship /Data /EF << /F {stream} /UF {stream} >> >>"
    )


def _drawn_picture(picture: Picture) -> str:
    box = picture.box
    return (
        f"q {fixed(box.width)} 0 0 -{fixed(box.height)} {fixed(box.x)} {fixed(box.bottom)} cm "
        f"/{_picture_name(picture)} Do Q"
    )


def _picture_name(picture: Picture) -> str:
    return f"Picture{picture.field.replace('_', '')}"


def _seal_name(number: int) -> str:
    return f"Seal{number or ''}"


def _font_name(name: str) -> str:
    return name.replace("-", "").capitalize()


def _pdf_date(record: LicenceRecord) -> str:
    """Return the day of issue, which is Beijing time, as a PDF date (7.9.4)."""
    return f"D:{record.issued_on.replace('-', '')}000000+08'00'"


def _xmp(composed: ComposedLicence, record: LicenceRecord, identifier: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(composed.title)}</rdf:li>'
        "</rdf:Alt></dc:title>"
        f"<dc:creator><rdf:Seq><rdf:li>{escape(record.issuer_name)}</rdf:li></rdf:Seq>"
        "</dc:creator>"
        f"<dc:identifier>{escape(identifier)}</dc:identifier>"
        f"<xmp:CreateDate>{record.issued_on}T00:00:00+08:00</xmp:CreateDate>"
        f"<pdf:Producer>{PRODUCER}</pdf:Producer>"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    ).encode()
