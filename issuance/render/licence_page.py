"""The face of a licence as a file: the door to this package.

The same composed page goes into both containers. The OFD leaves the seal's place empty,
for there the signature brings the picture; the PDF shows the picture on its page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from issuance.render.composition import compose
from issuance.render.items import ComposedLicence
from issuance.render.ofd_page import TEMPLATE_FILE, ofd_entries
from issuance.render.pdf_page import write_pdf
from issuance.render.seal_picture import SealImage
from issuance.render.seal_places import places
from issuance.render.subset import FontSubset, subset
from issuance.render.typefaces import face
from sealkit.formats.code.qr import qr_matrix
from sealkit.formats.ofd.container import Package, read_package, write_package
from sealkit.formats.ofd.signing import StampPlacement
from sealkit.record import LicenceRecord


@dataclass(frozen=True, slots=True)
class RenderedOFD:
    """An OFD package without seal, and where its seals belong."""

    document: bytes
    stamps: tuple[tuple[StampPlacement, ...], ...]
    """Of each seal, in their order."""

    @property
    def stamp(self) -> StampPlacement:
        """Where the first seal belongs on the first page."""
        return self.stamps[0][0]


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
    seal_sizes_mm: Sequence[tuple[int, int]] = ((42, 42),),
    seam: bool = False,
) -> RenderedOFD:
    """Draw the licence of `record` as OFD; `code_text` is what its QR code says.

    `seal_sizes_mm` are of the seals that will be applied, in their order; `seam` asks for
    stamps of the first over the edges of all pages, if there are several.

    Raises:
        UnknownLayoutError: for a kind without a layout.
        MissingGlyphError: for a character no typeface holds.
        TextDoesNotFitError: for a value that its place cannot hold.
    """
    composed = _composed(record, code_text, demonstration=demonstration)
    entries = ofd_entries(composed, subsets_of(composed), record)
    document = write_package(entries, source=_packed(entries[TEMPLATE_FILE]))
    return RenderedOFD(document, _stamps(composed, seal_sizes_mm, seam=seam))


def render_pdf(
    record: LicenceRecord,
    code_text: str,
    *,
    seal: SealImage,
    demonstration: bool,
    further: Sequence[SealImage] = (),
    seam: bool = False,
) -> RenderedPDF:
    """Draw the licence of `record` as PDF with the picture of `seal`, and of `further` ones.

    Raises:
        UnknownLayoutError, MissingGlyphError, TextDoesNotFitError: as `render_ofd`.
    """
    composed = _composed(record, code_text, demonstration=demonstration)
    images = (seal, *further)
    sizes = [(image.width_mm, image.height_mm) for image in images]
    first, *others = (
        [(image, stamp) for stamp in stamps]
        for image, stamps in zip(images, _stamps(composed, sizes, seam=seam), strict=True)
    )
    drawn = [*first[1:], *(entry for entries in others for entry in entries)]
    document = write_pdf(composed, subsets_of(composed), record, seal, drawn)
    return RenderedPDF(document, first[0][1])


@lru_cache(maxsize=2)  # both containers are written one after the other
def _composed(record: LicenceRecord, code_text: str, *, demonstration: bool) -> ComposedLicence:
    return compose(record, qr_matrix(code_text), demonstration=demonstration)


def subsets_of(composed: ComposedLicence) -> dict[str, FontSubset]:
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


def _stamps(
    composed: ComposedLicence, sizes_mm: Sequence[tuple[int, int]], *, seam: bool
) -> tuple[tuple[StampPlacement, ...], ...]:
    return places(
        composed.seal_centre,
        sizes_mm,
        page=(composed.width, composed.height),
        pages=len(composed.pages),
        seam_seal=seam,
    )
