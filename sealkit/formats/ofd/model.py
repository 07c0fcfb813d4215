"""What an OFD document says, found by following references from OFD.xml.

File names carry no meaning but ``OFD.xml``. A document that cannot be followed is an
`OFDError`; one that can, but breaks a rule of the format, lists it in `problems` under a
stable code, so that the verifier can grade it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.container import Package, read_package
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.pages import Page, PageReader
from sealkit.formats.ofd.parts import follow_parts, follow_versions, read_attachments
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Problem, Reader
from sealkit.formats.ofd.resources import Font, Resources
from sealkit.formats.ofd.simple_types import identifier, is_date
from sealkit.formats.ofd.tags import TaggedObject, read_tags

ROOT_FILE: Final = "OFD.xml"
_DOC_ID_CHARACTERS: Final = 32
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")

__all__ = ["ROOT_FILE", "Font", "OFDDocument", "Page", "TaggedObject", "read_document"]


@dataclass(frozen=True, slots=True)
class OFDDocument:
    """The one document of a package."""

    package: Package = field(repr=False)
    document_count: int
    """How many documents OFD.xml lists; only the first is read."""
    doc_root: str
    """Entry name of Document.xml."""
    doc_id: str
    custom_data: Mapping[str, str]
    pages: tuple[Page, ...]
    fonts: tuple[Font, ...]
    attachments: Mapping[str, bytes] = field(repr=False)
    """By the name that the list gives them."""
    tagged_objects: Mapping[str, tuple[TaggedObject, ...]]
    """Field name → the objects that print it, in order."""
    signatures_path: str | None
    """Where the list of signatures is; None when the document has none."""
    reachable: frozenset[str]
    """Entries that the document refers to, without those that belong to signatures."""
    problems: tuple[Problem, ...]
    """Broken rules of the format."""

    @property
    def tags(self) -> dict[str, tuple[str, ...]]:
        """Field name → the texts of the objects that print it, in order."""
        return {
            name: tuple(shown.text for shown in objects)
            for name, objects in self.tagged_objects.items()
        }


def read_document(document: bytes | Package) -> OFDDocument:
    """Read a package and follow it.

    Raises:
        OFDError: if it is no OFD, or a reference leads nowhere.
    """
    package = document if isinstance(document, Package) else read_package(document)
    reader = Reader(package.entries)
    reader.problems += package.problems
    root = reader.tree(ROOT_FILE)
    bodies = xml.children(root, "DocBody")
    if not xml.is_called(root, "OFD") or not bodies:
        raise OFDError("ofd.root", "OFD.xml holds no document")
    if xml.namespace(root) != xml.NAMESPACE:
        reader.problem("namespace.old", xml.namespace(root))
    body = bodies[0]
    information = xml.child(body, "DocInfo")
    doc_root = reader.location(xml.child(body, "DocRoot"), ROOT_FILE)
    tree = reader.tree(doc_root)
    common = xml.child(tree, "CommonData")
    if common is None:
        raise OFDError("ofd.document", "no CommonData")
    resources = Resources(reader)
    resources.follow(common, doc_root)
    page_reader = PageReader(reader, resources)
    page_reader.read_templates(common, doc_root)
    pages = page_reader.read_pages(tree, common, doc_root)
    attachments = read_attachments(reader, _listed(reader, tree, "Attachments", doc_root))
    tag_list = _listed(reader, tree, "CustomTags", doc_root)
    tagged_objects = read_tags(reader, tag_list, pages) if tag_list is not None else {}
    follow_parts(reader, tree, doc_root)
    follow_versions(reader, body, ROOT_FILE)
    _check_information(reader, information)
    _check_highest_id(reader, common)
    signatures = xml.child(body, "Signatures")
    return OFDDocument(
        package=package,
        document_count=len(bodies),
        doc_root=doc_root,
        doc_id=xml.text(xml.child(information, "DocID")),
        custom_data=_custom_data(reader, information),
        pages=pages,
        fonts=tuple(resources.fonts.values()),
        attachments=attachments,
        tagged_objects=tagged_objects,
        signatures_path=None if signatures is None else reader.location(signatures, ROOT_FILE),
        reachable=frozenset(reader.reached),
        problems=tuple(reader.problems),
    )


def _listed(reader: Reader, tree: xml.Element, name: str, doc_root: str) -> str | None:
    reference = xml.child(tree, name)
    return None if reference is None else reader.location(reference, doc_root)


def _check_information(reader: Reader, information: xml.Element | None) -> None:
    doc_id = xml.text(xml.child(information, "DocID"))
    if len(doc_id) != _DOC_ID_CHARACTERS or not _HEXADECIMAL.issuperset(doc_id):
        reader.problem("doc_id.malformed", doc_id)
    for name in ("CreationDate", "ModDate"):
        written = xml.child(information, name)
        if written is not None and not is_date(xml.text(written)):
            reader.problem("date.malformed", f"{name}: {xml.text(written)}")
    cover = xml.child(information, "Cover")
    if cover is not None:
        reader.file(resolve(xml.text(cover), ROOT_FILE))


def _custom_data(reader: Reader, information: xml.Element | None) -> dict[str, str]:
    found: dict[str, str] = {}
    holder = xml.child(information, "CustomDatas")
    # One vendor's files spell the element CuslomData.
    for entry in (*xml.children(holder, "CustomData"), *xml.children(holder, "CuslomData")):
        name = entry.get("Name", "")
        if name in found:
            reader.problem("custom_data.duplicate", name)
        found[name] = entry.text or ""
    return found


def _check_highest_id(reader: Reader, common: xml.Element) -> None:
    written = xml.text(xml.child(common, "MaxUnitID"))
    highest = identifier(written)
    if highest is None or highest < max(reader.ids, default=0):
        reader.problem("id.above_maximum", written)
