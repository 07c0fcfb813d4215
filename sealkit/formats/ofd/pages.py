"""Pages and templates: their sizes, their text objects, and what these refer to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.document_file import DocumentFile, ListedPage, physical_box
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.reading import Problem, Reader, found_in, locations
from sealkit.formats.ofd.recurring import fact_of
from sealkit.formats.ofd.resources import Resources
from sealkit.formats.ofd.simple_types import Box, box, count_advances

MAX_TEXT_CHARACTERS: Final = 1_000_000
"""On all pages together."""

_OBJECTS: Final = {
    tag: name
    for name in ("TextObject", "PathObject", "ImageObject", "CompositeObject")
    for tag in xml.qualified(name)
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    id: str
    """What PageRef elsewhere names; not the page number."""
    path: str
    """Entry name of its content."""
    box: Box
    texts: Mapping[str, str] = field(repr=False)
    """Text of each text object by its ID, in drawing order; without those of templates."""


@dataclass(frozen=True, slots=True)
class _PageFile:
    """What stands in one file of a page or template, whatever else the document holds."""

    area: Box | None
    templates: tuple[str, ...]
    resources: tuple[str, ...]
    texts: Mapping[str, str]
    characters: int
    """Of all texts, those included that share an ID with another."""
    ids: tuple[str, ...]
    qualified: tuple[str, ...]
    """Names of attributes in the format's namespace."""
    fonts: tuple[str, ...]
    drawn: tuple[str, ...]
    """Images and composite graphics."""
    broken: tuple[Problem, ...]


class PageReader:
    """Reads the pages of one document."""

    def __init__(self, reader: Reader, resources: Resources) -> None:
        self._reader = reader
        self._resources = resources
        self._characters_left = MAX_TEXT_CHARACTERS

    def read(self, listed: DocumentFile) -> tuple[Page, ...]:
        """Return the pages in reading order.

        Raises:
            OFDError: if a page or template cannot be read, or a page has no size.
        """
        areas = {template.id: self._file(template.path).area for template in listed.templates}
        return tuple(self._page(page, areas, listed.area) for page in listed.pages)

    def _page(self, page: ListedPage, areas: Mapping[str, Box | None], area: Box | None) -> Page:
        file = self._file(page.path)
        for template in file.templates:
            if template not in areas:
                self._reader.problem("template.reference", f"{page.path}: {template}")
        # A page without a size of its own has its template's, then the document's.
        sizes = (file.area, *map(areas.get, file.templates), area)
        size = next((size for size in sizes if size is not None), None)
        if size is None:
            raise OFDError("ofd.pages", "a page without size")
        return Page(page.id, page.path, size, file.texts)

    def _file(self, path: str) -> _PageFile:
        """Return the file at `path`, once all that it names is noted."""
        content = self._reader.spend_on(path)
        # A background stands in every licence of its kind: it is read once.
        file = fact_of(content, ("page", path), lambda: _read_file(content, path))
        self._reader.remember_found(file.ids, file.qualified, path)
        self._characters_left -= file.characters
        if self._characters_left < 0:
            raise OFDError("ofd.text", "more text than any licence")
        for font in file.fonts:
            self._resources.use_font(font, path)
        for drawn in file.drawn:
            self._resources.use_drawable(drawn, path)
        for code, detail in file.broken:
            self._reader.problem(code, detail)
        for resource in file.resources:
            self._resources.read(resource)
        return file


def _read_file(content: bytes, path: str) -> _PageFile:
    root = xml.parse_paid(content)
    ids, qualified = found_in(root)
    texts: dict[str, str] = {}
    fonts: dict[str, None] = {}
    drawn: dict[str, None] = {}
    broken: list[Problem] = []
    characters = 0
    for element in root.iter():
        kind = _OBJECTS.get(element.tag)
        if kind is None:
            continue
        attributes = element.attrib
        identifier = attributes.get("ID", "")
        codes = xml.children(element, "TextCode")
        if kind == "TextObject":
            # White space inside a text code is drawn: it is not stripped.
            texts[identifier] = text = "".join([code.text or "" for code in codes])
            characters += len(text)
            fonts[attributes.get("Font", "")] = None
        elif kind != "PathObject":
            drawn[attributes.get("ResourceID", "")] = None
        for code in _broken_rules(element, codes):
            broken.append((code, f"{path}: object {identifier}"))
    return _PageFile(
        area=physical_box(xml.child(root, "Area"), path),
        templates=tuple(
            template.get("TemplateID", "") for template in xml.children(root, "Template")
        ),
        resources=locations(xml.children(root, "PageRes"), path),
        texts=MappingProxyType(texts),
        characters=characters,
        ids=ids,
        qualified=qualified,
        fonts=tuple(fonts),
        drawn=tuple(drawn),
        broken=tuple(broken),
    )


def _broken_rules(shown: xml.Element, codes: list[xml.Element]) -> Iterator[str]:
    if box(shown.get("Boundary", "")) is None:
        yield "box.malformed"
    if not all(map(_is_spaced, codes)):
        yield "text.deltas"


def _is_spaced(code: xml.Element) -> bool:
    """Tell whether n characters have n-1 advances, across, down, or both alike."""
    wanted = len(code.text or "") - 1
    if wanted < 1:
        return True
    written = [deltas for name in ("DeltaX", "DeltaY") if (deltas := code.get(name, ""))]
    return bool(written and all(count_advances(each) == wanted for each in written))
