"""Is the package one OFD document that every reader reads alike."""

from typing import Final

from sealkit.formats.ofd.model import OFDDocument
from sealkit.formats.ofd.signatures import SignatureList, unreachable
from verification.checks.sources import Outcomes
from verification.report import Finding, Severity

_AMBIGUOUS: Final = frozenset({"attachment.duplicate", "custom_data.duplicate", "id.duplicate"})
"""Broken rules that let two readers see two different licences."""


def check_structure(document: OFDDocument, signatures: SignatureList) -> Outcomes:
    """One document, nothing in the package that it does not refer to, no ambiguity."""
    if document.document_count != 1:
        evidence = {"documents": str(document.document_count)}
        yield Finding("ofd.document.several", Severity.ERROR, evidence)
    for name in unreachable(document, signatures):
        yield Finding("ofd.file.smuggled", Severity.ERROR, {"file": name})
    for code, detail in (*document.problems, *signatures.problems):
        evidence = {"deviation": code, "detail": detail}
        if code in _AMBIGUOUS:
            yield Finding("ofd.ambiguous", Severity.ERROR, evidence)
        else:
            yield Finding("ofd.deviation", Severity.WARNING, evidence)
