"""The parts of a document beside its pages: attachments, annotations, extensions, versions.

Attachments are read. Of the rest only the files are followed: a seal has to cover them, and
what they say is no part of a licence.
"""

from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.paths import resolve
from sealkit.formats.ofd.reading import Reader
from sealkit.formats.ofd.simple_types import number

_BYTES_PER_KB: Final = 1024
_FOLLOWED: Final = (("Annotations", "FileLoc"), ("Extensions", "ExtendData"))
"""List named in Document.xml, and the element of the list that names a file."""


def read_attachments(reader: Reader, list_path: str | None) -> dict[str, bytes]:
    """Return the attachments by the name that the list gives them.

    Raises:
        OFDError: if a file is missing or the list cannot be read.
    """
    found: dict[str, bytes] = {}
    if list_path is None:
        return found
    for entry in xml.children(reader.tree(list_path), "Attachment"):
        name = entry.get("Name", "")
        content = reader.file(reader.location(xml.child(entry, "FileLoc"), list_path))
        if name in found:
            reader.problem("attachment.duplicate", name)
        stated = entry.get("Size")
        if stated is not None and not _size_agrees(stated, len(content)):
            reader.problem("attachment.size", f"{name}: {stated}")
        # Nothing refers to an attachment by ID: the same number twice misleads no reader.
        reader.remember(entry.get("ID"), list_path, duplicate="attachment.id_duplicate")
        found[name] = content
    return found


def follow_parts(reader: Reader, tree: xml.Element, doc_root: str) -> None:
    """Follow what Document.xml, parsed as `tree`, names beside pages, tags and attachments.

    Raises:
        OFDError: if a file is missing or a list cannot be read.
    """
    for name, inner in _FOLLOWED:
        for reference in xml.children(tree, name):
            path = reader.location(reference, doc_root)
            for location in xml.descendants(reader.tree(path), inner):
                reader.file(reader.location(location, path))


def follow_versions(reader: Reader, body: xml.Element, holder: str) -> None:
    """Follow the version lists that `body`, a DocBody of the file `holder`, names.

    Raises:
        OFDError: if a file is missing or a list cannot be read.
    """
    for version in xml.children(xml.child(body, "Versions"), "Version"):
        path = resolve(version.get("BaseLoc", ""), holder)
        listing = reader.tree(path)
        for name in ("File", "DocRoot"):
            for location in xml.descendants(listing, name):
                reader.file(reader.location(location, path))


def _size_agrees(stated: str, length: int) -> bool:
    """Tell whether `stated`, in KB, is `length` in bytes, for products round either way."""
    kilobytes = number(stated)
    return kilobytes is not None and abs(kilobytes * _BYTES_PER_KB - length) <= _BYTES_PER_KB
