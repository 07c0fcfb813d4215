"""The layout language: how the face of one kind is described in `layouts/<kind>.toml`.

Lengths are millimetres from the top left corner, boxes `[x, y, width, height]`, colours
``"#rrggbb"``. A text is a template: ``{name}`` stands for the printed form of the record's
field of that name, or for one of `RECORD_NAMES`; ``{first|second}`` for the first of them
that has a value. Without any value, nothing is printed.

* `[page]` size, tint; `[ornament]` frame and rosette; `[styles.<name>]` typography.
* `[[panel]]` tinted or framed boxes, `[[rule]]` straight lines.
* `[[text]]` a template in a box. `[[field]]` a label and a template in a box.
* `[[table]]` rows of label and template between rules, heights by weight.
* `repeat = "holders"` prints a template once per holder, one line each, where ``{holder}``,
  ``{holder_code}`` and ``{holder_code_type}`` are that holder's.
* `flows = true` lets a long text go on on a continuation page, described by `[continuation]`.
* `only = "demonstration"` keeps a text off real licences, `only = "original"` off copies.
* `[[picture]]` the box of a picture field, such as a photograph.
* `[code]` the box of the two-dimensional code, `[seal]` the middle of the seal.

Mistakes in a file end in `LayoutError` with the file's name, when the layout is read.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from issuance.render.errors import LayoutError, UnknownLayoutError
from issuance.render.items import Box, Colour
from issuance.render.typesetting import Align, Style

DIRECTORY: Final = Path(__file__).parent / "layouts"
RECORD_NAMES: Final = frozenset(
    {"kind_name", "number", "identifier", "issuer_name", "issuer_code", "issued_on",
     "valid_from", "valid_until", "holder_names"}
)  # fmt: skip
HOLDER_NAMES: Final = frozenset({"holder", "holder_code", "holder_code_type"})
PLACEHOLDER: Final = re.compile(r"\{([a-z0-9_]+(?:\|[a-z0-9_]+)*)\}")
LAYOUT_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


def _box(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 4 and all(type(n) in (int, float) for n in value):
        if value[2] <= 0 or value[3] <= 0:
            raise ValueError("a box needs a positive width and height")
        return Box(*map(float, value))
    raise ValueError("a box is [x, y, width, height]")


def _colour(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"#[0-9a-f]{6}", value):
        return Colour(*bytes.fromhex(value[1:]))
    raise ValueError('a colour is "#rrggbb", in small letters')


BoxField = Annotated[Any, BeforeValidator(_box)]
ColourField = Annotated[Any, BeforeValidator(_colour)]
FaceName = Literal["song", "song-bold", "kai", "naskh"]
Length = Annotated[float, Field(gt=0, le=2000)]


class Part(BaseModel):
    """Anything written in a layout file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PageSize(Part):
    """The sheet and its tint."""

    width: Length
    height: Length
    tint: ColourField


class Ornament(Part):
    """The frame and the fine lines under the text; own drawing, no emblem."""

    frame: ColourField
    fine: ColourField
    margin: Length = 8.0
    band: Length = 8.0
    """Width of the braided band."""
    rosettes: tuple[tuple[float, float, float], ...] = ()
    """Middle and radius of each rosette under the text."""


class StyleEntry(Part):
    """Typography by name; see `typesetting.Style`."""

    face: FaceName
    latin: FaceName | None = None
    """Face of ASCII characters, where it is not the same."""
    size: Length
    min_size: Length | None = None
    leading: float = Field(default=1.45, ge=1.0, le=4.0)
    colour: ColourField
    align: Align = "left"
    valign: Literal["top", "middle", "bottom"] = "top"

    def style(self) -> Style:
        """Return the style as the typesetter wants it."""
        smallest = self.size if self.min_size is None else min(self.min_size, self.size)
        return Style(
            self.face,
            self.latin or self.face,
            self.size,
            smallest,
            self.leading,
            self.colour,
            self.align,
            self.valign,
        )


class Panel(Part):
    """A box that is tinted, framed or both, under the text."""

    box: BoxField
    fill: ColourField | None = None
    stroke: ColourField | None = None
    line_width: Length = 0.25


class Rule(Part):
    """A straight line."""

    start: tuple[float, float]
    end: tuple[float, float]
    stroke: ColourField
    line_width: Length = 0.25


