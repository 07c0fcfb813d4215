"""How the page of a kind without a layout of its own is arranged (`[face]`).

Everything has a default, so that a new kind needs no such table at all: title, number and
code at the top, the fields in their order as rows of label and value, a photograph to their
right, issuer, date and seal at the foot (`issuance.render.derived`).
"""

from typing import Literal

from pydantic import Field

from issuance.kind_parts import Name, Part

Theme = Literal["gold", "red", "green", "blue"]


class Face(Part):
    """Arrangement and colour of a derived page."""

    theme: Theme = "gold"
    statement: str | None = Field(default=None, max_length=200)
    """A sentence between title and rows, such as what law the licence is granted under."""
    rows: tuple[tuple[Name, ...], ...] = ()
    """Fields that share a line, one entry for each line; without any, by their lengths."""
    authority: Name | None = None
    """Field printed over the seal; otherwise the issuer's name."""
    dated: Name | None = None
    """Field printed as the date under it; otherwise the day of issue."""
    unprinted: tuple[Name, ...] = ()
    """Fields that the record has and the page does not show."""
    note_zh: str | None = Field(default=None, max_length=200)
    """A sentence at the foot, such as when the licence is to be inspected."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that are named."""
        named = (*(name for row in self.rows for name in row), self.authority, self.dated)
        return (*(name for name in named if name), *self.unprinted)
