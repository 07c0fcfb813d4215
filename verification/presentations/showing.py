"""The phone's side: open a presentation, show fresh codes, see who asks, agree or refuse.

Who decides is who shows: a reference alone decides nothing, since whoever scans a code has
seen it. A phone shows one presentation at a time; a new one closes the one before it, unless
that one was scanned.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from sealkit.sm import sm3
from verification.certificate_free.consents import require_holder
from verification.errors import (
    DecidedRequestError,
    ExpiredPresentationError,
    UnknownPresentationError,
    UnknownShownLicenceError,
)
from verification.ports import Actor, VerificationServices
from verification.presentations import repository
from verification.presentations.dynamic_code import code_text, new_reference
from verification.presentations.repository import Presentation
from verification.presentations.shown_licences import shown_licence
from verification.presentations.states import PresentationState

OPEN_FOR: Final = timedelta(minutes=10)
"""How long a phone may go on showing, and how long after a scan the holder may decide."""


@dataclass(frozen=True, slots=True)
class Phone:
    """Whose phone shows what."""

    shown_by: str
    """Account, or the link that opens this licence."""
    licence: str
    """Identifier of the edition."""


def phone_of(
    session: Session, licence: str, *, actor: Actor, services: VerificationServices
) -> Phone:
    """Return the phone of a signed-in holder that shows one of the holder's own licences.

    Raises:
        HolderOnlyError: if the caller is no holder.
        UnknownShownLicenceError: if there is no such licence, or it is somebody else's.
    """
    holder = require_holder(actor)
    record = shown_licence(session, licence, services).record
    own = {(entry.code_type, entry.code.upper()) for entry in record.holders}
    if (holder.code_type, holder.code.upper()) not in own:
        raise UnknownShownLicenceError
    return Phone(f"account:{actor.id}", licence)


def open_presentation(
    session: Session, phone: Phone, *, services: VerificationServices, at: datetime
) -> tuple[str, str, Presentation]:
    """Begin to show; return the reference for the phone, the first code, and what is kept."""
    reference = new_reference()
    opened = Presentation(
        region=services.region,
        id=id_of(reference),
        licence=phone.licence,
        shown_by=phone.shown_by,
        opened_at=at,
        expires_at=at + OPEN_FOR,
    )
    repository.add(session, opened)
    record_act(session, services, phone.shown_by, "presentation.opened", opened, at)
    return reference, code_text(reference, at, services.holders), opened


def code_now(
    session: Session, reference: str, phone: Phone, *, services: VerificationServices, at: datetime
) -> tuple[str | None, Presentation]:
    """Return the code to show from `at` on, None once it was scanned; and where it stands.

    Raises:
        UnknownPresentationError: if this phone shows no such presentation.
        ExpiredPresentationError: if its time has run out.
    """
    found = own_presentation(session, reference, phone, services)
    if at >= found.expires_at or found.state is PresentationState.CLOSED:
        raise ExpiredPresentationError
    if found.state is not PresentationState.SHOWN:
        return None, found
    return code_text(reference, at, services.holders), found


def own_presentation(
    session: Session, reference: str, phone: Phone, services: VerificationServices
) -> Presentation:
    """Return the presentation of `reference` that this phone shows.

    Raises:
        UnknownPresentationError: if there is none.
    """
    return own_by_id(session, id_of(reference), phone, services)


def own_by_id(
    session: Session, presentation_id: str, phone: Phone, services: VerificationServices
) -> Presentation:
    """Return the presentation of this id that this phone shows.

    Raises:
        UnknownPresentationError: if there is none.
    """
    found = repository.find(session, services.region, presentation_id)
    if found is None or (found.shown_by, found.licence) != (phone.shown_by, phone.licence):
        raise UnknownPresentationError
    return found


def decide(
    session: Session,
    found: Presentation,
    agreed: tuple[str, ...] | None,
    *,
    services: VerificationServices,
    at: datetime,
) -> Presentation:
    """Agree to some or all of the fields asked for, or refuse (None) everything.

    `found` is what the phone itself shows, see `own_presentation`.

    Raises:
        DecidedRequestError: if it was decided before, or its time has run out.
    """
    names = tuple(name for name in found.asked if agreed is not None and name in agreed)
    state = PresentationState.REFUSED if agreed is None else PresentationState.AGREED
    if at >= found.expires_at:
        raise DecidedRequestError
    if not repository.move(session, found, state, agreed=names, decided_at=at):
        raise DecidedRequestError
    record_act(session, services, found.shown_by, f"presentation.{state.value}", found, at, names)
    moved = repository.find(session, found.region, found.id)
    return moved or found


def id_of(secret: str) -> str:
    """Return under what a reference or a transaction is kept."""
    return sm3.digest(secret.encode()).hex()


def record_act(
    session: Session,
    services: VerificationServices,
    actor: str,
    act: str,
    found: Presentation,
    at: datetime,
    names: tuple[str, ...] = (),
) -> None:
    """Record one step in the audit trail, without any value."""
    services.audit.record(
        session,
        actor=actor,
        act=act,
        subject=found.id,
        at=at,
        detail={"organisation": found.organisation, "fields": ",".join(names)},
    )
