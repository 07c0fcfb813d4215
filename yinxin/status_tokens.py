"""Our own status lists as tokens, signed anew only when a state changed or one grows old."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from issuance import status, status_repository
from issuance.ports import IssuanceServices
from yinxin.db import Database

SIGNED_ANEW_AFTER: Final = timedelta(minutes=5)


class StatusTokens:
    """What our service answers for the addresses of its own lists."""

    def __init__(
        self, database: Database, services: IssuanceServices, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._services = services
        self._clock = clock
        self._signed: dict[str, tuple[dict[int, int], datetime, bytes]] = {}

    def token(self, address: str) -> bytes | None:
        """Return the token of the list at `address`, None when it is not one of ours."""
        name = status.own_list_name(self._services.public_url, address)
        if name is None:
            return None
        issuer, _, number = name.rpartition("-")
        if not number.isascii() or not number.isdigit() or len(number) > 6:
            return None
        with self._database.reading() as session:
            states = status_repository.other_than_active(session, issuer, int(number))
            # A list that was signed before is there for good.
            if not states and name not in self._signed:
                if not status_repository.has_list(session, issuer, int(number)):
                    return None
        return self._current(name, issuer, int(number), states)

    def all(self) -> dict[str, bytes]:
        """Return every list's token by its address, for who goes offline."""
        with self._database.reading() as session:
            lists = status_repository.lists(session)
        addresses = [
            status.list_address(self._services.public_url, issuer, number)
            for issuer, number in lists
        ]
        found = {address: self.token(address) for address in addresses}
        return {address: token for address, token in found.items() if token is not None}

    def _current(self, name: str, issuer: str, number: int, states: dict[int, int]) -> bytes:
        now = self._clock()
        kept = self._signed.get(name)
        if kept and kept[0] == states and now - kept[1] < SIGNED_ANEW_AFTER:
            return kept[2]
        token = status.sign_list(self._services, issuer, number, states, at=now)
        self._signed[name] = (states, now, token)
        return token
