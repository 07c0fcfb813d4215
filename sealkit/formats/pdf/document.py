"""A foreign PDF, opened so that it can do no harm.

* Every exception pyHanko is known to throw at a broken file ends as `MalformedPDFError`.
* Work is bounded: bytes in, bytes out of decompression, objects, revisions, values made of
  bytes, and above all values looked at. pyHanko walks every *path* through a document when
  it compares revisions, and a page of references that point at each other twice has more
  paths than there are atoms; so each look-up is paid for from one purse, by the size of what
  it returns.
* Strict reading only: what a strict reader and a lenient viewer see differently is how
  signed documents are made to show something else.
"""

import binascii
import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from sealkit.errors import MalformedError
from sealkit.formats.pdf.cross_references import check_sections
from sealkit.formats.pdf.errors import EncryptedPDFError, MalformedPDFError

MIB: Final = 1024 * 1024
MAX_DOCUMENT_BYTES: Final = 64 * MIB
MAX_STREAM_BYTES: Final = 16 * MIB  # one stream, decompressed
MAX_OBJECT_STREAM_BYTES: Final = MIB // 8  # read as objects, two bytes to a value
MAX_DECODED_BYTES: Final = 64 * MIB  # all streams, each time they are decompressed
MAX_READS: Final = 200_000  # of anything but digits; a licence of one page takes 1,000
MAX_READ_BYTES: Final = 2 * MIB  # and the whole document this often:
MAX_TIMES_READ: Final = 4
MAX_LOOKED_AT: Final = 100_000  # values; a page signed twice costs 700, 300 pages 17,000
_DIGITS: Final = b"0123456789abcdefABCDEF"
_read: Final = BytesIO.read

FOREIGN_ERRORS: Final = (
    PdfError,
    ValueError,  # also of asn1crypto, of pyHanko's CMS and form code, and UnicodeError
    TypeError,
    KeyError,
    IndexError,
    AttributeError,  # a number where a dictionary belongs
    AssertionError,  # pyHanko states its expectations of object types so
    NotImplementedError,
    ArithmeticError,  # also decimal.InvalidOperation: a number with two points
    RecursionError,
    EOFError,
    StopIteration,
    struct.error,
    zlib.error,
    binascii.Error,
)
"""What pyHanko and asn1crypto throw at hostile bytes, met by fuzzing or read in the source."""

_LIMITS: Final = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=MAX_STREAM_BYTES),
    per_purpose={
        **DEFAULT_PURPOSE_LIMITS,
        DecodePurpose.OBJECT_STREAM: StreamDecodeLimits(max_output_size=MAX_OBJECT_STREAM_BYTES),
    },
    document_budget=DocumentDecodeBudget(base_allowance=MAX_DECODED_BYTES, max_ratio=1),
)


# pyHanko logs each suspicious change with a traceback. A program that has set up no logging
# would get that on its standard error; the finding says it better.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())


@contextmanager
def foreign_bytes() -> Iterator[None]:
    """Turn whatever a hostile document makes the libraries throw into `MalformedPDFError`."""
    try:
        yield
    except MalformedError:
        raise
    except FOREIGN_ERRORS as error:
        raise MalformedPDFError(f"PDF cannot be read: {type(error).__name__}") from error


def open_document(document: "bytes | PDFDocument") -> "PDFDocument":
    """Open a PDF for reading within the limits of this module; an open one stays as it is.

    Raises:
        EncryptedPDFError: if it is encrypted.
        MalformedPDFError: if it is not a PDF or breaks a limit.
    """
    if isinstance(document, PDFDocument):
        return document
    if len(document) > MAX_DOCUMENT_BYTES:
        raise MalformedPDFError("PDF is too large")
    with foreign_bytes():
        check_sections(document)
        reader = PDFDocument(document)
        if reader.encrypted:
            raise EncryptedPDFError("PDF is encrypted")
        reader.root  # noqa: B018  # a document without a catalogue is none
    return reader


class _FrugalStream(BytesIO):
    """The bytes of a document, which may be read only so often.

    pyHanko makes a value of every two bytes of an object, and each takes a hundred bytes
    for every read that it costs; digits are not counted, a signature is thousands of them.
    Objects may lie inside each other, so that the same bytes belong to thousands.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._reads_left = MAX_READS
        self._bytes_left = MAX_READ_BYTES + MAX_TIMES_READ * len(content)

    def read(self, size: int | None = -1, /) -> bytes:
        found = _read(self, size)  # super() would cost half as much again, 10,000 times
        self._bytes_left -= len(found)
        if found not in _DIGITS:
            self._reads_left -= 1
        if self._reads_left < 0 or self._bytes_left < 0:
            raise MalformedPDFError("PDF is too entangled to be read")
        return found


class _Purse:
    """How many values may still be looked at."""

    def __init__(self) -> None:
        self._left = MAX_LOOKED_AT
        self._prices: dict[int, tuple[Any, int]] = {}

    def pay_for(self, found: Any) -> None:
        self._left -= self._price(found)
        if self._left < 0:
            raise MalformedPDFError("PDF is too entangled to be read")

    def _price(self, found: Any) -> int:
        """Return how many values a walk through `found` meets before the next reference."""
        if not isinstance(found, dict | list):
            return 1
        known = self._prices.get(id(found))
        if known is not None:
            return known[1]
        price, waiting = 0, [found]
        while waiting:
            one = waiting.pop()
            price += 1
            if isinstance(one, dict):
                # Not .values(): pyHanko's follows references, and so could go round.
                waiting.extend(dict.values(one))
            elif isinstance(one, list):
                waiting.extend(list.__iter__(one))
        # Keeping the object keeps its id from being given to another.
        self._prices[id(found)] = (found, price)
        return price


class _FrugalResolver(HistoricalResolver):
    """An older revision, whose look-ups are paid for."""

    def __init__(self, reader: "PDFDocument", revision: int) -> None:
        super().__init__(reader, revision)
        self._purse = reader.purse

    def get_object(self, ref: Reference, as_metadata_stream: bool = False) -> Any:
        found = super().get_object(ref, as_metadata_stream=as_metadata_stream)
        self._purse.pay_for(found)
        return found


class PDFDocument(PdfFileReader):
    """An open PDF, whose look-ups are paid for from one purse. Made by `open_document`."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.purse = _Purse()
        self._resolvers: dict[int, _FrugalResolver] = {}
        super().__init__(_FrugalStream(content), strict=True, decode_limits=_LIMITS)

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        """Return an object as pyHanko does, once it is paid for."""
        found = super().get_object(*args, **kwargs)  # type: ignore[no-untyped-call]  # pyHanko
        self.purse.pay_for(found)
        return found

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """Return what looks objects up in an older revision, paid for alike."""
        if revision not in self._resolvers:
            self._resolvers[revision] = _FrugalResolver(self, revision)
        return self._resolvers[revision]
