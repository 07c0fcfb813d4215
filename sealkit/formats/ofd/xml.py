"""XML of OFD files, parsed without anything that XML could do to us.

* UTF-8 only, whatever the file declares: then a DOCTYPE can be seen before parsing, and
  without one there are no entities and nothing is fetched.
* Size, markup and depth are bounded; the counts of ``<`` and ``=`` bound what the parser
  can make of the bytes before it makes it. So does the length of namespaces, which the
  parser puts before every name anew.
* Both namespaces are read, the standard's and the older one without a year.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final
from xml.etree import ElementTree

from sealkit.formats.ofd.errors import OFDError

NAMESPACE: Final = "http://www.ofdspec.org/2016"
OLD_NAMESPACE: Final = "http://www.ofdspec.org"
MAX_DEPTH: Final = 64
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_MARKS: Final = 28_000
"""``<``, and ``=``, in one file: at least its elements, and its attributes.

What the parser makes of one mark takes up to 1.2 kB.
"""

_ENCODING: Final = re.compile(rb"""<\?xml\s[^>]{0,1000}?encoding\s*=\s*["']([^"'>]{0,40})""")
_LONG_NAMESPACE: Final = re.compile(
    rb"""xmlns(?:(?::[^\s=]{1,100})?\s*=\s*(?:"[^"]{101}|'[^']{101})|:[^\s=]{101})"""
)
_UTF8_NAMES: Final = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

Element = ElementTree.Element


@dataclass(slots=True)
class Budget:
    """What may still be parsed in one walk; a file counts each time it is parsed."""

    bytes_left: int = 8 * 1024 * 1024
    marks_left: int = 120_000

    def spend(self, size: int, marks: int) -> None:
        """Take off one file.

        Raises:
            OFDError: ``xml.size`` if there is not so much left.
        """
        self.bytes_left -= size
        self.marks_left -= marks
        if min(self.bytes_left, self.marks_left) < 0:
            raise OFDError("xml.size", "all files together")


def parse(content: bytes, budget: Budget | None = None) -> Element:
    """Return the root element of `content`.

    Raises:
        OFDError: with reason ``xml.…``.
    """
    check_size(content, budget)
    return parse_paid(content)


def parse_paid(content: bytes) -> Element:
    """Return the root element of `content`, whose size `check_size` has passed.

    Raises:
        OFDError: with reason ``xml.…``.
    """
    if b"\0" in content:
        # The parser takes UTF-16 for what it is, whatever it is told.
        raise OFDError("xml.encoding", "not UTF-8")
    declared = _ENCODING.match(content.removeprefix(_BYTE_ORDER_MARK))
    if declared and declared[1].lower() not in _UTF8_NAMES:
        raise OFDError("xml.encoding", repr(declared[1]))
    if b"<!DOCTYPE" in content:
        raise OFDError("xml.doctype")
    _check_namespaces(content)
    parser = ElementTree.XMLParser(encoding="utf-8")
    try:
        parser.feed(content)
        root: Element = parser.close()
    except (ElementTree.ParseError, ValueError) as error:
        raise OFDError("xml.malformed", str(error)[:120]) from error
    _check_depth(root)
    return root


def check_size(content: bytes, budget: Budget | None = None) -> None:
    """Refuse what would take too much to parse, and pay for the rest from `budget`.

    Raises:
        OFDError: ``xml.size``.
    """
    marks = max(content.count(b"<"), content.count(b"="))
    if len(content) > MAX_BYTES or marks > MAX_MARKS:
        raise OFDError("xml.size")
    if budget is not None:
        budget.spend(len(content), marks)


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


def _check_namespaces(content: bytes) -> None:
    # Searching for the expression itself would take as long as parsing.
    place = content.find(b"xmlns")
    while place >= 0:
        if _LONG_NAMESPACE.match(content, place):
            raise OFDError("xml.size", "a long namespace")
        place = content.find(b"xmlns", place + 1)


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [below for element in level for below in element]
        if not level:
            return
    raise OFDError("xml.depth")
