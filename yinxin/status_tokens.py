"""Our own status lists as tokens, signed anew only when a state changed or one grows old."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session

from issuance import status, status_repository
from issuance.errors import UnknownStatusListError
from issuance.ports import IssuanceServices
from issuance.status_lists.days import frozen_day
from issuance.status_lists.publishing import ListForm
from sealkit.status_day import FrozenDay
from yinxin.db import Database


class StatusTokens:
    """What our service answers for the addresses of its own lists."""

    def __init__(
        self, database: Database, services: IssuanceServices, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._services = services
        self._clock = clock

    def token(self, address: str) -> bytes | None:
        """Return the token of the list at `address`, None when it is not one of ours."""
        name = status.own_list_name(self._services.public_url, address)
        if name is None:
            return None
        issuer, _, number = name.rpartition("-")
        if not number.isascii() or not number.isdigit() or len(number) > 6:
            return None
        with self._database.reading() as session:
            version = status_repository.version(session, issuer, int(number))
            if not version and not status_repository.has_list(session, issuer, int(number)):
                return None
            return self._services.signed_lists.current(
                (issuer, int(number), ListForm.CWT.value),
                version,
                self._clock(),
                lambda: self._signed(session, issuer, int(number), version),
            )

    def day(self, address: str, day: date) -> FrozenDay | None:
        """Return the frozen list of a day at `address`, None when there is none of ours."""
        name = status.own_list_name(self._services.public_url, address)
        if name is None:
            return None
        with self._database.reading() as session:
            try:
                issuer, number = status.list_named(session, name)
            except UnknownStatusListError:
                return None
            return frozen_day(session, issuer, number, day)

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

    def _signed(self, session: Session, issuer: str, number: int, version: int) -> bytes:
        states = status_repository.other_than_active(session, issuer, number)
        return status.sign_list(
            self._services, issuer, number, states, at=self._clock(), version=version
        )
