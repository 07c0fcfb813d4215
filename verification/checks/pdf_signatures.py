"""The signatures of a PDF: values, coverage, and what was changed afterwards.

A licence rests on its SM2 signatures. A signature of another algorithm beside them is there
for ordinary viewers: it must not be broken, but its chain is judged only where the trust
material covers it. When there is no SM2 signature, the others are what the file rests on.
"""

from collections.abc import Sequence
from typing import Final

from sealkit import oids
from sealkit.formats.pdf import Modification, PDFSignature
from verification.checks.sources import Outcomes
from verification.report import Finding, Severity

_SM2: Final = (oids.SM2_WITH_SM3, oids.SM2_SIGNATURE)


def signatures_relied_on(signatures: Sequence[PDFSignature]) -> tuple[PDFSignature, ...]:
    """Return the signatures whose chains decide."""
    people = [entry for entry in signatures if not entry.is_document_timestamp]
    national = tuple(entry for entry in people if entry.algorithm in _SM2)
    return national or tuple(people)


def check_covered(signature: PDFSignature) -> Outcomes:
    """The bytes that the signature names are those that were signed."""
    if not signature.digest_holds:
        yield Finding("pdf.content_changed", Severity.ERROR, _evidence(signature))


def check_later_changes(
    signature: PDFSignature, later: Sequence[PDFSignature], *, later_are_trusted: bool
) -> Outcomes:
    """Nothing but validation data and trusted signatures was added afterwards.

    A signature field may paint over the page, and it can be added without being signed, or
    be filled with a timestamp, which services give to anybody. So what was added counts as
    a signature only where somebody signed `later` with nothing visible after it, and is
    harmless only when everybody who signed later is trusted too.
    """
    harmless = (Modification.NONE, Modification.ARCHIVAL)
    if signature.modification in harmless:
        return
    is_signed = any(
        entry.modification in harmless and not entry.is_document_timestamp for entry in later
    )
    if signature.modification is Modification.OTHER or not is_signed:
        yield Finding("pdf.changed_after_signing", Severity.ERROR, _evidence(signature))
    elif not later_are_trusted:
        yield Finding("pdf.signed_over", Severity.UNKNOWN, _evidence(signature))


def check_pdf_value(signature: PDFSignature) -> Outcomes:
    """The signature value holds with the certificate that the signature carries."""
    evidence = _evidence(signature) | {"algorithm": signature.algorithm}
    if signature.signature_holds is None:
        yield Finding("signature.algorithm_unsupported", Severity.UNKNOWN, evidence)
    elif not signature.signature_holds:
        yield Finding("signature.value_invalid", Severity.ERROR, evidence)


def _evidence(signature: PDFSignature) -> dict[str, str]:
    return {"field": signature.field_name}
