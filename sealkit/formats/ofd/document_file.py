"""Document.xml: the list of everything that makes up the document."""

from dataclasses import dataclass
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Reader
from sealkit.formats.ofd.simple_types import Box, box

MAX_PAGES: Final = 500
"""Pages and templates, each."""


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page or template as Document.xml lists it."""

    id: str
    path: str
    """Entry name of its content."""


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """What Document.xml lists."""

    area: Box | None
    """Size of a page that says nothing else."""
    highest_id: str
    """MaxUnitID as written."""
    resources: tuple[str, ...]
    templates: tuple[ListedPage, ...]
    pages: tuple[ListedPage, ...]
    """In reading order."""
    attachments: tuple[str, ...]
    """Entries of the lists of attachments, of which there should be one; so below."""
    custom_tags: tuple[str, ...]
    annotations: tuple[str, ...]
    extensions: tuple[str, ...]


def read_document_file(reader: Reader, path: str) -> DocumentFile:
    """Read the Document.xml at `path`.

    Raises:
        OFDError: if it is missing, cannot be read, has no CommonData, no page or too many.
    """
    root = reader.tree(path)
    common = xml.child(root, "CommonData")
    if common is None:
        raise OFDError("ofd.document", "no CommonData")
    pages = xml.children(xml.child(root, "Pages"), "Page")
    templates = xml.children(common, "TemplatePage")
    if not pages or max(len(pages), len(templates)) > MAX_PAGES:
        raise OFDError("ofd.pages", f"{len(pages)} pages, {len(templates)} templates")
    resources = (*xml.children(common, "PublicRes"), *xml.children(common, "DocumentRes"))
    return DocumentFile(
        area=physical_box(xml.child(common, "PageArea"), path),
        highest_id=xml.text(xml.child(common, "MaxUnitID")),
        resources=reader.locations(resources, path),
        templates=tuple(_listed(reader, entry, path) for entry in templates),
        pages=tuple(_listed(reader, entry, path) for entry in pages),
        attachments=reader.locations(xml.children(root, "Attachments"), path),
        custom_tags=reader.locations(xml.children(root, "CustomTags"), path),
        annotations=reader.locations(xml.children(root, "Annotations"), path),
        extensions=reader.locations(xml.children(root, "Extensions"), path),
    )


def physical_box(area: xml.Element | None, path: str) -> Box | None:
    """Return the page size in `area`, an element of the file `path`; None when it has none.

    Raises:
        OFDError: ``ofd.pages`` if what it has is no box.
    """
    written = xml.child(area, "PhysicalBox")
    if written is None:
        return None
    found = box(xml.text(written))
    if found is None:
        raise OFDError("ofd.pages", f"{path[:80]}: a page size that is no box")
    return found


def _listed(reader: Reader, entry: xml.Element, path: str) -> ListedPage:
    identifier = entry.get("ID", "")
    reader.remember(identifier, path)
    return ListedPage(identifier, resolve(entry.get("BaseLoc", ""), path))
