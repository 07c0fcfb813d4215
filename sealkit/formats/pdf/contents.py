"""What a PDF says that a verifier wants to know: its signatures and attached files.

Our own reader reads the plain form that licences have; whatever it finds unusual is read by
pyHanko, which alone may call a file malformed. The two never mix: all of a file comes from
one of them (docs/adr/0018-own-pdf-reader.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sealkit.formats.pdf import plain
from sealkit.formats.pdf.attachments import attachments
from sealkit.formats.pdf.document import open_document
from sealkit.formats.pdf.model import PDFSignature
from sealkit.formats.pdf.signatures import read_signatures


@dataclass(frozen=True, slots=True)
class PDFContents:
    """The signatures of a PDF and the files attached to it."""

    signatures: tuple[PDFSignature, ...]
    """In signing order."""
    attachments: Mapping[str, bytes] = field(repr=False)
    """By name, in the order of the name tree."""


def read_pdf(document: bytes) -> PDFContents:
    """Read a PDF.

    Raises:
        EncryptedPDFError: if it is encrypted.
        MalformedPDFError: if it cannot be read in bounded work, has too many signatures or
            attachments, or a signature is not a CMS by one certificate that it carries.
    """
    try:
        opened = plain.PlainPDF(document)
        return PDFContents(plain.read_signatures(opened), plain.read_attachments(opened))
    except plain.UnusualPDFError:
        reader = open_document(document)
        return PDFContents(read_signatures(reader), attachments(reader))
