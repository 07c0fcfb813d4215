"""Receipts (核验凭据): signed proof of what a certificate-free check answered.

A receipt goes into the case file instead of a copy of the licence. It names editions and
states, never a field value; the holder is not in it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sealkit import tokens
from sealkit.errors import MalformedError
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

TYP: Final = "yinxin-receipt+jwt"


@dataclass(frozen=True, slots=True)
class RequirementAnswer:
    """One requirement of the item and its answer."""

    requirement: str
    answer: str
    """``"met"``, ``"not_met"`` or ``"cannot_say"``."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An edition that the answer rests on."""

    identifier: str
    verdict: str
    status: int | None
    """State of its slot when the check was answered; None when it could not be had."""
    document_digest: str
    """Hexadecimal SM3 of the file that was verified."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was answered, to whom, for which case."""

    check_id: str
    region: str
    item: str
    case_number: str
    asked_by: str
    """USCC of the organisation that asked."""
    basis: str
    """Consent or statutory basis."""
    answer: str
    requirements: tuple[RequirementAnswer, ...]
    evidence: tuple[Evidence, ...]
    answered_at: datetime
    """Whole seconds."""


def build_receipt(receipt: Receipt, signer: Signer) -> str:
    """Return the signed receipt (JWS, SM2)."""
    members = asdict(receipt)
    answered_at = members.pop("answered_at")
    members["iat"] = int(answered_at.timestamp())
    return tokens.sign_token(members, signer, typ=TYP)


def parse_receipt(
    token: str, keys: SM2PublicKey | Iterable[SM2PublicKey], *, at: datetime
) -> Receipt:
    """Read a receipt signed by one of `keys`.

    Raises:
        InvalidSignatureError: if none of them signed it.
        MalformedError: if it is no receipt.
    """
    members = tokens.verify_token(token, keys, typ=TYP, at=at)
    try:
        members["answered_at"] = datetime.fromtimestamp(members.pop("iat"), UTC)
        members["requirements"] = _all(RequirementAnswer, members["requirements"])
        members["evidence"] = _all(Evidence, members["evidence"])
        return Receipt(**members)
    except (LookupError, TypeError, ValueError, OverflowError, OSError) as error:
        raise MalformedError("receipt lacks a member or has one of the wrong type") from error


def _all(kind: Any, entries: Any) -> tuple[Any, ...]:
    return tuple(kind(**entry) for entry in entries)
