"""Receipts (核验凭据): signed proof of what a certificate-free check answered.

A receipt goes into the case file instead of a copy of the licence. It names editions and
states, never a field value; the holder is not in it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sealkit import numeric_date, tokens
from sealkit.errors import MalformedError
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

TYP: Final = "yinxin-receipt+jwt"
MAX_ENTRIES: Final = 256  # requirements of one item, editions of one answer

_Entry = TypeVar("_Entry")


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
    """GB/T 36904; its version is the edition."""
    verdict: str
    status: int | None
    """State of its slot when the check was answered; None when it could not be had."""
    document_digest: str
    """Hexadecimal SM3 of the file that was verified."""
    log_size: int | None = None
    """Size of the transparency log that held the edition; None when the log was not asked."""


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
    """Return the signed receipt (JWS, SM2).

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    members = asdict(receipt)
    members["iat"] = numeric_date.from_datetime(members.pop("answered_at"))
    return tokens.sign_token(members, signer, typ=TYP)


def parse_receipt(
    token: str, keys: SM2PublicKey | Iterable[SM2PublicKey], *, at: datetime
) -> Receipt:
    """Read a receipt signed by one of `keys`; members that we do not know are passed over.

    Raises:
        InvalidSignatureError: if none of them signed it.
        UnsupportedError: if it names another algorithm.
        TokenTimeError: if it says to be answered after `at`.
        MalformedError: if it is no receipt.
    """
    members = tokens.verify_token(token, keys, typ=TYP, at=at)
    return Receipt(
        check_id=_text(members, "check_id"),
        region=_text(members, "region"),
        item=_text(members, "item"),
        case_number=_text(members, "case_number"),
        asked_by=_text(members, "asked_by"),
        basis=_text(members, "basis"),
        answer=_text(members, "answer"),
        requirements=_entries(members, "requirements", _requirement),
        evidence=_entries(members, "evidence", _evidence),
        answered_at=numeric_date.to_datetime(members.get("iat")),
    )


def _requirement(members: Mapping[str, Any]) -> RequirementAnswer:
    return RequirementAnswer(_text(members, "requirement"), _text(members, "answer"))


def _evidence(members: Mapping[str, Any]) -> Evidence:
    return Evidence(
        identifier=_text(members, "identifier"),
        verdict=_text(members, "verdict"),
        status=_number(members, "status"),
        document_digest=_text(members, "document_digest"),
        log_size=_number(members, "log_size"),
    )


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise MalformedError(f"the receipt's {name} is not a text")
    return value


def _number(members: Mapping[str, Any], name: str) -> int | None:
    value = members.get(name)
    if value is not None and (type(value) is not int or value < 0):
        raise MalformedError(f"the receipt's {name} is not a number")
    return value


def _entries(
    members: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], _Entry]
) -> tuple[_Entry, ...]:
    entries = members.get(name)
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise MalformedError(f"the receipt's {name} are no list")
    if not all(isinstance(entry, dict) for entry in entries):
        raise MalformedError(f"the receipt's {name} hold something else")
    return tuple(map(read, entries))
