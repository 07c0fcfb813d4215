"""Reaching other regions over HTTP: their trust lists and status lists, nothing else.

Only addresses below a configured peer's own address are ever fetched, so a document that
names a status list elsewhere cannot make us call there.
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from verification.errors import SourceUnavailableError

TIMEOUT_SECONDS: Final = 5
MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
STATUS_KEPT_FOR: Final = timedelta(seconds=60)

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(address: str) -> bytes | None:
    """Return what `address` answers, or None when it has nothing there.

    Raises:
        OSError: if it gave no usable answer.
    """
    try:
        with _opener.open(address, timeout=TIMEOUT_SECONDS) as response:
            content: bytes = response.read(MAX_ANSWER_BYTES + 1)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise
    if len(content) > MAX_ANSWER_BYTES:
        raise OSError(f"{address} answers with more than {MAX_ANSWER_BYTES} bytes")
    return content


class PeerStatus:
    """A `StatusSource` that asks ourselves for our lists and peers for theirs.

    An answer is kept for a minute; the token's own times are judged by the verifier.
    """

    def __init__(
        self,
        own: Callable[[str], bytes | None],
        peers: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        """Take `own` (address → token of ours, or None) and `peers` (region → address)."""
        self._own = own
        self._addresses = tuple(f"{address}/" for address in peers.values())
        self._clock = clock
        self._kept: dict[str, tuple[datetime, bytes]] = {}

    def token(self, uri: str) -> bytes:
        """Return the status list token at `uri`.

        Raises:
            SourceUnavailableError: if it is nobody's we know, or there was no answer.
        """
        token = self._own(uri)
        if token is not None:
            return token
        if not uri.startswith(self._addresses):
            raise SourceUnavailableError(f"{uri} belongs to no region we know")
        now = self._clock()
        kept = self._kept.get(uri)
        if kept and now - kept[0] < STATUS_KEPT_FOR:
            return kept[1]
        try:
            fetched = fetch(uri)
        except OSError as error:
            raise SourceUnavailableError(f"no answer from {uri}") from error
        if fetched is None:
            raise SourceUnavailableError(f"nothing at {uri}")
        self._kept[uri] = (now, fetched)
        return fetched

    def forget(self) -> None:
        """Ask anew from now on."""
        self._kept.clear()


def mirror_of(address: str) -> Callable[[str], bytes | None]:
    """Return the trust list mirror of the region at `address`."""
    return lambda path: fetch(f"{address}/trust/{path}")
