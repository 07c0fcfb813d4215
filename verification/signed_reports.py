"""Signed reports: the detailed report of one document as a JWS (SM2) by the receipt key.

It names the document by its SM3 and holds nothing else of it but what a report says. A
report on a hostile document may be long: what would not fit a token is left out from the
end, the weightiest findings stay, and the number left out is said.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sealkit import numeric_date, statements, tokens
from sealkit.errors import MalformedError
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey
from verification.report import Report
from verification.report_detail import detailed, weightiest_first

MAX_SIGNED_BYTES: Final = 40 * 1024  # a token of ours is read up to 64 Ki characters
_MEMBERS: Final = ("verdict", "findings", "unchecked", "at", "format", "document_sm3", "region")


def report_members(report: Report, document: bytes, *, region: str) -> dict[str, Any]:
    """Return what a signed report says: the detailed form, the document's SM3, who answers."""
    return detailed(report) | {
        "findings": [finding.to_dict() for finding in weightiest_first(report.findings)],
        "document_sm3": sm3.digest(document).hex(),
        "region": region,
    }


def sign_report(members: Mapping[str, Any], signer: Signer, *, at: datetime) -> str:
    """Return the compact JWS of a report's members as `report_members` makes them."""
    claims = _fitting(dict(members)) | {
        "iat": numeric_date.from_datetime(at.replace(microsecond=0))
    }
    return tokens.sign_token(claims, signer, typ=statements.REPORT)


def read_report(
    token: str, keys: SM2PublicKey | Iterable[SM2PublicKey], *, at: datetime
) -> dict[str, Any]:
    """Return the members of a report that one of `keys` signed.

    Raises:
        MalformedError: if it is no signed report.
        InvalidSignatureError: if none of `keys` signed it.
        UnsupportedError: if it names another algorithm.
        TokenTimeError: if it says to be made after `at`.
    """
    members = tokens.verify_token(token, keys, typ=statements.REPORT, at=at)
    if any(name not in members for name in _MEMBERS):
        raise MalformedError("the token is no report")
    return members


def _fitting(members: dict[str, Any]) -> dict[str, Any]:
    """Return `members` short enough for a token; `left_out` counts what was taken away."""
    left_out = 0
    for name in ("findings", "unchecked", "chains"):
        while len(_json(members)) > MAX_SIGNED_BYTES and members[name]:
            kept = members[name][: len(members[name]) // 2]
            left_out += len(members[name]) - len(kept)
            members |= {name: kept}
    return members | {"left_out": left_out}


def _json(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode()
