"""Files attached to a plain PDF: one flat list of names (ISO 32000-1, 7.11.4)."""

from typing import Any, Final

from sealkit.formats.pdf.attachments import MAX_ATTACHED_BYTES, MAX_ATTACHMENTS
from sealkit.formats.pdf.plain.document import PlainPDF, text_of
from sealkit.formats.pdf.plain.objects import UnusualPDFError

_NAMES: Final = ("/UF", "/F")


def read_attachments(document: PlainPDF) -> dict[str, bytes]:
    """Return the attached files by name, in the order of the list.

    Raises:
        UnusualPDFError: if they are not attached in the plain form.
    """
    names = document.catalogue.get("/Names")
    tree = document.dictionary(names).get("/EmbeddedFiles") if names is not None else None
    if tree is None:
        return {}
    leaf = document.dictionary(tree)
    if "/Kids" in leaf:
        raise UnusualPDFError("a tree of names")
    pairs = document.array(leaf.get("/Names"))
    if len(pairs) % 2 or len(pairs) > 2 * MAX_ATTACHMENTS:
        raise UnusualPDFError("a name without a value, or too many")
    found: dict[str, bytes] = {}
    for key, specification in zip(pairs[::2], pairs[1::2], strict=True):
        name, content = _file(document, key, specification)
        if name in found:
            raise UnusualPDFError("two attachments of one name")
        found[name] = content
        if sum(map(len, found.values())) > MAX_ATTACHED_BYTES:
            raise UnusualPDFError("too much attached")
    return found


def _file(document: PlainPDF, key: Any, specification: Any) -> tuple[str, bytes]:
    described = document.dictionary(specification)
    embedded = document.dictionary(described.get("/EF"))
    written = next((described[name] for name in _NAMES if name in described), key)
    streams = [embedded[name] for name in _NAMES if name in embedded]
    if not streams or any(stream != streams[0] for stream in streams):
        raise UnusualPDFError("an attachment that is no one file")
    name = text_of(document.value(written))
    if not name:
        raise UnusualPDFError("an attachment without a name")
    return name, document.stream(streams[0])
