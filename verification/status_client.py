"""Status lists of others: fetched, kept for their ttl, brought up to date by signed deltas.

* What is kept was signed by a status signer that our trust material lists; what was not is
  handed to the verifier, who says what is wrong with it, and asked for again a minute later.
* When a list is due, its delta is asked for; where there is none, or it does not fit, the whole
  list is. Deltas never decide anything that the whole list would decide otherwise.
* A list older than one already seen is refused: by its version where it has one, else by the
  time it was made. What was seen is remembered as long as the process lives.
* An address that does not answer is an unavailable source, also when something is kept: a
  blocked network must not keep a suspension from being seen for a day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sealkit.errors import InvalidSignatureError, SealkitError
from sealkit.status_chain import MAX_DELTAS, PublishedStatus, StatusChain, join, parse_status
from verification.errors import OlderStatusError, SourceUnavailableError
from verification.trust import TrustStore

SHORTEST_TTL: Final = timedelta(seconds=60)
LONGEST_TTL: Final = timedelta(hours=24)
MAX_KEPT: Final = 256

Fetch = Callable[[str], bytes | None]
"""Address → what is there, None when nothing is. Raises `OSError` when there was no answer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One list as it was had last."""

    document: bytes
    due_at: datetime
    read: PublishedStatus | None
    """None where it was not signed by anybody we trust."""


class StatusClient:
    """A `StatusSource` over addresses that the caller has found fit to be asked."""

    def __init__(
        self,
        fetch: Fetch,
        trust: Callable[[], TrustStore],
        clock: Callable[[], datetime],
        *,
        max_kept: int = MAX_KEPT,
    ) -> None:
        """Take what fetches, what is trusted and what time it is."""
        self._fetch = fetch
        self._trust = trust
        self._clock = clock
        self._max_kept = max_kept
        self._kept: dict[str, Kept] = {}

    def token(self, uri: str) -> bytes:
        """Return the list at `uri`, with the deltas that were followed.

        Raises:
            SourceUnavailableError: if there was no answer.
            OlderStatusError: if the answer is older than one seen before.
        """
        kept, now = self._kept.get(uri), self._clock()
        if kept and now < kept.due_at:
            return kept.document
        try:
            fresh = self._updated(uri, kept, now) or self._whole(uri, kept, now)
        except OSError as error:
            raise SourceUnavailableError(f"no answer from {uri}") from error
        if len(self._kept) >= self._max_kept and uri not in self._kept:
            self._kept.clear()
        self._kept[uri] = fresh
        return fresh.document

    def forget(self) -> None:
        """Ask anew from now on; what was seen is remembered."""
        now = self._clock()
        for uri, kept in list(self._kept.items()):
            self._kept[uri] = Kept(kept.document, now, kept.read)

    def __len__(self) -> int:
        """Return how many lists are kept."""
        return len(self._kept)

    def _updated(self, uri: str, kept: Kept | None, now: datetime) -> Kept | None:
        """Return what is kept with the delta to the present, None where there is no way."""
        if kept is None or kept.read is None or kept.read.version is None:
            return None
        if isinstance(kept.read, StatusChain) and len(kept.read.deltas) >= MAX_DELTAS:
            return None
        delta = self._fetch(f"{uri}/deltas/{kept.read.version}")
        if delta is None:
            return None
        try:
            joined = join(kept.document, delta)
        except SealkitError:
            return None
        read = self._believed(joined)
        return Kept(joined, _due(read, now), read) if read else None

    def _whole(self, uri: str, kept: Kept | None, now: datetime) -> Kept:
        document = self._fetch(uri)
        if document is None:
            raise SourceUnavailableError(f"nothing at {uri}")
        read = self._believed(document)
        seen = kept.read if kept else None
        if read is None:
            # Somebody else's answer must not make us forget what we saw.
            return Kept(document, now + SHORTEST_TTL, seen)
        if seen is not None and _is_older(read, seen):
            raise OlderStatusError(f"{uri} answers with a list older than before")
        return Kept(document, _due(read, now), read)

    def _believed(self, document: bytes) -> PublishedStatus | None:
        """Return what was read, when a status signer we trust made it."""
        trust = self._trust()
        try:
            read = parse_status(document)
        except SealkitError:
            return None
        signers = (der for region in trust.regions for der in region.status_signers)
        for der in signers:
            key = trust.certificate(der).sm2_key
            if key.kid != read.kid:
                continue
            try:
                read.verify(key)
            except InvalidSignatureError:
                continue
            return read
        return None


def _due(read: PublishedStatus, now: datetime) -> datetime:
    ttl = timedelta(seconds=read.ttl or 0)
    return now + min(max(ttl, SHORTEST_TTL), LONGEST_TTL)


def _is_older(read: PublishedStatus, seen: PublishedStatus) -> bool:
    """Say whether `read` is older: two servers of one region sign one version at two times."""
    if read.version is not None and seen.version is not None:
        return read.version < seen.version
    return read.issued_at < seen.issued_at
