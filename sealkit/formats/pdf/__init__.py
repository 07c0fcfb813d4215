"""Licences as PDF: signing, reading signatures, reading attachments.

Reading yields facts; whether they make a good licence is for `verification` to say.
"""

from sealkit.formats.pdf.attachments import attachments
from sealkit.formats.pdf.contents import PDFContents, read_pdf
from sealkit.formats.pdf.document import PDFDocument, open_document
from sealkit.formats.pdf.model import Modification, PDFSignature
from sealkit.formats.pdf.signatures import read_signatures
from sealkit.formats.pdf.signing import SignatureBox, sign_pdf

__all__ = [
    "Modification",
    "PDFContents",
    "PDFDocument",
    "PDFSignature",
    "SignatureBox",
    "attachments",
    "open_document",
    "read_pdf",
    "read_signatures",
    "sign_pdf",
]
