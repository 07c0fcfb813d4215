"""Pictures on the page, such as a holder's photograph."""

from issuance.pictures import PictureError, kept_picture
from issuance.render.errors import PictureNotDrawnError
from issuance.render.items import Box, Picture
from issuance.render.layout import Layout
from sealkit.record import LicenceRecord


def placed_pictures(record: LicenceRecord, layout: Layout) -> tuple[Picture, ...]:
    """Return the pictures of `record`, each as large as its place allows, in the middle.

    Raises:
        PictureNotDrawnError: if a value is no picture as the register keeps them.
    """
    fields = {field.name: field for field in record.fields}
    placed = []
    for place in layout.picture:
        field = fields.get(place.field)
        if field is None:
            continue
        try:
            kept = kept_picture(field.value)
        except PictureError as error:
            raise PictureNotDrawnError(field.name) from error
        placed.append(Picture(kept.jpeg, kept.pixels, _within(place.box, kept.pixels), field.short))
    return tuple(placed)


def _within(box: Box, pixels: tuple[int, int]) -> Box:
    width, height = pixels
    scale = min(box.width / width, box.height / height)
    shown = (width * scale, height * scale)
    left, top = box.x + (box.width - shown[0]) / 2, box.y + (box.height - shown[1]) / 2
    return Box(left, top, *shown)
