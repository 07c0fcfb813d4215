"""The note in an annotated copy of a licence (加注件): what it copies, for whom, until when.

A copy is made for one use and is no licence: it carries this note instead of the licence's
record, so nothing that looks for a licence finds one in it. Members of the note follow
GB/T 36903, rows 21 to 24, as deployed (`copy_create_time` and so on).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sealkit.errors import MalformedError
from sealkit.record import StatusSlot

COPY_NAME: Final = "annotated-copy.json"
"""Name of the attachment."""
TYPE: Final = "yinxin-annotated-copy"
VERSION: Final = 1
MAX_BYTES: Final = 16 * 1024
MAX_TEXT: Final = 512
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_TEXTS: Final = (
    "copy_id", "identifier", "record_digest", "kind_code", "kind_name", "region", "issuer_code",
    "issuer_name", "valid_from", "valid_until", "copy_cause", "recipient", "copy_creator",
)  # fmt: skip
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CopyNote:
    """What one annotated copy says of itself."""

    copy_id: str
    identifier: str
    """GB/T 36904, of the edition that was copied."""
    record_digest: str
    """SM3 over the edition's record, 64 hexadecimal digits."""
    kind_code: str
    kind_name: str
    region: str
    issuer_code: str
    issuer_name: str
    valid_from: str
    valid_until: str
    """Of the edition, ISO dates."""
    status: StatusSlot
    """Of the edition."""
    copy_cause: str
    """The purpose (加注件制作事由)."""
    recipient: str
    """Who may use the copy (使用方)."""
    copy_creator: str
    """Who had it made, masked (加注件制作者)."""
    copy_create_time: datetime
    copy_expiring_time: datetime
    """From this instant on the copy is worth nothing; whole seconds, UTC."""

    def to_json(self) -> bytes:
        """Return the note as it is attached."""
        members = asdict(self) | {"type": TYPE, "version": VERSION}
        for name in ("copy_create_time", "copy_expiring_time"):
            members[name] = members[name].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps(members, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_json(cls, document: bytes) -> "CopyNote":
        """Read a note.

        Raises:
            MalformedError: if it is none.
        """
        members = _members(document)
        if (members.get("type"), members.get("version")) != (TYPE, VERSION):
            raise MalformedError("not an annotated copy of a known version")
        texts = {name: _text(members, name) for name in _TEXTS}
        if not _DIGEST.fullmatch(texts["record_digest"]):
            raise MalformedError("the copy's record_digest is no SM3 value")
        if not (_DAY.fullmatch(texts["valid_from"]) and _DAY.fullmatch(texts["valid_until"])):
            raise MalformedError("the copy's validity is no pair of dates")
        note = cls(
            **texts,
            status=_slot(members.get("status")),
            copy_create_time=_time(members, "copy_create_time"),
            copy_expiring_time=_time(members, "copy_expiring_time"),
        )
        if note.copy_expiring_time <= note.copy_create_time:
            raise MalformedError("the copy ends before it begins")
        return note


def _members(document: bytes) -> Mapping[str, Any]:
    if len(document) > MAX_BYTES:
        raise MalformedError("the copy's note is too long")
    try:
        members = json.loads(document)
        # JSON can spell half of a character, which nobody can write again.
        json.dumps(members, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedError("the copy's note is not JSON") from error
    if not isinstance(members, dict):
        raise MalformedError("the copy's note is no object")
    return members


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT:
        raise MalformedError(f"the copy's {name} is not a text")
    return value


def _slot(value: Any) -> StatusSlot:
    if isinstance(value, dict):
        uri, index = value.get("uri"), value.get("index")
        if isinstance(uri, str) and len(uri) <= MAX_TEXT and type(index) is int and index >= 0:
            return StatusSlot(uri, index)
    raise MalformedError("the copy's status is no slot")


def _time(members: Mapping[str, Any], name: str) -> datetime:
    value = members.get(name)
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise MalformedError(f"the copy's {name} does not exist") from error
    raise MalformedError(f"the copy's {name} is not a time")
