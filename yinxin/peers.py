"""Reaching other regions over HTTP: their trust lists and status lists, nothing else.

Of an address that a document names, only a status list of a configured peer is ever
fetched, and a redirection is no answer: so neither a document nor a peer can make us call
anywhere else.
"""

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from issuance.status import PATH as STATUS_PATH
from sealkit.status_day import FrozenDay
from verification.errors import SourceUnavailableError
from verification.status_client import StatusClient
from verification.trust import TrustStore

TIMEOUT_SECONDS: Final = 5
MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
ANSWER_SECONDS: Final = 20
"""A peer that drips bytes is given up after this, however steadily it drips."""
_CHUNK_BYTES: Final = 64 * 1024
_LIST_NAME: Final = re.compile(r"[0-9A-Za-z-]{1,64}")


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        """Follow nothing; the answer then counts as an error."""


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirection())


def fetch(address: str) -> bytes | None:
    """Return what `address` answers, or None when it has nothing there.

    Raises:
        OSError: if it gave no usable answer.
    """
    try:
        with _opener.open(address, timeout=TIMEOUT_SECONDS) as response:
            return _read(response, address)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            return None
        raise
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"{address} gives no HTTP answer") from error


def _read(response: http.client.HTTPResponse, address: str) -> bytes:
    deadline = time.monotonic() + ANSWER_SECONDS
    content = bytearray()
    while chunk := response.read1(_CHUNK_BYTES):
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            raise OSError(f"{address} answers with more than {MAX_ANSWER_BYTES} bytes")
        if time.monotonic() > deadline:
            raise OSError(f"{address} takes more than {ANSWER_SECONDS} s to answer")
    if response.length:
        raise OSError(f"{address} stops in the middle of its answer")
    return bytes(content)


class PeerStatus:
    """A `StatusSource` that asks ourselves for our lists and peers for theirs.

    How long an answer is kept is `verification.status_client`'s matter; the token's own times
    are judged by the verifier.
    """

    def __init__(
        self,
        own: Callable[[str], bytes | None],
        peers: Mapping[str, str],
        clock: Callable[[], datetime],
        own_day: Callable[[str, date], FrozenDay | None] = lambda _uri, _day: None,
        trust: Callable[[], TrustStore] = lambda: TrustStore(()),
    ) -> None:
        """Take `own` (address → token of ours, or None) and `peers` (region → address).

        `own_day` gives the frozen lists of ours, `trust` says whose lists are believed.
        """
        self._own = own
        self._own_day = own_day
        self._addresses = tuple(f"{address}{STATUS_PATH}" for address in peers.values())
        self._client = StatusClient(fetch, trust, clock)

    def token(self, uri: str) -> bytes:
        """Return the status list token at `uri`.

        Raises:
            SourceUnavailableError: if it is nobody's we know, or there was no answer.
        """
        token = self._own(uri)
        if token is not None:
            return token
        if not self._is_a_peers(uri):
            raise SourceUnavailableError(f"{uri} belongs to no region we know")
        return self._client.token(uri)

    def day(self, uri: str, day: date) -> FrozenDay | None:
        """Return the frozen list of a day at `uri` with its proof, None when there is none.

        Raises:
            SourceUnavailableError: if it is nobody's we know, or there was no answer.
        """
        if self._own(uri) is not None:
            return self._own_day(uri, day)
        if not self._is_a_peers(uri):
            raise SourceUnavailableError(f"{uri} belongs to no region we know")
        address = f"{uri}/days/{day.isoformat()}"
        try:
            token, proof = fetch(address), fetch(f"{address}.proof")
        except OSError as error:
            raise SourceUnavailableError(f"no answer from {address}") from error
        return FrozenDay(token, proof) if token and proof else None

    def forget(self) -> None:
        """Ask anew from now on."""
        self._client.forget()

    def _is_a_peers(self, uri: str) -> bool:
        # The name is one plain part: no query, no dots that lead out of the folder.
        return any(
            uri.startswith(start) and _LIST_NAME.fullmatch(uri.removeprefix(start))
            for start in self._addresses
        )


def mirror_of(address: str) -> Callable[[str], bytes | None]:
    """Return the trust list mirror of the region at `address`."""
    return lambda path: fetch(f"{address}/trust/{path}")
