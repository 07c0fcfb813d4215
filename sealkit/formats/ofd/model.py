"""What an OFD document says, found by following references from OFD.xml.

File names carry no meaning but ``OFD.xml``. A document that cannot be followed is an
`OFDError`; one that can, but breaks a rule of the format, lists it in `problems` under a
stable code, so that the verifier can grade it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.container import Package, read_package
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.tags import read_tags
from sealkit.formats.ofd.text import page_texts

ROOT_FILE: Final = "OFD.xml"
MAX_PAGES: Final = 500

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    id: str
    """What PageRef elsewhere names; not the page number."""
    path: str
    box: Box
    """x, y, width, height in millimetres."""
    texts: Mapping[str, str] = field(repr=False)
    """Text of each text object by its ID, in drawing order."""


@dataclass(frozen=True, slots=True)
class OFDDocument:
    """The one document of a package."""

    package: Package = field(repr=False)
    document_count: int
    doc_root: str
    doc_id: str
    custom_data: Mapping[str, str]
    pages: tuple[Page, ...]
    attachments: Mapping[str, bytes] = field(repr=False)
    """By the name that the list gives them."""
    tags: Mapping[str, tuple[str, ...]]
    """Field name → the texts of the objects that print it, in order."""
    signatures_path: str | None
    """Where the list of signatures is; None when the document has none."""
    reachable: frozenset[str]
    """Entries that the document refers to, without those that belong to signatures."""
    problems: tuple[tuple[str, str], ...]
    """Broken rules of the format: stable code and detail."""


def read_document(document: bytes | Package) -> OFDDocument:
    """Read a package and follow it.

    Raises:
        OFDError: if it is no OFD, or a reference leads nowhere.
    """
    package = document if isinstance(document, Package) else read_package(document)
    return _Walk(package).read()


class _Walk:
    """One pass over a package, remembering what was reached."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._reached: set[str] = set()
        self._problems: list[tuple[str, str]] = []
        self._ids: dict[str, str] = {}

    def read(self) -> OFDDocument:
        root = self._xml(ROOT_FILE)
        bodies = xml.children(root, "DocBody")
        if xml.local(root) != "OFD" or not bodies:
            raise OFDError("ofd.root", "OFD.xml holds no document")
        if xml.namespace(root) != xml.NAMESPACE:
            self._problem("namespace.old", xml.namespace(root))
        body = bodies[0]
        info = xml.child(body, "DocInfo")
        doc_root = self._location(xml.child(body, "DocRoot"), ROOT_FILE)
        document = self._xml(doc_root)
        common = xml.child(document, "CommonData")
        if common is None:
            raise OFDError("ofd.document", "no CommonData")
        self._resources(common, doc_root)
        area = _physical_box(xml.child(common, "PageArea"))
        self._templates(common, doc_root)
        pages = tuple(self._pages(document, doc_root, area))
        self._check_ids(common)
        signatures = xml.child(body, "Signatures")
        return OFDDocument(
            package=self._package,
            document_count=len(bodies),
            doc_root=doc_root,
            doc_id=self._doc_id(info),
            custom_data=self._custom_data(info),
            pages=pages,
            attachments=self._attachments(document, doc_root),
            tags=self._tags(document, doc_root, pages),
            signatures_path=(
                self._location(signatures, ROOT_FILE) if signatures is not None else None
            ),
            reachable=frozenset(self._reached) | frozenset(self._annotations(document, doc_root)),
            problems=tuple(self._problems),
        )

    def _problem(self, code: str, detail: str = "") -> None:
        self._problems.append((code, detail[:120]))

    def _file(self, name: str) -> bytes:
        try:
            content = self._package.entries[name]
        except KeyError as error:
            raise OFDError("ofd.reference.missing", name[:120]) from error
        self._reached.add(name)
        return content

    def _xml(self, name: str) -> Element:
        return xml.parse(self._file(name))

    def _location(self, element: Element | None, holder: str) -> str:
        if element is None or not xml.text(element):
            raise OFDError("ofd.reference.missing", f"in {holder}")
        return resolve(xml.text(element), holder)

    def _remember(self, identifier: str | None, where: str) -> None:
        if identifier is None:
            return
        if not identifier.isdigit():
            self._problem("id.malformed", f"{where}: {identifier}")
        elif identifier in self._ids:
            self._problem("id.duplicate", f"{where}: {identifier}")
        self._ids[identifier] = where

    def _doc_id(self, info: Element | None) -> str:
        found = xml.text(xml.child(info, "DocID")) if info is not None else ""
        if len(found) != 32 or any(c not in "0123456789abcdefABCDEF" for c in found):
            self._problem("doc_id.malformed", found)
        created = xml.text(xml.child(info, "CreationDate")) if info is not None else ""
        if created and not _is_date(created):
            self._problem("creation_date.malformed", created)
        return found

    def _custom_data(self, info: Element | None) -> dict[str, str]:
        found: dict[str, str] = {}
        holder = xml.child(info, "CustomDatas") if info is not None else None
        for entry in holder if holder is not None else ():
            # One vendor's files spell the element CuslomData.
            if xml.local(entry) not in ("CustomData", "CuslomData"):
                continue
            name = entry.get("Name", "")
            if name in found:
                self._problem("custom_data.duplicate", name)
            found[name] = entry.text or ""
        return found

    def _resources(self, holder: Element, path: str) -> None:
        for name in ("PublicRes", "DocumentRes", "PageRes"):
            for reference in xml.children(holder, name):
                self._resource_file(self._location(reference, path))

    def _resource_file(self, path: str) -> None:
        resource = self._xml(path)
        base = resource.get("BaseLoc", "")
        inner = resolve(base, path) + "/_" if base.strip("./") else path
        for entry in resource.iter():
            self._remember(entry.get("ID"), path)
        for name in ("FontFile", "MediaFile", "Profile"):
            for reference in xml.descendants(resource, name):
                self._file(resolve(xml.text(reference), inner))

    def _templates(self, common: Element, doc_root: str) -> None:
        for template in xml.children(common, "TemplatePage"):
            self._remember(template.get("ID"), doc_root)
            path = resolve(template.get("BaseLoc", ""), doc_root)
            self._content(path)

    def _content(self, path: str) -> Element:
        content = self._xml(path)
        self._resources(content, path)
        for entry in content.iter():
            self._remember(entry.get("ID"), path)
        return content

    def _pages(self, document: Element, doc_root: str, area: Box | None) -> Iterator[Page]:
        holder = xml.child(document, "Pages")
        listed = xml.children(holder, "Page") if holder is not None else []
        if not listed or len(listed) > MAX_PAGES:
            raise OFDError("ofd.pages", f"{len(listed)} pages")
        for entry in listed:
            identifier = entry.get("ID", "")
            self._remember(identifier, doc_root)
            path = resolve(entry.get("BaseLoc", ""), doc_root)
            content = self._content(path)
            box = _physical_box(xml.child(content, "Area")) or area
            if box is None:
                raise OFDError("ofd.pages", "a page without size")
            if box[2] <= 0 or box[3] <= 0:
                self._problem("box.empty", path)
            texts, problems = page_texts(content)
            self._problems += [(code, f"{path}: {detail}") for code, detail in problems]
            yield Page(identifier, path, box, texts)

    def _check_ids(self, common: Element) -> None:
        highest = xml.text(xml.child(common, "MaxUnitID"))
        used = [int(identifier) for identifier in self._ids if identifier.isdigit()]
        if not highest.isdigit() or int(highest) < max(used, default=0):
            self._problem("id.above_maximum", highest)

    def _attachments(self, document: Element, doc_root: str) -> dict[str, bytes]:
        reference = xml.child(document, "Attachments")
        found: dict[str, bytes] = {}
        if reference is None:
            return found
        path = self._location(reference, doc_root)
        for entry in xml.children(self._xml(path), "Attachment"):
            name = entry.get("Name", "")
            content = self._file(self._location(xml.child(entry, "FileLoc"), path))
            if name in found:
                self._problem("attachment.duplicate", name)
            stated = entry.get("Size")
            if stated is not None and not _size_agrees(stated, len(content)):
                self._problem("attachment.size", f"{name}: {stated}")
            found[name] = content
        return found

    def _tags(
        self, document: Element, doc_root: str, pages: tuple[Page, ...]
    ) -> dict[str, tuple[str, ...]]:
        reference = xml.child(document, "CustomTags")
        if reference is None:
            return {}
        path = self._location(reference, doc_root)
        texts = {page.id: page.texts for page in pages}
        found: dict[str, tuple[str, ...]] = {}
        for entry in xml.children(self._xml(path), "CustomTag"):
            schema = xml.child(entry, "SchemaLoc")
            if schema is not None:
                self._file(self._location(schema, path))
            tagged = self._xml(self._location(xml.child(entry, "FileLoc"), path))
            tags, problems = read_tags(tagged, texts)
            found |= tags
            self._problems += problems
        return found

    def _annotations(self, document: Element, doc_root: str) -> Iterator[str]:
        """Follow annotations and extensions; their content is covered, not interpreted."""
        for name, inner in (("Annotations", "FileLoc"), ("Extensions", "Data")):
            reference = xml.child(document, name)
            if reference is None:
                continue
            path = self._location(reference, doc_root)
            for location in xml.descendants(self._xml(path), inner):
                self._file(self._location(location, path))
        yield from self._reached


def _physical_box(area: Element | None) -> Box | None:
    parts = xml.text(xml.child(area, "PhysicalBox")).split() if area is not None else []
    if not parts:
        return None
    try:
        x, y, width, height = (float(part) for part in parts)
    except ValueError as error:
        raise OFDError("ofd.pages", "a page size that is no box") from error
    return x, y, width, height


def _is_date(text: str) -> bool:
    parts = text.split("-")
    return [len(part) for part in parts] == [4, 2, 2] and all(part.isdigit() for part in parts)


def _size_agrees(stated: str, length: int) -> bool:
    try:
        kilobytes = float(stated)
    except ValueError:
        return False
    return abs(kilobytes * 1024 - length) <= 1024
