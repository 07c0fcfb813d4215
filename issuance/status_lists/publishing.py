"""What is published of a status list: the whole of it as CWT or JWT, and deltas to its present.

* All of it is a function of the list's changes, so a delta never leads to another list than
  the whole one. What was signed is handed out again until the list changes or grows old.
* A delta starts from any earlier version. Where too much has changed, or the version is none
  of ours, there is no delta and the whole list is fetched.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from issuance import status, status_repository
from issuance.errors import UnknownStatusDeltaError
from issuance.ports import IssuanceServices
from issuance.status import TOKEN_LIFE, TOKEN_TTL_SECONDS
from sealkit import status_delta, status_list, status_list_jwt
from sealkit.status_list import StatusList

MAX_DELTA_CHANGES: Final = 4096
"""Beyond, the whole list is hardly larger."""


class ListForm(StrEnum):
    """A form of the whole list."""

    CWT = "cwt"
    JWT = "jwt"


MEDIA_TYPES: Final = {
    ListForm.CWT: status_list.TYP,
    ListForm.JWT: status_list_jwt.MEDIA_TYPE,
}
DELTA_TYPE: Final = status_delta.TYP


def published_list(
    session: Session,
    services: IssuanceServices,
    name: str,
    form: ListForm,
    *,
    at: datetime,
) -> bytes:
    """Return the signed list called `name` as it is now.

    Raises:
        UnknownStatusListError: if there is no such list.
    """
    issuer, number = status.list_named(session, name)
    version = status_repository.version(session, issuer, number)

    def sign() -> bytes:
        states = status_repository.other_than_active(session, issuer, number)
        if form is ListForm.CWT:
            return status.sign_list(services, issuer, number, states, at=at, version=version)
        return status_list_jwt.build_jwt(
            StatusList(services.status_list_slots).with_entries(states),
            uri=status.list_address(services.public_url, issuer, number),
            signer=services.keys.signer(services.key_names.status_signer),
            at=at,
            expires_at=at + TOKEN_LIFE,
            ttl=TOKEN_TTL_SECONDS,
            version=version,
        ).encode("ascii")

    return services.signed_lists.current((issuer, number, form.value), version, at, sign)


def published_delta(
    session: Session,
    services: IssuanceServices,
    name: str,
    start: int,
    *,
    at: datetime,
) -> bytes:
    """Return the signed delta from version `start` of the list `name` to the present one.

    Raises:
        UnknownStatusListError: if there is no such list.
        UnknownStatusDeltaError: if there was no such version, or too much has changed since.
    """
    issuer, number = status.list_named(session, name)
    version = status_repository.version(session, issuer, number)
    if not max(0, version - MAX_DELTA_CHANGES) <= start <= version:
        raise UnknownStatusDeltaError

    def sign() -> bytes:
        return status_delta.build_delta(
            list_at(session, services, issuer, number, start),
            status_repository.changes_between(session, issuer, number, start, version),
            versions=(start, version),
            uri=status.list_address(services.public_url, issuer, number),
            signer=services.keys.signer(services.key_names.status_signer),
            at=at,
            expires_at=at + TOKEN_LIFE,
            ttl=TOKEN_TTL_SECONDS,
        )

    return services.signed_lists.current((issuer, number, str(start)), version, at, sign)


def list_at(
    session: Session, services: IssuanceServices, issuer: str, number: int, version: int
) -> StatusList:
    """Return a list as it was in an earlier version, from its changes."""
    states = status_repository.changes_between(session, issuer, number, 0, version)
    return StatusList(services.status_list_slots).with_entries(states)
