"""`/v1/verify` for everyone; `/v1/checks` for case officers and case systems."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from sealkit.errors import MalformedError
from sealkit.record import Holder
from verification.certificate_free.answer import Question, answer_check, find_check
from verification.certificate_free.consent import basis_of
from verification.certificate_free.items import load_items
from verification.errors import IdentityRequiredError, TooLargeError
from verification.ports import Actor, VerificationServices
from verification.presentations import note_on
from verification.repository import StoredCheck
from verification.verify import verify

router = APIRouter(tags=["verification"])

MAX_TEXT_CHARACTERS: Final = 8192

_VERIFY_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["text"],
                    "properties": {"text": {"type": "string", "maxLength": MAX_TEXT_CHARACTERS}},
                }
            },
        },
    }
}


class HolderIn(BaseModel):
    """Who the question is about."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=256)
    code: str = Field(min_length=1, max_length=64)
    code_type: str = Field(pattern=r"^\d{3}$", description="GB/T 36903 annex A, such as 001 USCC")


class CheckIn(BaseModel):
    """One question of one case. A consent reference or a statutory basis must be given."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(min_length=1, max_length=64)
    holder: HolderIn
    case_number: str = Field(min_length=1, max_length=64)
    operator: str = Field(min_length=1, max_length=128)
    consent: str | None = Field(None, max_length=200)
    statutory_basis: str | None = Field(None, max_length=200)
    fields: tuple[str, ...] = Field((), max_length=32)


class CheckOut(BaseModel):
    """The answer to a check. It holds no value of any licence."""

    id: str
    item: str
    case_number: str
    outcome: str
    at: str
    answer: dict[str, Any]
    receipt: str = Field(description="JWS, SM2: what to archive instead of a copy")

    @classmethod
    def of(cls, check: StoredCheck) -> "CheckOut":
        """Return the answer as the API shows it."""
        return cls(**{name: getattr(check, name) for name in cls.model_fields})


async def shown_document(request: Request) -> bytes:
    """Return what is to be verified: the uploaded file, or the text as UTF-8.

    Raises:
        MalformedError: if there is neither.
        TooLargeError: if it is over the limit.
    """
    services: VerificationServices = request.app.state.verification
    if request.headers.get("content-type", "").startswith("application/json"):
        return _text_of(await request.body())
    async with request.form(max_files=1, max_fields=4) as form:
        part = form.get("file")
        if isinstance(part, UploadFile):
            document = await part.read(services.max_document_bytes + 1)
        else:
            document = str(form.get("text") or "").encode()
    if len(document) > services.max_document_bytes:
        raise TooLargeError(services.max_document_bytes)
    if not document:
        raise MalformedError("neither a file nor a text was sent")
    return document


def signed_in(request: Request) -> Actor:
    """Return who calls.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    actor: Actor | None = request.state.actor
    if actor is None:
        raise IdentityRequiredError
    return actor


@router.post("/v1/verify", openapi_extra=_VERIFY_BODY)
def verify_document(
    request: Request, document: Annotated[bytes, Depends(shown_document)]
) -> dict[str, Any]:
    """Verify a licence file, a photo of its code, the code's text, or an identifier."""
    services: VerificationServices = request.app.state.verification
    report = verify(document, **services.sources(request.state.session))
    note = note_on(report)
    return report.to_dict() | {"note": {"zh": note.zh, "en": note.en} if note else None}


@router.get("/v1/items")
def list_items() -> list[dict[str, Any]]:
    """List the items that can be checked without certificates, with what each requires."""
    return [
        {
            "code": item.code,
            "zh": item.name_zh,
            "en": item.name_en,
            "fields": list(item.fields),
            "requirements": [
                {"id": entry.id, "kind": entry.kind, "zh": entry.zh, "en": entry.en}
                for entry in item.requirements
            ],
        }
        for item in load_items().values()
    ]


@router.post("/v1/checks", status_code=201)
def ask_check(
    request: Request,
    response: Response,
    body: CheckIn,
    actor: Annotated[Actor, Depends(signed_in)],
) -> CheckOut:
    """Ask whether a holder meets an item's requirements; a repeated question is answered alike."""
    question = Question(
        item=body.item,
        holder=Holder(body.holder.name, body.holder.code, body.holder.code_type),
        case_number=body.case_number,
        operator=body.operator,
        basis=basis_of(body.consent, body.statutory_basis),
        fields=body.fields,
    )
    services: VerificationServices = request.app.state.verification
    check = answer_check(
        request.state.session, question, actor=actor, services=services, at=services.clock()
    )
    response.headers["Location"] = f"/v1/checks/{check.id}"
    return CheckOut.of(check)


@router.get("/v1/checks/{check_id}")
def show_check(
    request: Request, check_id: str, actor: Annotated[Actor, Depends(signed_in)]
) -> CheckOut:
    """Show a check of the caller's own organisation."""
    return CheckOut.of(find_check(request.state.session, check_id, actor=actor))


def _text_of(body: bytes) -> bytes:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is not JSON") from error
    text = members.get("text") if isinstance(members, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT_CHARACTERS:
        raise MalformedError("the body has no member text of sensible length")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("the text is not Unicode") from error
