"""Checks for case officers and case systems, consents and use log for holders, items for all."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from verification.certificate_free import counter
from verification.certificate_free.answer import answer_check, find_check
from verification.certificate_free.batch import Refused, answer_batch
from verification.certificate_free.consent_schemas import (
    ConsentIn,
    ConsentOut,
    ConsentRequestIn,
    ConsentRequestOut,
    GivenConsentOut,
    RequestStateOut,
    ShownCodeOut,
    TransactionIn,
    TransactionOut,
)
from verification.certificate_free.consents import (
    consents_of,
    give_consent,
    require_holder,
    withdraw_consent,
)
from verification.certificate_free.schemas import BatchIn, BatchOut, CheckIn, CheckOut
from verification.certificate_free.use_log import organisation_name, uses_of
from verification.errors import IdentityRequiredError
from verification.ports import Actor, VerificationServices

router = APIRouter()


def signed_in(request: Request) -> Actor:
    """Return who calls.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    actor: Actor | None = request.state.actor
    if actor is None:
        raise IdentityRequiredError
    return actor


Caller = Annotated[Actor, Depends(signed_in)]


@router.get("/v1/items")
def list_items(request: Request) -> list[dict[str, Any]]:
    """List the items that can be checked without certificates, with what each requires."""
    services: VerificationServices = request.app.state.verification
    return [
        {
            "code": item.code,
            "zh": item.name_zh,
            "en": item.name_en,
            "sureness": item.sureness,
            "fields": list(item.fields),
            "parties": [
                {"role": party.role, "zh": party.zh, "en": party.en} for party in item.parties
            ],
            "requirements": [
                {
                    "id": entry.id,
                    "party": entry.party,
                    "zh": entry.zh,
                    "en": entry.en,
                    "none": entry.none,
                    "shown_by": [
                        {"kind": shown.kind, "must": str(shown.must)} for shown in entry.shown_by
                    ],
                }
                for entry in item.requirements
            ],
        }
        for item in services.items.values()
    ]


def services_of(request: Request) -> VerificationServices:
    """Return the collaborators that the roof built."""
    services: VerificationServices = request.app.state.verification
    return services


Services = Annotated[VerificationServices, Depends(services_of)]


@router.post("/v1/checks", status_code=201)
def ask_check(
    request: Request, response: Response, body: CheckIn, actor: Caller, services: Services
) -> CheckOut:
    """Ask whether people meet an item's requirements; a repeated question is answered alike."""
    answered = answer_check(
        request.state.session, body.question(), actor=actor, services=services, at=services.clock()
    )
    response.headers["Location"] = f"/v1/checks/{answered.check.id}"
    return CheckOut.with_values(answered)


@router.post("/v1/checks:batch")
def ask_batch(request: Request, body: BatchIn, actor: Caller, services: Services) -> BatchOut:
    """Ask up to fifty questions at once; each is answered or refused by itself."""
    results = answer_batch(
        request.state.session,
        [entry.question for entry in body.checks],
        actor=actor,
        services=services,
        at=services.clock(),
    )
    return BatchOut.of(
        [result.error if isinstance(result, Refused) else result for result in results]
    )


@router.get("/v1/checks/{check_id}")
def show_check(request: Request, check_id: str, actor: Caller) -> CheckOut:
    """Show a check of the caller's own organisation, without values of licences."""
    return CheckOut.of(find_check(request.state.session, check_id, actor=actor))


@router.post("/v1/consents", status_code=201)
def give(request: Request, body: ConsentIn, actor: Caller, services: Services) -> GivenConsentOut:
    """Allow organisations to ask items about oneself, for a time and a number of uses."""
    at = services.clock()
    consent, code = give_consent(
        request.state.session, body.terms(at), actor=actor, services=services, at=at
    )
    return GivenConsentOut(**ConsentOut.of(consent).model_dump(), code=code)


@router.get("/v1/consents")
def list_consents(request: Request, actor: Caller, services: Services) -> list[ConsentOut]:
    """List the caller's own consents with what each was used for."""
    found = consents_of(request.state.session, actor=actor, services=services)
    return [ConsentOut.of(consent, uses) for consent, uses in found]


@router.post("/v1/consents/{consent_id}/withdraw")
def withdraw(request: Request, consent_id: str, actor: Caller, services: Services) -> ConsentOut:
    """Take a consent back; what was answered with it stays answered."""
    return ConsentOut.of(
        withdraw_consent(
            request.state.session,
            consent_id,
            actor=actor,
            services=services,
            at=services.clock(),
        )
    )


@router.post("/v1/shown-codes", status_code=201)
def show(request: Request, actor: Caller, services: Services) -> ShownCodeOut:
    """Return a code to show at a counter: nothing personal in it, good for 90 s and one scan."""
    code, shown = counter.show_code(
        request.state.session, actor=actor, services=services, at=services.clock()
    )
    return ShownCodeOut.of(code, shown)


@router.post("/v1/consent-requests", status_code=201)
def ask_holder(
    request: Request, body: ConsentRequestIn, actor: Caller, services: Services
) -> TransactionOut:
    """Ask the holder whose code was scanned to allow one item of one case."""
    at = services.clock()
    transaction, asked = counter.ask_consent(
        request.state.session, body.code, body.question(), actor=actor, services=services, at=at
    )
    state = RequestStateOut.of(asked, at).model_dump()
    return TransactionOut(**state, transaction=transaction)


@router.post("/v1/consent-requests:state")
def request_state(
    request: Request, body: TransactionIn, actor: Caller, services: Services
) -> RequestStateOut:
    """Tell a counter whether the holder has agreed."""
    found = counter.state_of(
        request.state.session, body.transaction, actor=actor, services=services
    )
    return RequestStateOut.of(found, services.clock())


@router.get("/v1/consent-requests")
def list_requests(request: Request, actor: Caller, services: Services) -> list[ConsentRequestOut]:
    """List what the caller, a holder, is asked to allow now."""
    found = counter.requests_for(
        request.state.session, actor=actor, services=services, at=services.clock()
    )
    return [
        ConsentRequestOut.of(
            entry, services.items[entry.item], organisation_name(entry.organisation, services)
        )
        for entry in found
        if entry.item in services.items
    ]


@router.post("/v1/consent-requests/{request_id}/agree")
def agree(request: Request, request_id: str, actor: Caller, services: Services) -> RequestStateOut:
    """Allow what a counter asks."""
    return _decided(request, request_id, actor, services, agrees=True)


@router.post("/v1/consent-requests/{request_id}/refuse")
def refuse(request: Request, request_id: str, actor: Caller, services: Services) -> RequestStateOut:
    """Refuse what a counter asks."""
    return _decided(request, request_id, actor, services, agrees=False)


@router.get("/v1/uses")
def list_uses(request: Request, actor: Caller, services: Services) -> list[dict[str, Any]]:
    """List who looked at the caller's own licences, for what and on what basis."""
    return uses_of(request.state.session, require_holder(actor), services)


def _decided(
    request: Request,
    request_id: str,
    actor: Actor,
    services: VerificationServices,
    *,
    agrees: bool,
) -> RequestStateOut:
    at = services.clock()
    decided = counter.decide(
        request.state.session,
        request_id,
        agrees=agrees,
        actor=actor,
        services=services,
        at=at,
    )
    return RequestStateOut.of(decided, at)
