"""What a composed page consists of. Lengths are millimetres from the top left, y downwards."""

from dataclasses import dataclass
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the y of the lower edge."""
        return self.y + self.height

    def holds(self, other: "Box", tolerance: float = 1e-6) -> bool:
        """Tell whether `other` lies inside."""
        return (
            other.x >= self.x - tolerance
            and other.y >= self.y - tolerance
            and other.right <= self.right + tolerance
            and other.bottom <= self.bottom + tolerance
        )

    def meets(self, other: "Box", tolerance: float = 1e-6) -> bool:
        """Tell whether the two have area in common."""
        return (
            self.x < other.right - tolerance
            and other.x < self.right - tolerance
            and self.y < other.bottom - tolerance
            and other.y < self.bottom - tolerance
        )


class Colour(NamedTuple):
    """RGB, 0 to 255 each."""

    red: int
    green: int
    blue: int


Segment = tuple[str, tuple[float, ...]]
"""One step of a path: ``("M", (x, y))``, ``("L", (x, y))``, ``("C", (x1, y1, x2, y2, x, y))``
(cubic) or ``("Z", ())``."""
Path = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A path that is filled, stroked or both."""

    path: Path
    fill: Colour | None = None
    stroke: Colour | None = None
    line_width: float = 0.2


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters of one face and size on one baseline, each with its advance."""

    text: str
    face: str
    """Key in `typefaces.FACES`."""
    size: float
    x: float
    baseline: float
    advances: tuple[float, ...]
    """Distance from each character's origin to the next one's; as many as characters."""
    colour: Colour
    ink: Box
    """Where the glyphs leave ink; what must stay inside the field."""
    field: str | None = None
    """The record's short name (GB/T 36903) of the value this prints, or part of it."""
    source: str | None = None
    """The letters that `text`, one joined form, stands for; None where it is the text itself.
    Runs of one text follow each other as it is read, from right to left on the page."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG picture that fills a box."""

    jpeg: bytes
    pixels: tuple[int, int]
    """Width and height."""
    box: Box
    field: str
    """The record's short name (GB/T 36903) of the value."""


@dataclass(frozen=True, slots=True)
class Page:
    """The items of one page, over the background that all pages share."""

    shapes: tuple[Shape, ...]
    runs: tuple[TextRun, ...]
    pictures: tuple[Picture, ...] = ()
    over: tuple[Shape, ...] = ()
    """Drawn last, darkening what lies below: the watermark of a copy. PDF alone has it."""


@dataclass(frozen=True, slots=True)
class ComposedLicence:
    """A whole licence, ready to be written in either container."""

    title: str
    width: float
    height: float
    background: tuple[Shape, ...]
    pages: tuple[Page, ...]
    seal_centre: tuple[float, float]
    """Where the middle of the seal falls on the first page."""
