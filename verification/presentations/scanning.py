"""The relying party's side: scan, wait, read exactly what the holder agreed to.

Reasons, in the order they are looked for: not one of our codes (`presentation.forged`), of
another presentation than the phone shows now (`presentation.other_session`), scanned before
(`presentation.already_used`), too old (`presentation.expired`). Before the scan counts, the
fields asked for must exist: a mistyped name costs nobody the code.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from verification import repository as use_repository
from verification.certificate_free.questions import index_of, require_asker
from verification.certificate_free.use_log import use_digest
from verification.errors import (
    ExpiredPresentationError,
    NotAgreedPresentationError,
    OtherPresentationError,
    UnknownPresentationError,
    UsedPresentationError,
)
from verification.ports import Actor, VerificationServices
from verification.presentations import repository
from verification.presentations.dynamic_code import read_code
from verification.presentations.repository import Presentation
from verification.presentations.showing import OPEN_FOR, id_of, record_act
from verification.presentations.shown_licences import ShownLicence, shown_licence
from verification.presentations.states import PresentationState

CLOCK_SKEW: Final = timedelta(seconds=5)  # between our own processes
ITEM: Final = "presentation"
"""What stands for the item in the use log."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a relying party asks the holder in front of it for."""

    fields: tuple[str, ...]
    purpose: str
    """In plain words; the holder reads it."""
    operator: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What goes out once the holder agreed."""

    presentation: Presentation
    licence: ShownLicence
    values: dict[str, dict[str, str]]


def scan(
    session: Session,
    code: str,
    wanted: Wanted,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> tuple[str, Presentation, ShownLicence]:
    """Begin a transaction with whoever shows `code`; return it, and what was shown.

    Raises:
        NotEntitledError: if the caller may not ask.
        PresentationCodeError: if the code does not count; its class is the reason.
        UnknownPresentationFieldError: if the licence lacks a field asked for.
    """
    require_asker(actor)
    dynamic = read_code(code, services.holders)
    found = repository.find(session, services.region, id_of(dynamic.reference))
    if found is None or found.state is PresentationState.CLOSED:
        raise OtherPresentationError
    if found.state is not PresentationState.SHOWN:
        raise UsedPresentationError
    if not dynamic.made_at - CLOCK_SKEW <= at < dynamic.expires_at or at >= found.expires_at:
        raise ExpiredPresentationError
    licence = shown_licence(session, found.licence, services)
    licence.require(wanted.fields)
    transaction = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
    begun = repository.move(
        session,
        found,
        PresentationState.SCANNED,
        transaction=id_of(transaction),
        organisation=actor.department,
        operator=wanted.operator,
        purpose=wanted.purpose,
        asked=wanted.fields,
        scanned_at=at,
        expires_at=at + OPEN_FOR,
    )
    if not begun:
        raise UsedPresentationError
    scanned = find_transaction(session, transaction, actor=actor, services=services)
    record_act(session, services, actor.id, "presentation.scanned", scanned, at, wanted.fields)
    return transaction, scanned, licence


def find_transaction(
    session: Session, transaction: str, *, actor: Actor, services: VerificationServices
) -> Presentation:
    """Return where a transaction of the caller's own organisation stands.

    Raises:
        NotEntitledError: if the caller may not ask.
        UnknownPresentationError: if there is none of this transaction there.
    """
    require_asker(actor)
    found = repository.find_transaction(session, services.region, id_of(transaction))
    if found is None or found.organisation != actor.department:
        raise UnknownPresentationError
    return found


def read(
    session: Session,
    transaction: str,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> Shown:
    """Return the fields that the holder agreed to, and what the verifier says of the licence.

    The first reading is the use that the holder's log shows; the same organisation may read
    again until the time of the transaction is over, and each reading is on record.

    Raises:
        UnknownPresentationError: if there is no such transaction of the caller's organisation.
        NotAgreedPresentationError: if the holder has not agreed.
        ExpiredPresentationError: if its time has run out.
    """
    found = find_transaction(session, transaction, actor=actor, services=services)
    if found.state not in (PresentationState.AGREED, PresentationState.READ):
        raise NotAgreedPresentationError
    if at >= found.expires_at:
        raise ExpiredPresentationError
    licence = shown_licence(session, found.licence, services)
    shown = Shown(found, licence, licence.values(found.agreed))
    if repository.move(session, found, PresentationState.READ):
        _note_use(session, shown, actor=actor, services=services, at=at)
    record_act(session, services, actor.id, "presentation.read", found, at, found.agreed)
    return shown


def _note_use(
    session: Session, shown: Shown, *, actor: Actor, services: VerificationServices, at: datetime
) -> None:
    found = shown.presentation
    for holder in shown.licence.record.holders:
        line: dict[str, Any] = {
            "holder": index_of(holder, services),
            "at": at.isoformat(),
            "organisation": found.organisation,
            "operator": found.operator,
            "item": ITEM,
            "case_number": "",
            "basis": "holder_consent",
            "basis_reference": found.purpose,
            "fields": ",".join(found.agreed),
            "check_id": found.id[:32],
            "outcome": shown.licence.report.verdict.value,
        }
        use_repository.add_usage(session, licences=[found.licence], **line)
        services.audit.record(
            session,
            actor=actor.id,
            act="licence.used",
            subject=found.id[:32],
            at=at,
            detail={"use": use_digest(line, [found.licence]).hex()},
        )
