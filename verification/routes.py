"""`/v1/verify` for everyone; checks and consents are in `verification.certificate_free.routes`."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile

from sealkit.errors import MalformedError
from sealkit.status_day import parse_date
from verification.certificate_free import routes as certificate_free_routes
from verification.errors import TooLargeError
from verification.ports import VerificationServices
from verification.presentations import routes as presentation_routes
from verification.report_forms import ReportForm, Wish, form_wished, formed_report
from verification.sharing import routes as sharing_routes
from verification.verify import verify

router = APIRouter(tags=["verification"])
router.include_router(certificate_free_routes.router)
router.include_router(presentation_routes.router)
router.include_router(sharing_routes.router)

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


_VERIFY_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "the report, in the form asked for",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/html": {},
            "application/pdf": {},
            "application/jose": {},
        },
    }
}


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


def form_asked(
    request: Request,
    form: Annotated[ReportForm | None, Query(description="absent: what Accept names")] = None,
    detail: Annotated[bool, Query(description="every rule, chain and source")] = False,
    signed: Annotated[bool, Query(description="with a JWS (SM2) of the report")] = False,
) -> Wish:
    """Return the form of the report that the caller wants."""
    return Wish(form_wished(form, request.headers.get("accept", "")), detail, signed)


@router.post("/v1/verify", openapi_extra=_VERIFY_BODY, responses=_VERIFY_ANSWERS)
def verify_document(
    request: Request,
    document: Annotated[bytes, Depends(shown_document)],
    wish: Annotated[Wish, Depends(form_asked)],
    valid_on: Annotated[
        str | None,
        Query(description="was it in force at the end of this day in Beijing: 2026-11-23"),
    ] = None,
) -> Response:
    """Verify a licence file, a photo of its code, the code's text, or an identifier."""
    services: VerificationServices = request.app.state.verification
    day = None if valid_on is None else parse_date(valid_on)
    report = verify(document, **services.sources(request.state.session), valid_on=day)
    formed = formed_report(report, document, wish, services)
    return Response(formed.content, media_type=formed.media_type, headers=dict(formed.headers))


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
