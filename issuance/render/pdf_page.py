"""Writing a composed licence as PDF.

The page shows the seal's picture, for here it is part of the page; the signature that
sealing adds covers it. The record travels as the embedded file `licence.json`. Dates in the
file are the licence's own: nothing here knows what time it is.
"""

from typing import Final
from xml.sax.saxutils import escape

from issuance.render.items import ComposedLicence, Page, Picture
from issuance.render.numbers import fixed
from issuance.render.pdf_content import background_content, page_content
from issuance.render.pdf_file import PDFFile, text_string
from issuance.render.pdf_fonts import embed_font
from issuance.render.pdf_picture import embed_jpeg, embed_picture
from issuance.render.seal_picture import SealImage
from issuance.render.subset import FontSubset
from issuance.render.typefaces import face
from sealkit.record import LicenceRecord

POINTS: Final = 72 / 25.4
"""Points in a millimetre."""
PRODUCER: Final = "Yinxin"
ATTACHMENT: Final = "licence.json"


def write_pdf(
    composed: ComposedLicence,
    fonts: dict[str, FontSubset],
    record: LicenceRecord,
    seal: SealImage | None,
) -> bytes:
    """Return the PDF of a composed licence, unsigned.

    `fonts` maps the name of each face that the pages use to its subset.
    """
    file = PDFFile()
    tree = file.reserve()
    resources = _resources(file, composed, fonts, seal)
    kids = [
        _page(file, composed, page, fonts, resources, tree, seal if number == 0 else None)
        for number, page in enumerate(composed.pages)
    ]
    file.fill(tree, f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>")
    attachment = _attachment(file, record)
    metadata = file.add_packed_stream("/Type /Metadata /Subtype /XML", _xmp(composed, record))
    root = file.add(
        f"<< /Type /Catalog /Pages {tree} /Metadata {metadata} /Lang (zh-CN) "
        f"/Names << /EmbeddedFiles << /Names [({ATTACHMENT}) {attachment}] >> >> "
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
    seal: SealImage | None,
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
    if seal:
        objects += f" /Seal {embed_picture(file, seal.png)}"
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
    seal: SealImage | None,
) -> str:
    height = fixed(composed.height * POINTS)
    lines = [f"q {fixed(POINTS, 6)} 0 0 -{fixed(POINTS, 6)} 0 {height} cm", "/Background Do"]
    lines += page_content(page, fonts, _font_name)
    lines += (_drawn_picture(picture) for picture in page.pictures)
    if seal:
        x, y = composed.seal_centre
        left, bottom = x - seal.width_mm / 2, y + seal.height_mm / 2
        lines.append(
            f"q /Multiply gs {fixed(seal.width_mm)} 0 0 -{fixed(seal.height_mm)} "
            f"{fixed(left)} {fixed(bottom)} cm /Seal Do Q"
        )
    lines.append("Q")
    content = file.add_stream("", "\n".join(lines).encode("ascii"))
    return file.add(
        f"<< /Type /Page /Parent {tree} /MediaBox [0 0 {fixed(composed.width * POINTS)} {height}] "
        f"/Resources {resources} /Contents {content} "
        "/Group << /Type /Group /S /Transparency /CS /DeviceRGB >> >>"
    )


def _attachment(file: PDFFile, record: LicenceRecord) -> str:
    document = record.to_json()
    stream = file.add_stream(
        f"/Type /EmbeddedFile /Subtype /application#2Fjson /Params << /Size {len(document)} "
        f"/ModDate ({_pdf_date(record)}) >>",
        document,
    )
    return file.add(
        f"<< /Type /Filespec /F ({ATTACHMENT}) /UF {text_string(ATTACHMENT)} "
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


def _font_name(name: str) -> str:
    return name.replace("-", "").capitalize()


def _pdf_date(record: LicenceRecord) -> str:
    """Return the day of issue, which is Beijing time, as a PDF date (7.9.4)."""
    return f"D:{record.issued_on.replace('-', '')}000000+08'00'"


def _xmp(composed: ComposedLicence, record: LicenceRecord) -> bytes:
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
        f"<dc:identifier>{escape(record.identifier)}</dc:identifier>"
        f"<xmp:CreateDate>{record.issued_on}T00:00:00+08:00</xmp:CreateDate>"
        f"<pdf:Producer>{PRODUCER}</pdf:Producer>"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    ).encode()
