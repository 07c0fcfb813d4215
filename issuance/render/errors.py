"""Errors of rendering.

* RenderError (an IssuanceError)
  - MissingGlyphError      a character that none of our typefaces holds
  - TextDoesNotFitError    a text too long for its place at the smallest size allowed
  - LayoutError            a layout file that cannot be drawn
  - UnknownLayoutError     a kind without a layout
  - PictureNotDrawnError   a picture field whose value is no picture as the register keeps them
"""

from issuance.errors import IssuanceError


class RenderError(IssuanceError):
    """Any refusal to draw."""

    code = "issuance.render"


class MissingGlyphError(RenderError):
    """A character that none of our typefaces holds; a box is never printed for it."""

    code = "issuance.render.missing_glyph"

    def __init__(self, character: str, place: str) -> None:
        self.character = character
        self.place = place
        self.shown = f"U+{ord(character):04X}"
        """The character's code point, and itself where screens may show it."""
        if character.isprintable():
            self.shown += f" {character}"
        super().__init__(f"no glyph for {self.shown} in {place}")


class TextDoesNotFitError(RenderError):
    """A text too long for its place at the smallest size the layout allows."""

    code = "issuance.render.text_too_long"

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"text is too long for its place on the page: {place}")


class LayoutError(RenderError):
    """A layout file with a mistake in it."""

    code = "issuance.render.layout"


class UnknownLayoutError(RenderError):
    """A kind for which no layout file exists."""

    code = "issuance.render.unknown_layout"


class PictureNotDrawnError(RenderError):
    """A picture field whose value is no picture as the register keeps them."""

    code = "issuance.render.picture"

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"{place} is no picture as the register keeps them")
