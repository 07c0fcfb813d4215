"""The status list of one day that is over: what it said at midnight in Beijing, frozen.

An extension of ours (docs/adr/0017-status-deltas-and-days.md). A CWT of a type of its own, so
that it never passes for the present list: ``sub`` and ``status_list`` of the list, ``iat`` when
it was frozen, -65539 the version, ``-65541`` the day. SM3 of the file is in the transparency
log under `day_entry`, so the day cannot be frozen again with another content unseen.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final

from sealkit import cbor, numeric_date
from sealkit.errors import MalformedError
from sealkit.formats.code import cose
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_claims import SUB, typed_claims
from sealkit.status_list import VERSION_CLAIM, StatusList, checked_version

TYP: Final = "application/yinxin-statusday+cwt"
BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")

_ENTRY_LABEL: Final = "yinxin-status-day/1"
_IAT, _STATUS_LIST, _DAY = 6, 65533, -65541
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FrozenDay:
    """What is published of one list and day."""

    token: bytes
    """See `parse_day`."""
    proof: bytes
    """That the log has its entry: a C2SP tlog-proof without an extra line."""


@dataclass(frozen=True)
class StatusDay:
    """A frozen list as it stands in its bytes, unverified."""

    uri: str
    """Address of the list."""
    day: date
    """In Beijing."""
    issued_at: datetime
    """When it was frozen: after the day, and long after where the service was down."""
    version: int
    statuses: StatusList
    message: cose.Sign1 = field(repr=False)

    @property
    def kid(self) -> bytes:
        """8 bytes: the key to try first."""
        return self.message.kid

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.message.verify(key)


def day_end(day: date) -> datetime:
    """Return the first instant after a day in Beijing; the last day of the calendar has none.

    Raises:
        OverflowError: for that day.
    """
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)


def day_entry(uri: str, day: date, token: bytes) -> bytes:
    """Return what the transparency log holds of a frozen list: no personal data."""
    return cbor.encode([_ENTRY_LABEL, uri, day.isoformat(), sm3.digest(token)])


def build_day(
    statuses: StatusList, *, uri: str, day: date, version: int, signer: Signer, at: datetime
) -> bytes:
    """Return the CWT of a list as it was at the end of `day`, frozen at `at`.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    claims: dict[int, Any] = {
        SUB: uri,
        _IAT: numeric_date.from_datetime(at),
        _STATUS_LIST: {"bits": statuses.bits, "lst": statuses.pack()},
        VERSION_CLAIM: version,
        _DAY: day.isoformat(),
    }
    return cose.sign(cbor.encode(claims), signer, typ=TYP)


def parse_day(cwt: bytes) -> StatusDay:
    """Read a frozen list.

    Raises:
        MalformedError: if it is none.
        UnsupportedError: if it is signed with another algorithm.
    """
    message, claims, uri = typed_claims(cwt, TYP, "status list of a day")
    entries = claims.get(_STATUS_LIST)
    if not isinstance(entries, dict) or not isinstance(entries.get("lst"), bytes):
        raise MalformedError("the token holds no status list")
    return StatusDay(
        uri=uri,
        day=parse_date(claims.get(_DAY)),
        issued_at=numeric_date.to_datetime(claims.get(_IAT)),
        version=checked_version(claims.get(VERSION_CLAIM)),
        statuses=StatusList.unpack(entries["lst"], entries.get("bits", 0)),
        message=message,
    )


def parse_date(text: Any) -> date:
    """Read a day as YYYY-MM-DD.

    Raises:
        MalformedError: if it is none, or the last of the calendar, which has no end.
    """
    if not isinstance(text, str) or not _ISO_DATE.fullmatch(text):
        raise MalformedError("a day is YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise MalformedError("there is no such day") from error
    if day == date.max:
        raise MalformedError("there is no such day")
    return day
