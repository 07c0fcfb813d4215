"""Files attached to a PDF (ISO 32000-1, 7.11.4), such as the record of a licence.

Names are told apart strictly: two attachments of one name are refused, since which one a
reader takes would be its secret.
"""

from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, StreamObject

from sealkit.formats.pdf.document import MIB, PDFDocument, foreign_bytes, open_document
from sealkit.formats.pdf.errors import MalformedPDFError

MAX_ATTACHMENTS: Final = 64
MAX_ATTACHED_BYTES: Final = 16 * MIB
MAX_TREE_NODES: Final = 256


def attachments(document: bytes | PDFDocument) -> dict[str, bytes]:
    """Return the attached files of a PDF, open or not, by name, in the order of the name tree.

    Raises:
        MalformedPDFError: if the document cannot be read, an attachment is no file, two have
            one name, or there are too many or too much.
    """
    reader = open_document(document)
    found: dict[str, bytes] = {}
    total = 0
    with foreign_bytes():
        names = _member(reader.root, "/Names")
        tree = _member(names, "/EmbeddedFiles") if names is not None else None
        for key, specification in _leaves(tree):
            name, content = _file(key, specification)
            total += len(content)
            if name in found:
                raise MalformedPDFError("PDF has two attachments of one name")
            if len(found) >= MAX_ATTACHMENTS or total > MAX_ATTACHED_BYTES:
                raise MalformedPDFError("PDF has too many attachments")
            found[name] = content
    return found


def _leaves(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield key and value of each leaf of a name tree (ISO 32000-1, 7.9.6)."""
    waiting = [tree] if tree is not None else []
    nodes = 0
    while waiting:
        node = waiting.pop()
        nodes += 1
        if nodes > MAX_TREE_NODES:
            raise MalformedPDFError("PDF name tree is no tree, or too large")
        pairs = _items(_member(node, "/Names"))
        if len(pairs) % 2:
            raise MalformedPDFError("PDF name tree has a name without a value")
        for position in range(0, len(pairs), 2):
            yield pairs[position], pairs[position + 1]
        waiting.extend(reversed(_items(_member(node, "/Kids"))))


def _file(key: Any, specification: Any) -> tuple[str, bytes]:
    name = _member(specification, "/UF") or _member(specification, "/F") or key
    embedded = _member(specification, "/EF")
    stream = _member(embedded, "/UF") or _member(embedded, "/F")
    if not isinstance(stream, StreamObject):
        raise MalformedPDFError("PDF attachment holds no file")
    return str(name), bytes(stream.data)


def _member(dictionary: Any, key: str) -> Any:
    """Return what `key` leads to, references followed; None when there is no such key."""
    if not isinstance(dictionary, DictionaryObject):
        raise MalformedPDFError("PDF has something else where a dictionary belongs")
    return dictionary[key] if key in dictionary else None


def _items(array: Any) -> list[Any]:
    """Return the elements, references followed; none for a missing array."""
    if array is None:
        return []
    if not isinstance(array, ArrayObject):
        raise MalformedPDFError("PDF has something else where an array belongs")
    return [array[index] for index in range(len(array))]
