"""Draw the pages of every kind as PNG, to be looked at.

    python -m tests.issuance.kinds.draw_pages DIRECTORY [KIND…]

Each page of the OFD is drawn by the reader of `tests/issuance/render/conftest.py` and resvg,
each of the PDF by PDFium; the seal stands on both as readers show it: the picture in its
size in millimetres, multiplied over the page. Side by side they make `<kind>.<page>.png`.
"""

import io
import sys
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops

from issuance.render.composition import compose
from issuance.render.ofd_page import ofd_entries
from issuance.render.pdf_page import write_pdf
from issuance.render.seal_picture import SealFace, draw_seal
from sealkit.formats.code.qr import qr_matrix
from tests.issuance.kinds.records import OFFICE, sample_record
from tests.issuance.kinds.samples import kind_names
from tests.issuance.render.conftest import CODE_TEXT, _picture, _svg, font_subsets

PIXELS_PER_MM = 4.0
SEAL = draw_seal(SealFace(OFFICE.name, OFFICE.seal_label))


def drawn(record):
    """Return for each page the picture of the OFD and that of the PDF."""
    composed = compose(record, qr_matrix(CODE_TEXT), demonstration=True)
    fonts = font_subsets(composed)
    entries = ofd_entries(composed, fonts, record)
    document = pypdfium2.PdfDocument(write_pdf(composed, fonts, record, SEAL))
    for number in range(len(composed.pages)):
        ofd = _picture(_svg(entries, number), PIXELS_PER_MM)
        if number == 0:
            ofd = _stamped(ofd, composed.seal_centre)
        pdf = document[number].render(scale=PIXELS_PER_MM / (72 / 25.4)).to_pil().convert("RGB")
        yield ofd, pdf.resize(ofd.size)


def _stamped(page, centre):
    """Return the page with the seal as a reader draws a stamp annotation of a signature."""
    width, height = (round(mm * PIXELS_PER_MM) for mm in (SEAL.width_mm, SEAL.height_mm))
    with Image.open(io.BytesIO(SEAL.png)) as picture:
        seal = picture.resize((width, height))
    over = Image.new("RGB", page.size, "white")
    left = round(centre[0] * PIXELS_PER_MM - width / 2)
    top = round(centre[1] * PIXELS_PER_MM - height / 2)
    over.paste(seal.convert("RGB"), (left, top), seal.getchannel("A"))
    return ImageChops.multiply(page, over)


def main(directory, names):
    """Write the pictures of the kinds named, or of all."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in names or kind_names():
        for number, (ofd, pdf) in enumerate(drawn(sample_record(name)), start=1):
            both = Image.new("RGB", (ofd.width + pdf.width, ofd.height))
            both.paste(ofd, (0, 0))
            both.paste(pdf, (ofd.width, 0))
            both.save(directory / f"{name}.{number}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
