"""Status slips for holders: the present state of an edition, to be shown where no network is.

A slip says what the list says at that moment and lives for a day. One for the same state is
signed at most every five minutes; every one that is handed out is recorded.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from issuance import status, status_repository
from issuance.errors import UnknownLicenceError
from issuance.ports import IssuanceServices
from issuance.register_rows import Edition
from sealkit.status_slip import build_slip


def status_slip(
    session: Session, services: IssuanceServices, edition: Edition, *, actor: str, at: datetime
) -> str:
    """Return the slip of a published edition.

    Raises:
        UnknownLicenceError: if it was not published.
    """
    issuer, number = edition.issuer_code, edition.list_number
    state = status_repository.slot_value(session, issuer, number, edition.slot)
    if edition.published_at is None or state is None:
        raise UnknownLicenceError
    slip = services.signed_lists.current(
        (issuer, number, f"slip {edition.slot}"),
        status_repository.version(session, issuer, number),
        at,
        lambda: build_slip(
            status.slot_of(services, issuer, number, edition.slot),
            state,
            signer=services.keys.signer(services.key_names.status_signer),
            at=at,
        ).encode("ascii"),
    )
    services.audit.record(
        session,
        actor=actor,
        act="status.slip_given",
        subject=edition.identifier,
        at=at,
        detail={"state": str(state)},
    )
    return slip.decode("ascii")
