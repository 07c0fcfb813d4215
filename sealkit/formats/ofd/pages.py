"""Pages and templates: their sizes, their text objects, and what these refer to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.document_file import DocumentFile, ListedPage, physical_box
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.reading import Reader
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
class _Content:
    area: Box | None
    templates: tuple[str, ...]
    resources: tuple[str, ...]
    texts: dict[str, str]


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
        areas = {template.id: self._content(template).area for template in listed.templates}
        return tuple(self._page(page, areas, listed.area) for page in listed.pages)

    def _page(self, page: ListedPage, areas: Mapping[str, Box | None], area: Box | None) -> Page:
        content = self._content(page)
        for template in content.templates:
            if template not in areas:
                self._reader.problem("template.reference", f"{page.path}: {template}")
        # A page without a size of its own has its template's, then the document's.
        sizes = (content.area, *map(areas.get, content.templates), area)
        size = next((size for size in sizes if size is not None), None)
        if size is None:
            raise OFDError("ofd.pages", "a page without size")
        return Page(page.id, page.path, size, content.texts)

    def _content(self, page: ListedPage) -> _Content:
        content = self._read_content(page.path)
        for path in content.resources:
            self._resources.read(path)
        return content

    def _read_content(self, path: str) -> _Content:
        root = self._reader.tree(path)
        self._reader.remember_all(root, path)
        return _Content(
            area=physical_box(xml.child(root, "Area"), path),
            templates=tuple(
                template.get("TemplateID", "") for template in xml.children(root, "Template")
            ),
            resources=self._reader.locations(xml.children(root, "PageRes"), path),
            texts=self._texts(root, path),
        )

    def _texts(self, root: xml.Element, path: str) -> dict[str, str]:
        """Return the texts; note what the objects use, and what is wrong with them."""
        texts: dict[str, str] = {}
        for element in root.iter():
            kind = _OBJECTS.get(element.tag)
            if kind is None:
                continue
            identifier = element.get("ID", "")
            if kind == "TextObject":
                texts[identifier] = self._text(element)
                self._resources.use_font(element.get("Font", ""), path)
            elif kind != "PathObject":
                self._resources.use_drawable(element.get("ResourceID", ""), path)
            for code in _broken_rules(element):
                self._reader.problem(code, f"{path}: object {identifier}")
        return texts

    def _text(self, shown: xml.Element) -> str:
        # White space inside a text code is drawn: it is not stripped.
        text = "".join(code.text or "" for code in xml.children(shown, "TextCode"))
        self._characters_left -= len(text)
        if self._characters_left < 0:
            raise OFDError("ofd.text", "more text than any licence")
        return text


def _broken_rules(shown: xml.Element) -> Iterator[str]:
    if box(shown.get("Boundary", "")) is None:
        yield "box.malformed"
    if not all(map(_is_spaced, xml.children(shown, "TextCode"))):
        yield "text.deltas"


def _is_spaced(code: xml.Element) -> bool:
    """Tell whether n characters have n-1 advances, across, down, or both alike."""
    wanted = len(code.text or "") - 1
    written = [deltas for name in ("DeltaX", "DeltaY") if (deltas := code.get(name, ""))]
    return wanted < 1 or bool(written and all(count_advances(each) == wanted for each in written))
