"""The one question: may this licence be relied on, at this time.

Whatever the form, the rules run in one order: structure → digests → seal → signature →
chain → authority → dates → timestamp → status → log → agreement of page, metadata, record
and register. `verify` never raises for a bad document, however hostile: a bad licence is an
answer. It reads no clock and fetches nothing; sources come in through `verification.ports`.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from verification.archive import examine_archive
from verification.checks.notes import Notes
from verification.checks.sources import Sources
from verification.checks.status_slip import parted
from verification.code import examine_code, examine_image
from verification.detect import Format, detect
from verification.identifier import examine_identifier
from verification.ofd import examine_ofd
from verification.pdf import examine_pdf
from verification.ports import LogSource, RegisterSource, StatusDaySource, StatusSource
from verification.report import Finding, Report, Severity
from verification.trust import TrustStore

MAX_DOCUMENT_BYTES: Final = 64 * 1024 * 1024

_EXAMINE: Final[Mapping[Format, Callable[[bytes, Sources, Notes], None]]] = {
    Format.OFD: examine_ofd,
    Format.PDF: examine_pdf,
    Format.CODE: examine_code,
    Format.IMAGE: examine_image,
    Format.IDENTIFIER: examine_identifier,
    Format.ARCHIVE: examine_archive,
}


def verify(
    document: bytes,
    *,
    trust: TrustStore,
    status: StatusSource | None,
    log: LogSource | None,
    register: RegisterSource | None,
    at: datetime,
    code: str | None = None,
    days: StatusDaySource | None = None,
    valid_on: date | None = None,
    slip: str | None = None,
) -> Report:
    """Judge a document as of `at`: a file, a photo, or a code or identifier as UTF-8.

    `slip` is a status slip shown beside it; below a code it may stand on the next line.
    `valid_on` asks instead whether it was in force at the end of that day in Beijing.

    `code` is the licence's code when it is shown together with a file: the two must agree,
    and with it the file's place in the log can be proven. A source that is None is one that
    the caller does not have; the report says what could not be checked without it.
    """
    document, below = parted(document) if document.startswith(b"CL") else (document, None)
    sources = Sources(trust, status, log, register, at, code, days, valid_on, slip or below)
    found = detect(document)
    notes = Notes(found.value if found else "unknown", sources)
    if len(document) > MAX_DOCUMENT_BYTES:
        notes.add([Finding("document.too_large", Severity.UNKNOWN)])
        notes.skip_after("structure")
    elif found is None:
        notes.add([Finding("document.format_unknown", Severity.ERROR)])
        notes.skip_after("structure")
    else:
        _EXAMINE[found](document, sources, notes)
    return notes.report()
