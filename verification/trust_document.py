"""`trust.json`: a region's authorities, signers and lists, read strictly.

An unknown member, a missing one or a value of the wrong type refuses the whole document:
trust material is never half understood.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import MalformedError

SCHEMA: Final = "yinxin-trust/1"
SIGNER_LISTS: Final = (
    "seal_makers",
    "pdf_signers",
    "code_signers",
    "status_signers",
    "receipt_signers",
)
_INSTANT: Final = "%Y-%m-%dT%H:%M:%SZ"
_REGION = re.compile(r"\d{6}|")
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Authority:
    """A department that may issue licences (颁发机构)."""

    code: str
    """USCC."""
    name: str
    kind_codes: tuple[str, ...]
    """GB/T 36904 type codes it may issue."""
    valid_from: datetime
    valid_until: datetime | None
    """None while the authority lasts."""
    certificates: tuple[bytes, ...]
    """DER certificates that its seals name."""

    def holds_at(self, at: datetime) -> bool:
        """Return whether it was an authority at `at`."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """A region's transparency log."""

    origin: str
    """First line of its checkpoints."""
    certificate: bytes
    """DER; its key signs the checkpoints."""


@dataclass(frozen=True)
class TrustDocument:
    """The content of one `trust.json`. Certificates are DER."""

    region: str
    name_zh: str
    as_of: datetime | None
    authorities: tuple[Authority, ...]
    signers: Mapping[str, tuple[bytes, ...]]
    """Certificates by name of the list, see `SIGNER_LISTS`."""
    log: LogIdentity | None
    status_files: Mapping[str, str]
    """File name of the status list token by its address."""

    def to_json(self) -> bytes:
        """Return the document, sorted and indented for people."""
        members: dict[str, Any] = {
            "schema": SCHEMA,
            "region": self.region,
            "name_zh": self.name_zh,
            "as_of": self.as_of and self.as_of.strftime(_INSTANT),
            "authorities": [_authority_members(entry) for entry in self.authorities],
            "log": self.log
            and {"origin": self.log.origin, "certificate": _base64(self.log.certificate)},
            "status_lists": dict(self.status_files),
        }
        members |= {name: [_base64(der) for der in self.signers[name]] for name in SIGNER_LISTS}
        return json.dumps(members, ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, document: bytes) -> "TrustDocument":
        """Read a document.

        Raises:
            MalformedError: if anything in it is not as `to_json` writes it.
        """
        try:
            members = json.loads(document)
            # JSON can spell half of a character, which nobody can write again.
            json.dumps(members, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise MalformedError("trust.json is not JSON") from error
        read = _Members("trust.json", members)
        if read.take("schema", _text) != SCHEMA:
            raise MalformedError(f"trust.json is not of schema {SCHEMA}")
        result = cls(
            region=read.take("region", _region),
            name_zh=read.take("name_zh", _text),
            as_of=read.take("as_of", _optional(_instant)),
            authorities=read.take("authorities", _list(_authority)),
            signers={name: read.take(name, _list(_certificate)) for name in SIGNER_LISTS},
            log=read.take("log", _optional(_log)),
            status_files=read.take("status_lists", _status_files),
        )
        read.finish()
        return result


class _Members:
    """The members of one JSON object, each taken exactly once."""

    def __init__(self, place: str, members: Any) -> None:
        if not isinstance(members, dict):
            raise MalformedError(f"{place}: not an object")
        self._place = place
        self._left = dict(members)

    def take(self, name: str, read: Callable[[Any], T]) -> T:
        if name not in self._left:
            raise MalformedError(f"{self._place}: {name} is absent")
        return read(self._left.pop(name))

    def finish(self) -> None:
        if self._left:
            raise MalformedError(f"{self._place}: unknown member {min(self._left)}")


def _authority_members(authority: Authority) -> dict[str, Any]:
    return {
        "code": authority.code,
        "name": authority.name,
        "kind_codes": list(authority.kind_codes),
        "valid_from": authority.valid_from.strftime(_INSTANT),
        "valid_until": authority.valid_until and authority.valid_until.strftime(_INSTANT),
        "certificates": [_base64(der) for der in authority.certificates],
    }


def _authority(members: Any) -> Authority:
    read = _Members("authority", members)
    result = Authority(
        code=read.take("code", _text),
        name=read.take("name", _text),
        kind_codes=read.take("kind_codes", _list(_text)),
        valid_from=read.take("valid_from", _instant),
        valid_until=read.take("valid_until", _optional(_instant)),
        certificates=read.take("certificates", _list(_certificate)),
    )
    read.finish()
    return result


def _log(members: Any) -> LogIdentity:
    read = _Members("log", members)
    result = LogIdentity(read.take("origin", _text), read.take("certificate", _certificate))
    read.finish()
    return result


def _status_files(members: Any) -> Mapping[str, str]:
    if not isinstance(members, dict):
        raise MalformedError("trust.json: status_lists is not an object")
    for name in members.values():
        if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
            raise MalformedError("trust.json: a status list has no plain file name")
    return members


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedError("trust.json: a text was expected")
    return value


def _region(value: Any) -> str:
    if not _REGION.fullmatch(_text(value)):
        raise MalformedError("trust.json: a region has six digits")
    return _text(value)


def _instant(value: Any) -> datetime:
    try:
        return datetime.strptime(_text(value), _INSTANT).replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedError("trust.json: a time is not YYYY-MM-DDTHH:MM:SSZ") from error


def _certificate(value: Any) -> bytes:
    try:
        der = base64.b64decode(_text(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("trust.json: a certificate is not base64") from error
    return parse_certificate(der).der


def _list(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read_list(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise MalformedError("trust.json: a list was expected")
        return tuple(read(entry) for entry in value)

    return read_list


def _optional(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda value: None if value is None else read(value)


def _base64(der: bytes) -> str:
    return base64.b64encode(der).decode()
