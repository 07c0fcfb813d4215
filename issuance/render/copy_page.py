"""An annotated copy of a licence as PDF: its page with the words over it, and the note inside.

The licence's record and its code stay out: a copy is no licence, and must not be taken for one.
"""

from dataclasses import replace

from issuance.render.annotation import Annotation, watermark
from issuance.render.composition import compose
from issuance.render.items import Page, Shape
from issuance.render.licence_page import subsets_of
from issuance.render.pdf_page import Inside, write_pdf
from issuance.render.seal_picture import SealImage
from sealkit.copy_note import COPY_NAME, CopyNote
from sealkit.record import LicenceRecord


def render_copy(
    record: LicenceRecord,
    note: CopyNote,
    annotation: Annotation,
    *,
    seal: SealImage,
    demonstration: bool,
) -> bytes:
    """Draw the annotated copy of `record`, unsigned; `seal` as it stands on the original.

    Raises:
        MissingGlyphError, TextDoesNotFitError: if purpose or recipient cannot be printed.
        LayoutError: for a kind whose page cannot be drawn.
    """
    composed = compose(record, (), demonstration=demonstration, annotation=annotation)
    over = watermark(annotation, composed.width, composed.height)
    composed = replace(
        composed,
        title=f"{composed.title}（加注件）",
        pages=tuple(_covered(page, over) for page in composed.pages),
    )
    inside = Inside(COPY_NAME, note.to_json(), note.copy_id)
    return write_pdf(composed, subsets_of(composed), record, seal, inside=inside)


def _covered(page: Page, over: tuple[Shape, ...]) -> Page:
    return replace(page, over=over)
