"""`yinxin ca check-path`: try a certificate path, with files alone.

Without a revocation list revocation is not checked, and the answer says so; with one or more
every certificate of the path but the anchor must be covered by a fresh one.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from sealkit.asn1.x509 import parse_certificate, pem_blocks
from sealkit.errors import MalformedError
from verification.path_rules import Purpose
from verification.paths import PathOutcome, PathVerdict, validate_path
from yinxin.offline import UsageError

VERDICTS: Final = {
    PathVerdict.OK: "valid",
    PathVerdict.BAD: "invalid",
    PathVerdict.UNKNOWN: "cannot_say",
}
PURPOSES: Final[Mapping[str, Purpose]] = {
    "sign": "sign",
    "encrypt": "encrypt",
    "timestamp": "timestamp",
    "ocsp": "ocsp",
    "any": "any",
}
MAX_FILE_BYTES: Final = 16 * 1024 * 1024


def check_path(
    *,
    anchors: Iterable[Path],
    intermediates: Iterable[Path],
    leaf: Path,
    crls: Iterable[Path],
    purpose: str,
    at: datetime,
) -> dict[str, Any]:
    """Return the answer on one path as it is printed.

    Raises:
        UsageError: if a file cannot be read, an anchor is no certificate, or the purpose is
            not one of `PURPOSES`.
    """
    if purpose not in PURPOSES:
        raise UsageError(f"--purpose {purpose}: one of {', '.join(PURPOSES)}")
    lists = [der for file in crls for der in _contents(file, "X509 CRL")]
    trusted = [der for file in anchors for der in _contents(file, "CERTIFICATE")]
    try:
        outcome = validate_path(
            _only(leaf),
            intermediates=[der for file in intermediates for der in _contents(file, "CERTIFICATE")],
            anchors=trusted,
            crls=lists,
            at=at,
            purpose=PURPOSES[purpose],
            require_revocation=bool(lists),
        )
    except MalformedError as error:
        raise UsageError(f"--anchors: {error}") from error
    return _answer(outcome, at, purpose, revocation_checked=bool(lists))


def _answer(
    outcome: PathOutcome, at: datetime, purpose: str, *, revocation_checked: bool
) -> dict[str, Any]:
    return {
        "verdict": VERDICTS[outcome.verdict],
        "reason_code": outcome.reason_code,
        **reasons()[outcome.reason_code],
        "detail": outcome.detail,
        "at": at.isoformat(),
        "purpose": purpose,
        "revocation": "checked" if revocation_checked else "not_checked",
        "revoked_at": outcome.revoked_at.isoformat() if outcome.revoked_at else None,
        "chain": [parse_certificate(der).subject for der in outcome.chain],
    }


@cache
def reasons() -> Mapping[str, Mapping[str, str]]:
    """Return {zh, en} by reason code."""
    return tomllib.loads(files("yinxin").joinpath("path_reasons.toml").read_text("utf-8"))


def _only(leaf: Path) -> bytes:
    found = _contents(leaf, "CERTIFICATE")
    if len(found) != 1:
        # Which of them is asked about would be a guess, and a guess about trust.
        raise UsageError(f"{leaf}: {len(found)} certificates, --leaf takes one")
    return found[0]


def _contents(file: Path, label: str) -> list[bytes]:
    """Return the DER values in a PEM file, or the file itself when it is DER."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise UsageError(f"{file}: larger than {MAX_FILE_BYTES} bytes")
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read") from error
    if b"-----BEGIN " not in content:
        return [content]
    try:
        return pem_blocks(content, label)
    except MalformedError as error:
        raise UsageError(f"{file}: {error}") from error