class Content(Part):
    """A template with what becomes of it."""

    text: str
    style: str
    repeat: Literal["holders"] | None = None
    flows: bool = False
    only: Literal["demonstration", "original"] | None = None

    @property
    def names(self) -> frozenset[str]:
        """Return the names this template refers to."""
        found = PLACEHOLDER.findall(self.text)
        return frozenset(name for names in found for name in names.split("|"))


class Text(Content):
    """A template in a box."""

    box: BoxField


class LabelledField(Content):
    """A label, and a template to its right in the same box."""

    box: BoxField
    label: str
    label_style: str
    label_width: Length
    gap: float = Field(default=4.0, ge=0)
    """White between label and value, part of neither."""


class Row(Content):
    """One row of a table."""

    label: str
    weight: float = Field(default=1.0, gt=0)


class Table(Part):
    """Rows of label and value between rules; heights share the box by weight."""

    box: BoxField
    label_style: str
    label_width: Length
    stroke: ColourField
    line_width: Length = 0.2
    padding: Length = 1.6
    row: tuple[Row, ...] = Field(min_length=1)


class PicturePlace(Part):
    """Where a picture field stands: as large as fits, in the middle; empty without one."""

    box: BoxField
    field: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")


class Code(Part):
    """Where the two-dimensional code stands; its quiet zone is inside the box."""

    box: BoxField


class Seal(Part):
    """Where the middle of the seal falls."""

    centre: tuple[float, float]


class Continuation(Part):
    """The page on which long texts go on (附页)."""

    title: str
    title_style: str
    title_box: BoxField
    label_style: str
    style: str
    box: BoxField
    marker: str
    """Printed where a text breaks off on the first page."""
    marker_style: str


class Layout(Part):
    """The face of one kind."""

    page: PageSize
    ornament: Ornament
    styles: dict[str, StyleEntry]
    panel: tuple[Panel, ...] = ()
    rule: tuple[Rule, ...] = ()
    text: tuple[Text, ...] = ()
    field: tuple[LabelledField, ...] = ()
    table: tuple[Table, ...] = ()
    picture: tuple[PicturePlace, ...] = ()
    code: Code
    seal: Seal
    continuation: Continuation

    @property
    def contents(self) -> tuple[Content, ...]:
        """Return everything that prints a template."""
        rows = (row for table in self.table for row in table.row)
        return (*self.text, *self.field, *rows)

    @property
    def field_names(self) -> frozenset[str]:
        """Return the fields of the kind that the layout prints."""
        names = frozenset[str]().union(*(content.names for content in self.contents))
        return (names - RECORD_NAMES - HOLDER_NAMES) | {place.field for place in self.picture}

    def style(self, name: str) -> Style:
        """Return a style by its name."""
        return self.styles[name].style()

    @model_validator(mode="after")
    def _consistent(self) -> "Layout":
        used = {content.style for content in self.contents}
        used |= {field.label_style for field in self.field}
        used |= {table.label_style for table in self.table}
        ending = self.continuation
        used |= {ending.style, ending.label_style, ending.title_style, ending.marker_style}
        if missing := sorted(used - self.styles.keys()):
            raise ValueError(f"no such style: {', '.join(missing)}")
        for content in self.contents:
            if set("{}") & set(PLACEHOLDER.sub("", content.text)):
                raise ValueError(f"broken placeholder in {content.text!r}")
            if content.names & HOLDER_NAMES and content.repeat != "holders":
                raise ValueError(f'{content.text!r} needs repeat = "holders"')
        sheet = Box(0, 0, self.page.width, self.page.height)
        boxes: list[Box] = [text.box for text in self.text]
        boxes += (field.box for field in self.field)
        boxes += (table.box for table in self.table)
        boxes += (place.box for place in self.picture)
        if not all(sheet.holds(box) for box in (*boxes, self.code.box, self.continuation.box)):
            raise ValueError("a box lies off the page")
        return self


@cache
def load_layout(kind: str) -> Layout:
    """Return the layout of a kind.

    Raises:
        UnknownLayoutError: if there is no file for it.
        LayoutError: if the file has a mistake, naming file and mistake.
    """
    path = DIRECTORY / f"{kind}.toml"
    if not LAYOUT_NAME.fullmatch(kind) or not path.is_file():
        raise UnknownLayoutError(f"no layout for kind {kind}")
    return parse_layout(path.read_text("utf-8"), path.name)


def parse_layout(text: str, name: str) -> Layout:
    """Read a layout file's text; `name` is what errors call it.

    Raises:
        LayoutError: if the file has a mistake.
    """
    try:
        return Layout.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise LayoutError(f"layout {name}: {error}") from error
