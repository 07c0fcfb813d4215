"""The face of a licence as a file: the door to this package.

The same composed page goes into both containers. The OFD leaves the seal's place empty,
for there the signature brings the picture; the PDF shows the picture on its page.
"""

from dataclasses import dataclass
from functools import lru_cache

from issuance.render.composition import compose
from issuance.render.items import ComposedLicence
from issuance.render.ofd_page import TEMPLATE_FILE, ofd_entries
from issuance.render.pdf_page import write_pdf
from issuance.render.seal_picture import SealImage
from issuance.render.subset import FontSubset, subset
from issuance.render.typefaces import face
from sealkit.formats.code.qr import qr_matrix
from sealkit.formats.ofd.container import Package, read_package, write_package
from sealkit.formats.ofd.signing import StampPlacement
from sealkit.record import LicenceRecord


@dataclass(frozen=True, slots=True)
class RenderedOFD:
    """An OFD package without seal, and where its seal belongs."""

    document: bytes
    stamp: StampPlacement


@dataclass(frozen=True, slots=True)
class RenderedPDF:
    """A PDF without signature, the seal's picture on its first page."""

    document: bytes
    stamp: StampPlacement
    """Where the picture stands; millimetres from the top left, as in OFD."""


def render_ofd(
    record: LicenceRecord,
    code_text: str,
    *,
    demonstration: bool,
    seal_size_mm: tuple[int, int] = (42, 42),
) -> RenderedOFD:
    """Draw the licence of `record` as OFD; `code_text` is what its QR code says.

    Raises:
        UnknownLayoutError: for a kind without a layout.
        MissingGlyphError: for a character no typeface holds.
        TextDoesNotFitError: for a value that its place cannot hold.
    """
    composed = _composed(record, code_text, demonstration=demonstration)
    entries = ofd_entries(composed, _fonts(composed), record)
    document = write_package(entries, source=_packed(entries[TEMPLATE_FILE]))
    return RenderedOFD(document, _stamp(composed, seal_size_mm))


def render_pdf(
    record: LicenceRecord, code_text: str, *, seal: SealImage, demonstration: bool
) -> RenderedPDF:
    """Draw the licence of `record` as PDF with the picture of `seal`.

    Raises:
        UnknownLayoutError, MissingGlyphError, TextDoesNotFitError: as `render_ofd`.
    """
    composed = _composed(record, code_text, demonstration=demonstration)
    document = write_pdf(composed, _fonts(composed), record, seal)
    return RenderedPDF(document, _stamp(composed, (seal.width_mm, seal.height_mm)))


@lru_cache(maxsize=2)  # both containers are written one after the other
def _composed(record: LicenceRecord, code_text: str, *, demonstration: bool) -> ComposedLicence:
    return compose(record, qr_matrix(code_text), demonstration=demonstration)


def _fonts(composed: ComposedLicence) -> dict[str, FontSubset]:
    """Return a subset of each face used, in the order of the faces' names."""
    characters: dict[str, set[str]] = {}
    for page in composed.pages:
        for run in page.runs:
            characters.setdefault(run.face, set()).update(run.text)
    return {name: subset(face(name), characters[name]) for name in sorted(characters)}


@lru_cache(maxsize=64)
def _packed(template: bytes) -> Package:
    """Return the template page as packed once; it is the same in all licences of a kind."""
    archive = read_package(write_package({TEMPLATE_FILE: template}))
    return Package({TEMPLATE_FILE: template}, archive.packed)


def _stamp(composed: ComposedLicence, size_mm: tuple[int, int]) -> StampPlacement:
    x, y = composed.seal_centre
    width, height = size_mm
    return StampPlacement(0, x - width / 2, y - height / 2, float(width), float(height))
