"""A status list with the deltas that were followed since: every signature goes along.

A CBOR array of byte strings, ``[list token, delta, …]``, made and read by who follows deltas,
never published. What it amounts to is what the last delta leads to; whoever believes it has
verified each part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sealkit import cbor, status_list
from sealkit.errors import InvalidProofError, MalformedError
from sealkit.formats.code import cose
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_delta import StatusDelta, parse_delta
from sealkit.status_list import StatusList, StatusToken

MAX_DELTAS: Final = 64


@dataclass(frozen=True)
class StatusChain:
    """A list and its deltas as they stand in their bytes, unverified."""

    start: StatusToken
    deltas: tuple[StatusDelta, ...]
    """At least one, each from where the one before leads to."""
    statuses: StatusList = field(repr=False)

    @property
    def uri(self) -> str:
        """Where the list belongs."""
        return self.start.uri

    @property
    def issued_at(self) -> datetime:
        """When the last delta was signed."""
        return self.deltas[-1].issued_at

    @property
    def expires_at(self) -> datetime | None:
        """End of the last delta."""
        return self.deltas[-1].expires_at

    @property
    def ttl(self) -> int | None:
        """Seconds after which the next should be fetched."""
        return self.deltas[-1].ttl

    @property
    def version(self) -> int | None:
        """What the last delta leads to."""
        return self.deltas[-1].to_version

    @property
    def kid(self) -> bytes:
        """8 bytes: the key to try first; it made every part."""
        return self.start.kid

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature of every part.

        Raises:
            InvalidSignatureError: if one does not hold.
        """
        self.start.verify(key)
        for delta in self.deltas:
            delta.verify(key)


PublishedStatus = StatusToken | StatusChain
"""What a status source answers, read."""


def join(document: bytes, delta: bytes) -> bytes:
    """Return a list, or a chain, with one delta more.

    Raises:
        MalformedError: if `document` is neither.
    """
    return cbor.encode([*_parts(document), delta])


def parse_status(document: bytes) -> PublishedStatus:
    """Read a status list token, or one with the deltas since.

    Raises:
        MalformedError: if it is neither, or its parts do not lead from one to the next.
        UnsupportedError: if a part is signed with another algorithm.
    """
    token, *deltas = _parts(document)
    start = status_list.parse_token(token)
    if not deltas:
        return start
    return _chained(start, [parse_delta(delta) for delta in deltas])


def _parts(document: bytes) -> list[bytes]:
    if document[:1] == bytes((cose.TAG,)):
        return [document]
    parts = cbor.decode(document) if len(document) <= 2 * cose.MAX_BYTES else None
    if not isinstance(parts, list) or not 0 < len(parts) <= MAX_DELTAS + 1:
        raise MalformedError("neither a status list nor one with its deltas")
    if not all(isinstance(part, bytes) for part in parts):
        raise MalformedError("a part of the status list is no byte string")
    return parts


def _chained(start: StatusToken, deltas: Sequence[StatusDelta]) -> StatusChain:
    statuses, version, issued_at = start.statuses, start.version, start.issued_at
    for delta in deltas:
        if (delta.uri, delta.message.kid) != (start.uri, start.kid):
            raise MalformedError("a delta is of another list, or signed by another key")
        if delta.from_version != version or delta.issued_at < issued_at:
            raise MalformedError("a delta does not continue where the one before ends")
        try:
            statuses = delta.apply(statuses)
        except InvalidProofError as error:
            raise MalformedError("a delta does not fit its list") from error
        version, issued_at = delta.to_version, delta.issued_at
    return StatusChain(start, tuple(deltas), statuses)
