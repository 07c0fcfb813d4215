"""Writing a PDF file (ISO 32000-1): numbered objects, a cross-reference table, a trailer.

Plain and deterministic: no date, no random identifier. pyHanko, which signs the result by
incremental update, reads it like any other PDF.
"""

import codecs
import hashlib
import zlib
from typing import Final

HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
"""The second line marks the file as binary (7.5.2)."""


class PDFFile:
    """A PDF file as it grows. References are the text that stands in other objects."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def add(self, body: str | bytes) -> str:
        """Append an object and return the reference to it."""
        self._objects.append(body if isinstance(body, bytes) else body.encode("latin-1"))
        return f"{len(self._objects)} 0 R"

    def reserve(self) -> str:
        """Return the reference to an object that `fill` writes later."""
        return self.add(b"")

    def fill(self, reference: str, body: str) -> None:
        """Write a reserved object."""
        self._objects[int(reference.split()[0]) - 1] = body.encode("latin-1")

    def add_stream(self, entries: str, data: bytes) -> str:
        """Append a compressed stream; `entries` is what else its dictionary says."""
        return self.add_packed_stream(f"{entries} /Filter /FlateDecode", zlib.compress(data))

    def add_packed_stream(self, entries: str, packed: bytes) -> str:
        """Append a stream whose bytes are already as `entries` says."""
        head = f"<< {entries} /Length {len(packed)} >>\nstream\n".encode("latin-1")
        return self.add(head + packed + b"\nendstream")

    def finish(self, root: str, information: str) -> bytes:
        """Return the whole file; its identifier is a digest of its objects (14.4)."""
        out = bytearray(HEADER)
        offsets = []
        for number, body in enumerate(self._objects, start=1):
            offsets.append(len(out))
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        identifier = hashlib.sha256(out).hexdigest()[:32]
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        trailer = (
            f"trailer\n<< /Size {len(offsets) + 1} /Root {root} /Info {information} "
            f"/ID [<{identifier}> <{identifier}>] >>\nstartxref\n{start}\n%%EOF\n"
        )
        return bytes(out) + trailer.encode("ascii")


def text_string(text: str) -> str:
    """Return a text string (7.9.2.2) in UTF-16 with its mark, as hexadecimal."""
    encoded = codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    return f"<{encoded.hex().upper()}>"
