"""Errors of OFD reading and sealing.

* OFDError (MalformedError)   `reason` is a stable code such as ``"zip.duplicate"``
* LockedDocumentError         a locked document takes no further seal
"""

from sealkit.errors import MalformedError, SealkitError


class OFDError(MalformedError):
    """A file that is not a readable OFD; `reason` says in what way."""

    code = "ofd"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class LockedDocumentError(SealkitError):
    """A document whose last seal covers the list of seals."""

    code = "ofd.locked"
