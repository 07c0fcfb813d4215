"""The parts of a document beside its pages: attachments, annotations, extensions, versions.

Attachments are read. Of the rest only the files are followed: a seal has to cover them, and
what they say is no part of a licence.
"""

from collections.abc import Iterable
from typing import Final

from sealkit.formats.ofd import xml
from sealkit.formats.ofd.reading import Reader
from sealkit.formats.ofd.simple_types import number

_BYTES_PER_KB: Final = 1024


def read_attachments(reader: Reader, lists: Iterable[str]) -> dict[str, bytes]:
    """Return the attachments by the name that their list gives them.

    Raises:
        OFDError: if a file is missing or a list cannot be read.
    """
    found: dict[str, bytes] = {}
    for path in lists:
        for entry in xml.children(reader.tree(path), "Attachment"):
            name = entry.get("Name", "")
            content = reader.file(reader.location(xml.child(entry, "FileLoc"), path))
            if name in found:
                reader.problem("attachment.duplicate", name)
            stated = entry.get("Size")
            if stated is not None and not _size_agrees(stated, len(content)):
                reader.problem("attachment.size", f"{name}: {stated}")
            # Nothing refers to an attachment by ID: a number given twice misleads no reader.
            reader.remember(entry.get("ID", ""), path, duplicate="attachment.id_duplicate")
            found[name] = content
    return found


def follow(reader: Reader, lists: Iterable[str], *names: str) -> None:
    """Follow the files that elements called `names` in these lists give as their text.

    Raises:
        OFDError: if a file is missing or a list cannot be read.
    """
    for path in lists:
        root = reader.tree(path)
        for name in names:
            for location in xml.descendants(root, name):
                reader.file(reader.location(location, path))


def _size_agrees(stated: str, length: int) -> bool:
    """Tell whether `stated`, in KB, is `length` in bytes, for products round either way."""
    kilobytes = number(stated)
    return kilobytes is not None and abs(kilobytes * _BYTES_PER_KB - length) <= _BYTES_PER_KB
