"""The objects of a plain PDF, each read when it is asked for."""

import re
import zlib
from collections.abc import Mapping
from typing import Any, Final

from pyhanko.pdf_utils.generic import TextStringObject, pdf_string

from sealkit.formats.pdf.plain.objects import (
    Purse,
    Reference,
    UnusualPDFError,
    read_value,
)
from sealkit.formats.pdf.plain.sections import Section, read_sections

MAX_DOCUMENT_BYTES: Final = 64 * 1024 * 1024
MAX_STREAM_BYTES: Final = 16 * 1024 * 1024  # one stream, inflated
_HEADER: Final = re.compile(rb"%PDF-[12]\.[0-9]\r?\n")
_OBJECT: Final = re.compile(rb"([0-9]{1,10}) 0 obj[\0\t\n\f\r ]{0,4}")
_END_OF_OBJECT: Final = re.compile(rb"[\0\t\n\f\r ]{0,4}endobj(?=[\0\t\n\f\r ])")
_STREAM: Final = re.compile(rb"[\0\t\n\f\r ]{0,4}stream\r?\n")
_END_OF_STREAM: Final = re.compile(rb"(?:\r?\n)?endstream[\0\t\n\f\r ]{1,4}endobj(?=[\0\t\n\f\r ])")


class PlainPDF:
    """An open PDF of the plain form."""

    def __init__(self, content: bytes) -> None:
        """Open `content`.

        Raises:
            UnusualPDFError: if it is not of the plain form.
        """
        if len(content) > MAX_DOCUMENT_BYTES or not _HEADER.match(content):
            raise UnusualPDFError("too large, or no plain header")
        self.content = content
        self.purse = Purse()
        self.sections: tuple[Section, ...] = read_sections(content, self.purse)
        """Newest first."""
        self._places: dict[int, int] = {}
        for section in reversed(self.sections):
            self._places.update(section.objects)
        self._read: dict[int, Any] = {}

    @property
    def catalogue(self) -> dict[str, Any]:
        """The document's catalogue.

        Raises:
            UnusualPDFError: if it is none.
        """
        catalogue = self.dictionary(self.sections[0].trailer["/Root"])
        if catalogue.get("/Type") != "/Catalog":
            raise UnusualPDFError("no catalogue")
        return catalogue

    def value(self, found: Any) -> Any:
        """Return `found`, or what it refers to; a stream gives its dictionary.

        Raises:
            UnusualPDFError: if a reference leads nowhere plain, or to another reference.
        """
        if not isinstance(found, Reference):
            return found
        if found.number not in self._read:
            value, _ = self._at(found.number)
            if isinstance(value, Reference):
                raise UnusualPDFError("a reference to a reference")
            self._read[found.number] = value
        return self._read[found.number]

    def dictionary(self, found: Any) -> dict[str, Any]:
        """Return the dictionary that `found` is or refers to.

        Raises:
            UnusualPDFError: if it is none.
        """
        value = self.value(found)
        if not isinstance(value, dict):
            raise UnusualPDFError("something else where a dictionary belongs")
        return value

    def array(self, found: Any) -> list[Any]:
        """Return the array that `found` is or refers to.

        Raises:
            UnusualPDFError: if it is none.
        """
        value = self.value(found)
        if not isinstance(value, list):
            raise UnusualPDFError("something else where an array belongs")
        return value

    def stream(self, found: Any) -> bytes:
        """Return the content of the stream that `found` refers to, inflated.

        Raises:
            UnusualPDFError: if it is no stream, of another filter, or inflates to too much.
        """
        if not isinstance(found, Reference):
            raise UnusualPDFError("a stream that is no object of its own")
        dictionary, end = self._at(found.number)
        begin = _STREAM.match(self.content, end)
        if begin is None or not isinstance(dictionary, dict):
            raise UnusualPDFError("no stream")
        length = self.value(dictionary.get("/Length"))
        if type(length) is not int or length < 0 or dictionary.keys() & {"/DecodeParms", "/F"}:
            raise UnusualPDFError("a stream of no plain form")
        content = self.content[begin.end() : begin.end() + length]
        if not _END_OF_STREAM.match(self.content, begin.end() + length):
            raise UnusualPDFError("a stream that does not end where it says")
        return _decoded(content, dictionary)

    def _at(self, number: int) -> tuple[Any, int]:
        """Return the value of an object, and where it ends."""
        place = self._places.get(number)
        head = _OBJECT.match(self.content, place) if place is not None else None
        if head is None or int(head[1]) != number:
            raise UnusualPDFError(f"object {number} is not where it should be")
        value, end = read_value(self.content, head.end(), self.purse)
        if not _END_OF_OBJECT.match(self.content, end) and not (
            isinstance(value, dict) and _STREAM.match(self.content, end)
        ):
            raise UnusualPDFError(f"object {number} does not end")
        return value, end


def text_of(found: Any) -> str:
    """Return the text that a string spells.

    Raises:
        UnusualPDFError: if it is no string, or in no known encoding.
    """
    if not isinstance(found, bytes):
        raise UnusualPDFError("something else where a text belongs")
    text = pdf_string(found)
    if not isinstance(text, TextStringObject):
        raise UnusualPDFError("a text in no known encoding")
    return str(text)


def _decoded(content: bytes, dictionary: Mapping[str, Any]) -> bytes:
    method = dictionary.get("/Filter")
    if method is None:
        return content
    if method not in ("/FlateDecode", ["/FlateDecode"]):
        raise UnusualPDFError("another filter")
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(content, MAX_STREAM_BYTES + 1)
    except zlib.error as error:
        raise UnusualPDFError("a stream that does not inflate") from error
    if not inflater.eof or inflater.unused_data or len(inflated) > MAX_STREAM_BYTES:
        raise UnusualPDFError("a stream longer or shorter than it should be")
    return inflated
