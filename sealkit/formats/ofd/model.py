"""What an OFD document says, found by following references from OFD.xml.

File names carry no meaning but ``OFD.xml``. A document that cannot be followed is an
`OFDError`; one that can, but breaks a rule of the format, lists it in `problems` under a
stable code, so that the verifier can grade it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sealkit.formats.ofd.container import Package, read_package
from sealkit.formats.ofd.document_file import read_document_file
from sealkit.formats.ofd.pages import Page, PageReader
from sealkit.formats.ofd.parts import follow, read_attachments
from sealkit.formats.ofd.reading import Problem, Reader
from sealkit.formats.ofd.resources import Font, Resources
from sealkit.formats.ofd.root_file import ROOT_FILE, read_root
from sealkit.formats.ofd.simple_types import identifier
from sealkit.formats.ofd.tags import TaggedObject, read_tags

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
    root = read_root(reader)
    follow(reader, root.versions, "File", "DocRoot")
    listed = read_document_file(reader, root.doc_root)
    resources = Resources(reader)
    for path in listed.resources:
        resources.read(path)
    pages = PageReader(reader, resources).read(listed)
    resources.check_uses()
    attachments = read_attachments(reader, listed.attachments)
    tagged_objects = read_tags(reader, listed.custom_tags, pages)
    follow(reader, listed.annotations, "FileLoc")
    follow(reader, listed.extensions, "ExtendData")
    _check_highest_id(reader, listed.highest_id)
    return OFDDocument(
        package=package,
        document_count=root.document_count,
        doc_root=root.doc_root,
        doc_id=root.doc_id,
        custom_data=root.custom_data,
        pages=pages,
        fonts=tuple(resources.fonts.values()),
        attachments=attachments,
        tagged_objects=tagged_objects,
        signatures_path=root.signatures_path,
        reachable=frozenset(reader.reached),
        problems=tuple(reader.problems),
    )


def _check_highest_id(reader: Reader, written: str) -> None:
    highest = identifier(written)
    if highest is None or highest < max(reader.ids, default=0):
        reader.problem("id.above_maximum", written)
