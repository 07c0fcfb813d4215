"""Signed deltas of status lists: what changed from one version of a list to another.

An extension of ours (docs/adr/0017-status-deltas-and-days.md); who does not know it fetches
the whole list. A CWT with ``sub``, ``iat``, ``exp`` and ``ttl`` of the list it leads to, and
``-65540: [from version, to version, SM3 before, SM3 after, {value: gaps}]``. The slots that
now have a value stand in rising order as differences, each LEB128; the first counts from -1,
so no gap is 0 and no slot stands twice.

* A delta fits one list only: SM3 of the entries before and after are signed with it, so a
  chain of deltas gives the full list or nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sealkit import cbor, numeric_date
from sealkit.errors import InvalidProofError, MalformedError
from sealkit.formats.code import cose
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_claims import SUB, typed_claims
from sealkit.status_list import MAX_ARRAY_BYTES, StatusList, checked_ttl, checked_version

TYP: Final = "application/yinxin-statusdelta+cwt"
MAX_CHANGES: Final = 65_536
MAX_DELTA_BYTES: Final = 512 * 1024

_EXP, _IAT, _TTL, _DELTA = 4, 6, 65534, -65540
_MAX_SLOT: Final = MAX_ARRAY_BYTES * 8
_MAX_VALUE: Final = 255
_DIGEST_BYTES: Final = 32


@dataclass(frozen=True)
class StatusDelta:
    """A delta as it stands in its bytes, unverified."""

    uri: str
    """Address of the list."""
    from_version: int
    to_version: int
    before: bytes
    """SM3 of the entries that it starts from."""
    after: bytes
    """SM3 of the entries that it leads to."""
    changes: Mapping[int, int]
    """New value by slot."""
    issued_at: datetime
    expires_at: datetime
    ttl: int
    """Seconds."""
    message: cose.Sign1 = field(repr=False)

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.message.verify(key)

    def apply(self, statuses: StatusList) -> StatusList:
        """Return the list that this one becomes.

        Raises:
            InvalidProofError: if the delta is for another list, or leads to another than it says.
            MalformedError: if a slot or a value does not fit the list.
        """
        if statuses.digest() != self.before:
            raise InvalidProofError("the delta starts from another list")
        if any(slot >= statuses.size or value >> statuses.bits for slot, value in self._entries):
            raise MalformedError("the delta changes what the list does not have")
        changed = statuses.with_entries(self.changes)
        if changed.digest() != self.after:
            raise InvalidProofError("the delta leads to another list than it says")
        return changed

    @property
    def _entries(self) -> Iterable[tuple[int, int]]:
        return self.changes.items()


def build_delta(
    before: StatusList,
    changes: Mapping[int, int],
    *,
    versions: tuple[int, int],
    uri: str,
    signer: Signer,
    at: datetime,
    expires_at: datetime,
    ttl: int,
) -> bytes:
    """Return the CWT of what `changes` make of `before`; `versions` are from and to.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
        UnknownSlotError: if the list has no such slot.
        ValueError: if a value is too wide, or there are more than `MAX_CHANGES`.
    """
    if len(changes) > MAX_CHANGES:
        raise ValueError(f"a delta has at most {MAX_CHANGES} changes")
    after = before.with_entries(changes)
    slots_of: dict[int, list[int]] = {}
    for slot in sorted(changes):
        slots_of.setdefault(changes[slot], []).append(slot)
    gaps = {value: _packed(slots) for value, slots in slots_of.items()}
    claims = {
        SUB: uri,
        _IAT: numeric_date.from_datetime(at),
        _EXP: numeric_date.from_datetime(expires_at),
        _TTL: ttl,
        _DELTA: [*versions, before.digest(), after.digest(), gaps],
    }
    return cose.sign(cbor.encode(claims), signer, typ=TYP)


def parse_delta(cwt: bytes) -> StatusDelta:
    """Read a delta.

    Raises:
        MalformedError: if it is none.
        UnsupportedError: if it is signed with another algorithm.
    """
    if len(cwt) > MAX_DELTA_BYTES:
        raise MalformedError("the delta is too large")
    message, claims, uri = typed_claims(cwt, TYP, "delta of a status list")
    parts = claims.get(_DELTA)
    if not isinstance(parts, list) or len(parts) != 5 or not isinstance(parts[4], dict):
        raise MalformedError("a delta has two versions, two digests and changes")
    start, end = checked_version(parts[0]), checked_version(parts[1])
    if start > end:
        raise MalformedError("a delta does not lead back")
    return StatusDelta(
        uri=uri,
        from_version=start,
        to_version=end,
        before=_digest(parts[2]),
        after=_digest(parts[3]),
        changes=_changes(parts[4]),
        issued_at=numeric_date.to_datetime(claims.get(_IAT)),
        expires_at=numeric_date.to_datetime(claims.get(_EXP)),
        ttl=checked_ttl(claims.get(_TTL)),
        message=message,
    )


def _packed(slots: Iterable[int]) -> bytes:
    """Return rising slots as LEB128 differences."""
    packed, last = bytearray(), -1
    for slot in slots:
        gap, last = slot - last, slot
        while gap > 0x7F:
            packed.append(gap & 0x7F | 0x80)
            gap >>= 7
        packed.append(gap)
    return bytes(packed)


def _unpacked(packed: bytes) -> Iterable[int]:
    slot, gap, shift = -1, 0, 0
    for octet in packed:
        gap |= (octet & 0x7F) << shift
        if octet & 0x80:
            shift += 7
            if shift > 28:
                raise MalformedError("a gap of the delta is too large")
            continue
        if gap == 0 or (shift and octet == 0):
            raise MalformedError("a gap of the delta is 0, or longer than it must be")
        slot, gap, shift = slot + gap, 0, 0
        if slot >= _MAX_SLOT:
            raise MalformedError("a slot of the delta is in no list")
        yield slot
    if shift:
        raise MalformedError("the delta ends within a gap")


def _changes(groups: Mapping[Any, Any]) -> dict[int, int]:
    if sum(len(packed) for packed in groups.values() if isinstance(packed, bytes)) > (
        MAX_CHANGES * 4
    ):
        raise MalformedError("the delta has too many changes")
    changes: dict[int, int] = {}
    for value, packed in groups.items():
        if type(value) is not int or not 0 <= value <= _MAX_VALUE:
            raise MalformedError("a value of the delta is none")
        if not isinstance(packed, bytes) or not packed:
            raise MalformedError("a value of the delta has no slots")
        for slot in _unpacked(packed):
            if slot in changes:
                raise MalformedError("a slot stands twice in the delta")
            changes[slot] = value
    return changes


def _digest(value: Any) -> bytes:
    if not isinstance(value, bytes) or len(value) != _DIGEST_BYTES:
        raise MalformedError("a digest of the delta has not 32 bytes")
    return value
