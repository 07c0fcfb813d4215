"""XML of OFD files, parsed without anything that XML could do to us.

No DOCTYPE, so no entities and no external files; bounded depth, size and number of
elements. Both namespaces are read, the standard's and the older one without a year.
"""

from typing import Final
from xml.etree import ElementTree

from sealkit.formats.ofd.errors import OFDError

NAMESPACE: Final = "http://www.ofdspec.org/2016"
OLD_NAMESPACE: Final = "http://www.ofdspec.org"
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 200_000
MAX_BYTES: Final = 16 * 1024 * 1024

Element = ElementTree.Element


class _Builder(ElementTree.TreeBuilder):
    """Counts while it builds, and stops at a DOCTYPE."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise OFDError("xml.depth")
        if self._elements > MAX_ELEMENTS:
            raise OFDError("xml.size")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise OFDError("xml.doctype")


def parse(content: bytes) -> Element:
    """Return the root element of `content`.

    Raises:
        OFDError: with reason ``xml.…``.
    """
    if len(content) > MAX_BYTES:
        raise OFDError("xml.size")
    parser = ElementTree.XMLParser(target=_Builder())
    try:
        parser.feed(content)
        root: Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        if isinstance(error, OFDError):
            raise
        raise OFDError("xml.malformed", str(error)[:120]) from error
    return root


def local(element: Element) -> str:
    """Return the name of `element` without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """Return the namespace of `element`."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def children(element: Element, name: str) -> list[Element]:
    """Return the children called `name` in either OFD namespace."""
    return [child for child in element if _is_ofd(child) and local(child) == name]


def child(element: Element, name: str) -> Element | None:
    """Return the first child called `name`, or None."""
    return next(iter(children(element, name)), None)


def descendants(element: Element, name: str) -> list[Element]:
    """Return every element below called `name`, in document order."""
    return [found for found in element.iter() if _is_ofd(found) and local(found) == name]


def text(element: Element | None) -> str:
    """Return the text of `element`, stripped; empty when there is none."""
    return (element.text or "").strip() if element is not None else ""


def _is_ofd(element: Element) -> bool:
    return namespace(element) in (NAMESPACE, OLD_NAMESPACE)
