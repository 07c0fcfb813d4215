"""What the code says of a licence: CWT claims (RFC 8392) and one private claim.

``{1: region, 4: end of validity, 6: time of issue, 65535: status list entry,
-65538: {1: kind, 2: number, …}}``. Claim 4 is absent for long-term licences. Days are
counted from 1970-01-01; a licence ends at 24:00 Beijing time of its last day.

The code holds names and no numbers of persons. It is tied to the file by the first 16
bytes of SM3 over the record's canonical JSON.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from sealkit import cbor, numeric_date
from sealkit.errors import MalformedError
from sealkit.record import LONG_TERM, LicenceRecord, StatusSlot
from sealkit.sm import sm3

RECORD_DIGEST_BYTES: Final = 16
MAX_HOLDER_NAMES: Final = 8  # more would not fit; the number of holders is told then

_ISS, _EXP, _IAT, _STATUS, _LICENCE = 1, 4, 6, 65535, -65538
_MAX_TEXT_CHARACTERS: Final = 512
_MAX_EDITION: Final = 999
_BEIJING: Final = timezone(timedelta(hours=8))
_EPOCH: Final = date(1970, 1, 1).toordinal()
_LAST_DAY: Final = date.max.toordinal() - _EPOCH - 1

_KIND_NAME, _NUMBER, _IDENTIFIER, _KIND_CODE, _EDITION, _ISSUER_CODE = 1, 2, 3, 4, 5, 6
_ISSUER_NAME, _HOLDERS, _ISSUED_ON, _VALID_FROM, _RECORD_DIGEST, _HOLDER_COUNT = 7, 8, 9, 10, 11, 12


@dataclass(frozen=True, slots=True)
class CodeClaims:
    """The licence as its code tells it. Names are those of `LicenceRecord`."""

    region: str
    kind_code: str
    kind_name: str
    number: str
    identifier: str
    edition: int
    issuer_code: str
    issuer_name: str
    issued_on: str
    valid_from: str
    valid_until: str
    holder_names: tuple[str, ...]
    """The first eight holders."""
    holder_count: int
    record_digest: bytes
    """16 bytes, see `record_digest`."""
    status: StatusSlot
    issued_at: datetime
    """Whole seconds."""

    @classmethod
    def from_record(cls, record: LicenceRecord, *, at: datetime | None = None) -> "CodeClaims":
        """Return what the code of `record` says, all text in NFC.

        `at` is the time of issue; without it, the beginning of the day of issue.

        Raises:
            MalformedError: if a date of the record is not one.
        """
        return cls(
            region=record.region,
            kind_code=record.kind_code,
            kind_name=_nfc(record.kind_name),
            number=_nfc(record.number),
            identifier=record.identifier,
            edition=record.edition,
            issuer_code=record.issuer_code,
            issuer_name=_nfc(record.issuer_name),
            issued_on=record.issued_on,
            valid_from=record.valid_from,
            valid_until=record.valid_until,
            holder_names=tuple(_nfc(holder.name) for holder in record.holders[:MAX_HOLDER_NAMES]),
            holder_count=len(record.holders),
            record_digest=record_digest(record),
            status=record.status,
            issued_at=(at or _midnight(_date(record.issued_on))).replace(microsecond=0),
        )

    def to_cbor(self) -> bytes:
        """Return the payload to sign, deterministic.

        Raises:
            MalformedError: if a date is not one.
        """
        licence: dict[int, Any] = {
            _KIND_NAME: self.kind_name,
            _NUMBER: self.number,
            _IDENTIFIER: self.identifier,
            _KIND_CODE: self.kind_code,
            _EDITION: self.edition,
            _ISSUER_CODE: self.issuer_code,
            _ISSUER_NAME: self.issuer_name,
            _HOLDERS: list(self.holder_names),
            _ISSUED_ON: _days(self.issued_on),
            _VALID_FROM: _days(self.valid_from),
            _RECORD_DIGEST: self.record_digest,
        }
        if self.holder_count != len(self.holder_names):
            licence[_HOLDER_COUNT] = self.holder_count
        slot = {"idx": self.status.index, "uri": self.status.uri}
        claims: dict[int, Any] = {
            _ISS: self.region,
            _IAT: numeric_date.from_datetime(self.issued_at),
            _STATUS: {"status_list": slot},
            _LICENCE: licence,
        }
        if self.valid_until != LONG_TERM:
            end = _midnight(_date(self.valid_until) + timedelta(days=1))
            claims[_EXP] = numeric_date.from_datetime(end)
        return cbor.encode(claims)

    def tells_of(self, record: LicenceRecord) -> bool:
        """Return whether this code was made for exactly this record."""
        return self.record_digest == record_digest(record)


def record_digest(record: LicenceRecord) -> bytes:
    """Return the 16 bytes by which a code names the record of its file."""
    return sm3.digest(record.to_json())[:RECORD_DIGEST_BYTES]


def parse_claims(payload: bytes) -> CodeClaims:
    """Read the payload of a code; claims that we do not know are passed over.

    Raises:
        MalformedError: if a claim is missing or not of its type.
    """
    claims = _map(cbor.decode(payload))
    licence = _map(claims.get(_LICENCE))
    slot = _map(_map(claims.get(_STATUS)).get("status_list"))
    names = _names(licence.get(_HOLDERS))
    return CodeClaims(
        region=_text(claims.get(_ISS)),
        kind_code=_text(licence.get(_KIND_CODE)),
        kind_name=_text(licence.get(_KIND_NAME)),
        number=_text(licence.get(_NUMBER)),
        identifier=_text(licence.get(_IDENTIFIER)),
        edition=_number(licence.get(_EDITION), _MAX_EDITION),
        issuer_code=_text(licence.get(_ISSUER_CODE)),
        issuer_name=_text(licence.get(_ISSUER_NAME)),
        issued_on=_day(licence.get(_ISSUED_ON)),
        valid_from=_day(licence.get(_VALID_FROM)),
        valid_until=_last_day(claims.get(_EXP)) if _EXP in claims else LONG_TERM,
        holder_names=names,
        holder_count=_number(licence.get(_HOLDER_COUNT, len(names)), 1 << 16),
        record_digest=_digest(licence.get(_RECORD_DIGEST)),
        status=StatusSlot(_text(slot.get("uri")), _number(slot.get("idx"), 1 << 32)),
        issued_at=numeric_date.to_datetime(claims.get(_IAT)),
    )


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MalformedError("a date of the licence is not a date") from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _BEIJING).astimezone(UTC)


def _days(text: str) -> int:
    return _date(text).toordinal() - _EPOCH


def _map(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise MalformedError("a claim of the code that is a map is missing")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT_CHARACTERS:
        raise MalformedError("a claim of the code is not a text")
    return value


def _number(value: Any, largest: int) -> int:
    if type(value) is not int or not 0 <= value <= largest:
        raise MalformedError("a claim of the code is not a number in its range")
    return value


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_HOLDER_NAMES:
        raise MalformedError("the code does not name its holders")
    return tuple(map(_text, value))


def _day(value: Any) -> str:
    if type(value) is not int or not -_EPOCH < value <= _LAST_DAY:
        raise MalformedError("a date of the code is not a date")
    return date.fromordinal(_EPOCH + value).isoformat()


def _last_day(value: Any) -> str:
    last_second = numeric_date.to_datetime(value) - timedelta(seconds=1)
    return last_second.astimezone(_BEIJING).date().isoformat()


def _digest(value: Any) -> bytes:
    if not isinstance(value, bytes) or len(value) != RECORD_DIGEST_BYTES:
        raise MalformedError("the code does not name its record")
    return value
