"""The data of one edition of a licence (证照), as every carrier repeats it.

The OFD attachment holds the record as JSON; CustomDatas repeat it under the short names
of GB/T 36903; the page prints it. `metadata()` and `printed_form()` are the two rules by
which those copies are derived, so that a verifier can derive them again and compare.
"""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from sealkit.errors import MalformedError

SCHEMA: Final = "yinxin-licence/1"
LONG_TERM: Final = "9999-12-31"
HOLDER_SEPARATOR: Final = "^"
MAX_RECORD_BYTES: Final = 256 * 1024

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or organisation the licence belongs to (持证主体)."""

    name: str
    code: str
    code_type: str
    """Three digits, GB/T 36903 annex A: ``"001"`` USCC, ``"111"`` citizen number."""


@dataclass(frozen=True, slots=True)
class RecordField:
    """One business field with its value as text."""

    name: str
    label: str
    short: str
    """GB/T 36903 extension name, such as ``"KZ_MC"``."""
    value: str


@dataclass(frozen=True, slots=True)
class StatusSlot:
    """Where the state of an edition is published: entry `index` of the list at `uri`."""

    uri: str
    index: int


@dataclass(frozen=True, slots=True)
class LicenceRecord:
    """Everything an edition says. Dates are ISO ``YYYY-MM-DD``, Beijing time."""

    identifier: str
    """GB/T 36904, with root and check character."""
    kind: str
    """Our name of the kind, such as ``"business_licence"``."""
    kind_code: str
    """21 characters, GB/T 36904 type code."""
    kind_name: str
    number: str
    """The printed licence number (证照编号)."""
    edition: int
    region: str
    """Six-digit code of the issuing region."""
    issuer_code: str
    issuer_name: str
    issued_on: str
    valid_from: str
    valid_until: str
    """Last day of validity; `LONG_TERM` when there is none."""
    holders: tuple[Holder, ...]
    fields: tuple[RecordField, ...]
    status: StatusSlot

    def value(self, name: str) -> str | None:
        """Return the value of field `name`, or None when the licence has no such field."""
        return next((field.value for field in self.fields if field.name == name), None)

    def metadata(self) -> dict[str, str]:
        """Return the record under the short names that OFD CustomDatas carry."""
        joined = HOLDER_SEPARATOR.join
        entries = {
            "ZZMC": self.kind_name,
            "ZZLXMC": self.kind_name,
            "ZZLXDM": self.kind_code,
            "ZZBH": self.number,
            "ZZBS": self.identifier,
            "ZZBFJG": self.issuer_name,
            "ZZBFJGDM": self.issuer_code,
            "ZZBFRQ": self.issued_on,
            "CZZT": joined(holder.name for holder in self.holders),
            "CZZTDM": joined(holder.code for holder in self.holders),
            "CZZTDMLXDM": joined(holder.code_type for holder in self.holders),
            "ZZYXQQSRQ": self.valid_from,
            "ZZYXQJZRQ": self.valid_until,
        }
        return entries | {field.short: field.value for field in self.fields}

    def to_json(self) -> bytes:
        """Return the canonical JSON: UTF-8, sorted keys, no spaces."""
        document = {"schema": SCHEMA, **asdict(self)}
        return json.dumps(
            document, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    @classmethod
    def from_json(cls, document: bytes) -> "LicenceRecord":
        """Read a record.

        Raises:
            MalformedError: if it is not JSON of this schema in UTF-8, has a key too many,
                too few or twice, text that is no Unicode, or is over 256 KiB.
        """
        if len(document) > MAX_RECORD_BYTES:
            raise MalformedError("licence record is too large")
        try:
            members = json.loads(document.decode(), object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise MalformedError("licence record is not JSON") from error
        if not isinstance(members, dict) or members.pop("schema", None) != SCHEMA:
            raise MalformedError(f"licence record is not of schema {SCHEMA}")
        return _read(members)


def printed_form(value: str) -> str:
    """Return `value` as the page prints it: ISO dates in Chinese, the rest unchanged."""
    found = _ISO_DATE.fullmatch(value)
    if value == LONG_TERM:
        return "长期"
    if found:
        return f"{found[1]}年{found[2]}月{found[3]}日"
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these members; which of two with one name counts is anybody's guess."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("licence record says something twice")
    return members


def _read(members: dict[str, Any]) -> LicenceRecord:
    try:
        members["holders"] = tuple(Holder(**holder) for holder in members["holders"])
        members["fields"] = tuple(RecordField(**entry) for entry in members["fields"])
        members["status"] = StatusSlot(**members["status"])
        record = LicenceRecord(**members)
    except (TypeError, KeyError) as error:
        raise MalformedError("licence record has wrong members") from error
    if not _is_typed(record):
        raise MalformedError("licence record has a member of the wrong type")
    return record


def _is_typed(record: LicenceRecord) -> bool:
    numbers = (record.edition, record.status.index)
    texts = [
        getattr(record, name)
        for name in LicenceRecord.__slots__
        if name not in ("edition", "holders", "fields", "status")
    ]
    texts += [record.status.uri]
    texts += [
        text for holder in record.holders for text in (holder.name, holder.code, holder.code_type)
    ]
    texts += [
        text
        for field in record.fields
        for text in (field.name, field.label, field.short, field.value)
    ]
    return all(type(number) is int and number >= 0 for number in numbers) and all(
        isinstance(text, str) and _is_unicode(text) for text in texts
    )


def _is_unicode(text: str) -> bool:
    """Tell whether `text` can be written: JSON can spell half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
