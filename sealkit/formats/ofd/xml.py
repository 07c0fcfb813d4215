"""XML of OFD files, parsed without anything that XML could do to us.

* UTF-8 only, whatever the file declares: then a DOCTYPE can be seen before parsing, and
  without one there are no entities and nothing is fetched.
* Size, markup and depth are bounded; the counts of ``<`` and ``=`` bound what the parser
  can make of the bytes before it makes it.
* Both namespaces are read, the standard's and the older one without a year.
"""

import re
from functools import cache
from typing import Final
from xml.etree import ElementTree

from sealkit.formats.ofd.errors import OFDError

NAMESPACE: Final = "http://www.ofdspec.org/2016"
OLD_NAMESPACE: Final = "http://www.ofdspec.org"
MAX_DEPTH: Final = 64
MAX_MARKS: Final = 50_000
"""``<``, and ``=``, in one file: twice the elements, and at least the attributes."""
MAX_BYTES: Final = 2 * 1024 * 1024

_ENCODING: Final = re.compile(rb"""<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([^"'>]{0,40})""")
_UTF8_NAMES: Final = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

Element = ElementTree.Element


def parse(content: bytes) -> Element:
    """Return the root element of `content`.

    Raises:
        OFDError: with reason ``xml.…``.
    """
    if len(content) > MAX_BYTES or max(content.count(b"<"), content.count(b"=")) > MAX_MARKS:
        raise OFDError("xml.size")
    declared = _ENCODING.match(content.removeprefix(_BYTE_ORDER_MARK))
    if declared and declared[1].lower() not in _UTF8_NAMES:
        raise OFDError("xml.encoding", repr(declared[1]))
    if b"<!DOCTYPE" in content:
        raise OFDError("xml.doctype")
    parser = ElementTree.XMLParser(encoding="utf-8")
    try:
        parser.feed(content)
        root: Element = parser.close()
    except (ElementTree.ParseError, ValueError) as error:
        raise OFDError("xml.malformed", str(error)[:120]) from error
    _check_depth(root)
    return root


@cache
def qualified(name: str) -> tuple[str, str]:
    """Return the tags that `name`, an element of the format, has in either namespace."""
    return f"{{{NAMESPACE}}}{name}", f"{{{OLD_NAMESPACE}}}{name}"


def local(element: Element) -> str:
    """Return the name of `element` without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """Return the namespace of `element`."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def is_called(element: Element, name: str) -> bool:
    """Tell whether `element` is the format's element `name`."""
    return element.tag in qualified(name)


def children(element: Element | None, name: str) -> list[Element]:
    """Return the children called `name` in either OFD namespace; of nothing, none."""
    if element is None:
        return []
    tags = qualified(name)
    return [child for child in element if child.tag in tags]


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child called `name`, or None."""
    return next(iter(children(element, name)), None)


def descendants(element: Element, name: str) -> list[Element]:
    """Return every element below called `name`, in document order."""
    tags = qualified(name)
    return [found for found in element.iter() if found.tag in tags]


def text(element: Element | None) -> str:
    """Return the text of `element`, stripped; empty when there is none."""
    return (element.text or "").strip() if element is not None else ""


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [below for element in level for below in element]
        if not level:
            return
    raise OFDError("xml.depth")
