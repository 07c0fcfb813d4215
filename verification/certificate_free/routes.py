"""Checks for case officers and case systems; the catalogue of items for everyone."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from verification.certificate_free.answer import answer_check, find_check
from verification.certificate_free.schemas import CheckIn, CheckOut
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


@router.post("/v1/checks", status_code=201)
def ask_check(request: Request, response: Response, body: CheckIn, actor: Caller) -> CheckOut:
    """Ask whether people meet an item's requirements; a repeated question is answered alike."""
    services: VerificationServices = request.app.state.verification
    answered = answer_check(
        request.state.session, body.question(), actor=actor, services=services, at=services.clock()
    )
    response.headers["Location"] = f"/v1/checks/{answered.check.id}"
    return CheckOut.with_values(answered)


@router.get("/v1/checks/{check_id}")
def show_check(request: Request, check_id: str, actor: Caller) -> CheckOut:
    """Show a check of the caller's own organisation, without values of licences."""
    return CheckOut.of(find_check(request.state.session, check_id, actor=actor))
