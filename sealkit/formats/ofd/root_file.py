"""OFD.xml: which document there is, its metadata, and where its seals are listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.errors import OFDError
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Reader
from sealkit.formats.ofd.simple_types import is_date

ROOT_FILE: Final = "OFD.xml"
"""The one name that a package fixes."""

_DOC_ID_CHARACTERS: Final = 32
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class RootFile:
    """What OFD.xml says of its first document."""

    document_count: int
    doc_root: str
    doc_id: str
    custom_data: Mapping[str, str]
    signatures_path: str | None
    versions: tuple[str, ...]
    """Entries of the version lists."""


def read_root(reader: Reader) -> RootFile:
    """Read OFD.xml.

    Raises:
        OFDError: if it is missing, cannot be read or names no document.
    """
    root = reader.tree(ROOT_FILE)
    bodies = xml.children(root, "DocBody")
    if not xml.is_called(root, "OFD") or not bodies:
        raise OFDError("ofd.root", "OFD.xml holds no document")
    if xml.namespace(root) != xml.NAMESPACE:
        reader.problem("namespace.old", xml.namespace(root))
    body = bodies[0]
    information = xml.child(body, "DocInfo")
    _check_information(reader, information)
    signatures = xml.child(body, "Signatures")
    versions = xml.children(xml.child(body, "Versions"), "Version")
    return RootFile(
        document_count=len(bodies),
        doc_root=reader.location(xml.child(body, "DocRoot"), ROOT_FILE),
        doc_id=xml.text(xml.child(information, "DocID")),
        custom_data=_custom_data(reader, information),
        signatures_path=None if signatures is None else reader.location(signatures, ROOT_FILE),
        versions=tuple(resolve(version.get("BaseLoc", ""), ROOT_FILE) for version in versions),
    )


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
        reader.file(reader.location(cover, ROOT_FILE))


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
