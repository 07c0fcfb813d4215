"""Errors of the PDF format.

* MalformedError (sealkit)
  - MalformedPDFError     not a PDF we can read in bounded work
    - EncryptedPDFError   needs a password
* SealkitError
  - PDFSigningError       a sound document that cannot be signed as asked
"""

from sealkit.errors import MalformedError, SealkitError


class MalformedPDFError(MalformedError):
    """Bytes that are not a PDF, or one that asks for more work than a licence ever does."""

    code = "pdf.malformed"


class EncryptedPDFError(MalformedPDFError):
    """A PDF that cannot be read without a password; a licence never is one."""

    code = "pdf.encrypted"


class PDFSigningError(SealkitError):
    """A document that cannot take the signature asked for."""

    code = "pdf.signing"
