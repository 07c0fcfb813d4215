"""Which of the formats some bytes are, by how they begin."""

import re
from enum import StrEnum
from typing import Final

_ZIP_LOCAL_HEADER: Final = b"PK\x03\x04"
_ZIP_NAME: Final = 30  # where the first entry's name begins
_MANIFEST: Final = b"manifest.json"
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_REACH: Final = 65_557  # the end record with the longest comment
_PDF_REACH: Final = 1024  # readers accept the header anywhere in the first kilobyte
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_MAX_TEXT_BYTES: Final = 16 * 1024
_CODE = re.compile(rb"CL[1-9A-Z]:")
_IDENTIFIER = re.compile(r"\s*1\.2\.156\.3005\.2\.[0-9A-Za-z_.]{1,120}\s*")


class Format(StrEnum):
    """The forms in which a licence is shown."""

    OFD = "ofd"
    PDF = "pdf"
    ARCHIVE = "archive"
    CODE = "code"
    IMAGE = "image"
    IDENTIFIER = "identifier"


def detect(document: bytes) -> Format | None:
    """Return the format of `document`, or None when it is none that we know.

    A file that only looks like its format is still named: its own rules say what is
    wrong with it.
    """
    if document.startswith(_ZIP_LOCAL_HEADER) and document.startswith(_MANIFEST, _ZIP_NAME):
        return Format.ARCHIVE
    if document.startswith(_ZIP_LOCAL_HEADER) or _ZIP_END in document[-_ZIP_END_REACH:]:
        return Format.OFD
    if b"%PDF-" in document[:_PDF_REACH]:
        return Format.PDF
    if document.startswith((_PNG, _JPEG)):
        return Format.IMAGE
    if _CODE.match(document):
        return Format.CODE
    if _is_identifier(document):
        return Format.IDENTIFIER
    return None


def _is_identifier(document: bytes) -> bool:
    if len(document) > _MAX_TEXT_BYTES:
        return False
    try:
        return _IDENTIFIER.fullmatch(document.decode()) is not None
    except UnicodeDecodeError:
        return False
