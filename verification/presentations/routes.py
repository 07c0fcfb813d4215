"""Presentations over HTTP: the holder's phone, and the relying party's counter."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from verification.certificate_free.routes import Caller, Services
from verification.certificate_free.use_log import organisation_name
from verification.ports import VerificationServices
from verification.presentations import scanning, showing
from verification.presentations.repository import Presentation
from verification.presentations.schemas import (
    AskedOut,
    DecisionIn,
    LicenceIn,
    PhoneIn,
    PhoneOut,
    ScanIn,
    ScanOut,
    ShownOut,
    TransactionIn,
    TransactionStateOut,
)
from verification.presentations.showing import Phone
from verification.presentations.shown_licences import ShownLicence, shown_licence
from verification.presentations.states import PresentationState

router = APIRouter()


def own_phone(request: Request, body: LicenceIn, actor: Caller, services: Services) -> Phone:
    """Return the caller's phone, proven to be of a holder of the licence it shows."""
    return showing.phone_of(request.state.session, body.licence, actor=actor, services=services)


OwnPhone = Annotated[Phone, Depends(own_phone)]


@router.post("/v1/presentations", status_code=201)
def open_presentation(
    request: Request, body: LicenceIn, phone: OwnPhone, services: Services
) -> PhoneOut:
    """Begin to show one of the caller's own licences; the code serves 90 s and one scan."""
    at = services.clock()
    reference, code, opened = showing.open_presentation(
        request.state.session, phone, services=services, at=at
    )
    return PhoneOut.of(reference, code, opened, at)


@router.post("/v1/presentations:phone")
def phone_now(request: Request, body: PhoneIn, actor: Caller, services: Services) -> PhoneOut:
    """Return what the phone shows now: the next code, or who asks for which fields."""
    at, session = services.clock(), request.state.session
    phone = own_phone(request, body, actor, services)
    code, found = showing.code_now(session, body.reference, phone, services=services, at=at)
    licence = shown_licence(session, found.licence, services)
    return phone_answer(body.reference, code, found, licence, services, at)


@router.post("/v1/presentations:agree")
def agree(request: Request, body: DecisionIn, actor: Caller, services: Services) -> PhoneOut:
    """Agree to hand out some or all of the fields asked for."""
    return _decided(request, body, actor, services, body.fields)


@router.post("/v1/presentations:refuse")
def refuse(request: Request, body: PhoneIn, actor: Caller, services: Services) -> PhoneOut:
    """Refuse to hand out anything."""
    return _decided(request, body, actor, services, None)


@router.post("/v1/presentations/scan", status_code=201)
def scan(request: Request, body: ScanIn, actor: Caller, services: Services) -> ScanOut:
    """Scan a phone's code and ask its holder for named fields; a code counts once, for 90 s."""
    at = services.clock()
    transaction, found, licence = scanning.scan(
        request.state.session, body.code, body.wanted(), actor=actor, services=services, at=at
    )
    labels = licence.labels()
    return ScanOut(
        **TransactionStateOut.of(found, at).model_dump(),
        transaction=transaction,
        kind_name=licence.record.kind_name,
        fields={name: labels[name] for name in found.asked},
    )


@router.post("/v1/presentations:state")
def transaction_state(
    request: Request, body: TransactionIn, actor: Caller, services: Services
) -> TransactionStateOut:
    """Tell a counter whether the holder has agreed."""
    found = scanning.find_transaction(
        request.state.session, body.transaction, actor=actor, services=services
    )
    return TransactionStateOut.of(found, services.clock())


@router.post("/v1/presentations:read")
def read(request: Request, body: TransactionIn, actor: Caller, services: Services) -> ShownOut:
    """Return exactly the fields that the holder agreed to, and the verdict on the licence."""
    return ShownOut.of(
        scanning.read(
            request.state.session,
            body.transaction,
            actor=actor,
            services=services,
            at=services.clock(),
        )
    )


def phone_answer(
    reference: str,
    code: str | None,
    found: Presentation,
    licence: ShownLicence,
    services: VerificationServices,
    at: datetime,
) -> PhoneOut:
    """Return what a phone shows, with who asks once somebody has scanned."""
    answer = PhoneOut.of(reference, code, found, at)
    if found.state is not PresentationState.SCANNED:
        return answer
    labels = licence.labels()
    asked = AskedOut(
        organisation=found.organisation,
        organisation_name=organisation_name(found.organisation, services),
        operator=found.operator,
        purpose=found.purpose,
        fields={name: labels[name] for name in found.asked},
    )
    return answer.model_copy(update={"asked": asked})


def _decided(
    request: Request,
    body: PhoneIn,
    actor: Caller,
    services: VerificationServices,
    fields: tuple[str, ...] | None,
) -> PhoneOut:
    at, session = services.clock(), request.state.session
    phone = own_phone(request, body, actor, services)
    found = showing.own_presentation(session, body.reference, phone, services)
    moved = showing.decide(session, found, fields, services=services, at=at)
    return PhoneOut.of(body.reference, None, moved, at)
