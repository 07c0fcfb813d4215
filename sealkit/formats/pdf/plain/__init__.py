"""Our own reader for PDFs of the plain form that licences have.

It reads what the verification of a signature needs and nothing else: cross-reference tables,
the catalogue, signature fields, attachments. It is stricter than any viewer, and where a
file is in the least unusual it says so (`UnusualPDFError`) and pyHanko reads the file
instead: what is unusual is judged slowly, never differently (docs/adr/0018).
"""

from sealkit.formats.pdf.plain.attachments import read_attachments
from sealkit.formats.pdf.plain.document import PlainPDF
from sealkit.formats.pdf.plain.objects import UnusualPDFError
from sealkit.formats.pdf.plain.signatures import read_signatures

__all__ = ["PlainPDF", "UnusualPDFError", "read_attachments", "read_signatures"]
