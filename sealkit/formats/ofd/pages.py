"""Pages and templates: their sizes, their text objects, and what these refer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Reader
from sealkit.formats.ofd.resources import Resources
from sealkit.formats.ofd.simple_types import Box, box, count_advances

MAX_PAGES: Final = 500
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


class PageReader:
    """Reads the pages of one document."""

    def __init__(self, reader: Reader, resources: Resources) -> None:
        self._reader = reader
        self._resources = resources
        self._template_areas: dict[str, Box | None] = {}
        self._characters_left = MAX_TEXT_CHARACTERS

    def read_templates(self, common: xml.Element, doc_root: str) -> None:
        """Read the template pages that `common`, the CommonData, lists.

        Raises:
            OFDError: if one cannot be read.
        """
        for template in xml.children(common, "TemplatePage"):
            self._reader.remember(template.get("ID"), doc_root)
            path = resolve(template.get("BaseLoc", ""), doc_root)
            content = self._reader.tree(path)
            self._read_objects(content, path)
            self._template_areas[template.get("ID", "")] = self._area(content, "Area", path)

    def read_pages(
        self, document: xml.Element, common: xml.Element, doc_root: str
    ) -> tuple[Page, ...]:
        """Return the pages in reading order.

        Raises:
            OFDError: ``ofd.pages`` if there is none, too many, or one without size; or if
                one cannot be read.
        """
        area = self._area(common, "PageArea", doc_root)
        listed = xml.children(xml.child(document, "Pages"), "Page")
        if not 1 <= len(listed) <= MAX_PAGES:
            raise OFDError("ofd.pages", f"{len(listed)} pages")
        return tuple(self._page(entry, doc_root, area) for entry in listed)

    def _page(self, entry: xml.Element, doc_root: str, area: Box | None) -> Page:
        identifier = entry.get("ID")
        if identifier is None:
            self._reader.problem("id.malformed", f"{doc_root}: page without ID")
        self._reader.remember(identifier, doc_root)
        path = resolve(entry.get("BaseLoc", ""), doc_root)
        content = self._reader.tree(path)
        size = self._area(content, "Area", path) or self._template_area(content, path) or area
        if size is None:
            raise OFDError("ofd.pages", "a page without size")
        return Page(identifier or "", path, size, self._read_objects(content, path))

    def _template_area(self, content: xml.Element, path: str) -> Box | None:
        found = None
        for template in xml.children(content, "Template"):
            identifier = template.get("TemplateID", "")
            if identifier not in self._template_areas:
                self._reader.problem("template.reference", f"{path}: {identifier}")
            found = found or self._template_areas.get(identifier)
        return found

    def _area(self, holder: xml.Element, name: str, path: str) -> Box | None:
        written = xml.child(xml.child(holder, name), "PhysicalBox")
        if written is None:
            return None
        found = box(xml.text(written))
        if found is None:
            raise OFDError("ofd.pages", f"{path[:80]}: a page size that is no box")
        return found

    def _read_objects(self, content: xml.Element, path: str) -> dict[str, str]:
        """Check the objects of a page or template; return the texts."""
        self._resources.follow(content, path)
        self._reader.remember_all(content, path)
        texts: dict[str, str] = {}
        for element in content.iter():
            kind = _OBJECTS.get(element.tag)
            if kind is None:
                continue
            where = f"{path}: object {element.get('ID', '')}"
            if box(element.get("Boundary", "")) is None:
                self._reader.problem("box.malformed", where)
            if kind == "TextObject":
                texts[element.get("ID", "")] = self._text(element, where)
                if element.get("Font", "") not in self._resources.fonts:
                    self._reader.problem("font.reference", where)
            elif kind != "PathObject" and (
                element.get("ResourceID", "") not in self._resources.drawable
            ):
                self._reader.problem("resource.reference", where)
        return texts

    def _text(self, shown: xml.Element, where: str) -> str:
        parts = []
        for code in xml.children(shown, "TextCode"):
            # White space inside a text code is drawn: it is not stripped.
            part = code.text or ""
            across, down = code.get("DeltaX", ""), code.get("DeltaY", "")
            advances = {count_advances(deltas) for deltas in (across, down) if deltas}
            if len(part) > 1 and advances != {len(part) - 1}:
                self._reader.problem("text.deltas", where)
            parts.append(part)
        text = "".join(parts)
        self._characters_left -= len(text)
        if self._characters_left < 0:
            raise OFDError("ofd.text", "more text than any licence")
        return text
