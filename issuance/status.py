"""Status lists: where the state of each edition is published (4-bit token status lists).

* Each issuer has lists of a fixed size. A slot is drawn at random, so that neighbours tell
  nothing, and is never given out twice.
* A list is at most half full; then the next one is begun. Slots not given out read 0 like
  those of licences in force, so that a list does not tell how many there are.
* What a slot says follows from state and flag of its edition (`states.slot_value`).
"""

import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from issuance import status_repository
from issuance.errors import UnknownStatusListError
from issuance.ports import IssuanceServices
from issuance.register_rows import Edition
from issuance.states import EditionState, slot_value
from sealkit.record import StatusSlot
from sealkit.status_list import StatusList, build_token

PATH: Final = "/v1/status-lists/"
TOKEN_LIFE: Final = timedelta(hours=24)
"""How long a copy may be relied on: the default limit of standards/e-licence, 8.2."""
TOKEN_TTL_SECONDS: Final = 600
"""After this a copy should be fetched anew."""

_LIST_ID = re.compile(r"([0-9A-Z]{18})-([1-9][0-9]{0,5})")


def list_id(issuer_code: str, number: int) -> str:
    """Return the last part of a list's address."""
    return f"{issuer_code}-{number}"


def list_address(public_url: str, issuer_code: str, number: int) -> str:
    """Return the address that licences name."""
    return f"{public_url}{PATH}{list_id(issuer_code, number)}"


def reserve_slot(
    session: Session, services: IssuanceServices, issuer_code: str, *, at: datetime
) -> tuple[int, int]:
    """Draw an unused slot and return the number of its list and its index."""
    number, used = status_repository.newest_list(session, issuer_code)
    if not number or 2 * used >= services.status_list_slots:
        number += 1
        status_repository.begin_list(session, issuer_code, number, at=at)
    while True:
        # Half of the slots are free, so a few draws do.
        slot = secrets.randbelow(services.status_list_slots)
        if status_repository.take_slot(session, issuer_code, number, slot, at=at):
            return number, slot


def slot_of(services: IssuanceServices, issuer_code: str, number: int, slot: int) -> StatusSlot:
    """Return a slot as a record names it."""
    return StatusSlot(list_address(services.public_url, issuer_code, number), slot)


def publish_state(
    session: Session, edition: Edition, state: EditionState, *, disputed: bool, at: datetime
) -> None:
    """Let the list say what `state` and flag of an edition amount to."""
    value = slot_value(state, disputed=disputed)
    status_repository.set_slot(
        session, edition.issuer_code, edition.list_number, edition.slot, value, at=at
    )


def list_named(session: Session, name: str) -> tuple[str, int]:
    """Return issuer and number of the list called `name`.

    Raises:
        UnknownStatusListError: if there is no such list.
    """
    found = _LIST_ID.fullmatch(name)
    if not found:
        raise UnknownStatusListError
    issuer_code, number = found[1], int(found[2])
    if not status_repository.has_list(session, issuer_code, number):
        raise UnknownStatusListError
    return issuer_code, number


def sign_list(
    services: IssuanceServices,
    issuer_code: str,
    number: int,
    states: dict[int, int],
    *,
    at: datetime,
    version: int | None = None,
) -> bytes:
    """Return the CWT of a list whose slots other than 0 are `states`."""
    return build_token(
        StatusList(services.status_list_slots).with_entries(states),
        uri=list_address(services.public_url, issuer_code, number),
        signer=services.keys.signer(services.key_names.status_signer),
        at=at,
        expires_at=at + TOKEN_LIFE,
        ttl=TOKEN_TTL_SECONDS,
        version=version,
    )


def own_list_name(public_url: str, address: str) -> str | None:
    """Return the name of the list at `address`, None when it is not one of ours."""
    start = f"{public_url}{PATH}"
    return address.removeprefix(start) if address.startswith(start) else None
