"""Has anything changed since the seal was applied, and does the seal cover everything."""

from sealkit.formats.ofd.signatures import AppliedSeal
from verification.checks.sources import Outcomes
from verification.report import Finding, Severity


def check_digests(seal: AppliedSeal, *, list_path: str | None) -> Outcomes:
    """Every file that the seal covers is there, unchanged.

    `list_path` is the list of signatures, which a locking seal covers. A method other than
    SM3 is refused, and so is none, which by the standard means MD5
    (standards/ofd-and-seal, 5.2).
    """
    if not seal.digest_method_is_sm3:
        evidence = {"signature": seal.path, "method": seal.check_method or "absent"}
        yield Finding("digest.method_weak", Severity.ERROR, evidence)
        return
    for reference in seal.references:
        evidence = {"file": reference.name, "signature": seal.path}
        if not reference.present:
            yield Finding("digest.file_missing", Severity.ERROR, evidence)
        elif reference.digest is None:
            yield Finding("digest.value_malformed", Severity.ERROR, evidence)
        elif not reference.matches and reference.name == list_path:
            yield Finding("signature.list_changed", Severity.ERROR, evidence)
        elif not reference.matches:
            yield Finding("digest.file_changed", Severity.ERROR, evidence)
    if seal.duplicate_references:
        yield Finding("digest.reference_repeated", Severity.WARNING, {"signature": seal.path})


def check_coverage(seal: AppliedSeal) -> Outcomes:
    """The seal covers every file that was there when it was applied.

    What no seal covers can be exchanged at will: a page left out is no page of a licence.
    """
    for name in seal.uncovered:
        evidence = {"file": name, "signature": seal.path}
        yield Finding("coverage.incomplete", Severity.ERROR, evidence)
