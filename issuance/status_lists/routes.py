"""`/v1/status-lists/` for everyone: whole lists, deltas and frozen days, as static files are.

The whole list has two forms: ``Accept`` chooses one (CWT where it does not say), or the ending
of the name does (``.cwt``, ``.jwt``), for mirrors that know files only. `max-age` is a minute,
shorter than the ttl in the token: a cache on the way must not keep a suspension from being seen.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from ca.revocation_answers import http_caching
from issuance import status
from issuance.errors import UnknownStatusDayError
from issuance.status_lists import days, publishing
from issuance.status_lists.publishing import DELTA_TYPE, MEDIA_TYPES, ListForm
from sealkit.errors import MalformedError
from sealkit.status_day import TYP, parse_date

router = APIRouter(tags=["issuance"])

PROOF_ENDING: Final = ".proof"
PROOF_TYPE: Final = "text/plain; charset=utf-8"
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_CURRENT: Final = "public, max-age=60, stale-while-revalidate=60"
_LIST_CONTENT: Final[dict[str, dict[str, str]]] = {
    media_type: {} for media_type in MEDIA_TYPES.values()
}


@router.get(
    "/v1/status-lists/{list_name}",
    response_class=Response,
    responses={200: {"content": _LIST_CONTENT}},
    summary="状态列表 · Status list",
)
def status_list(request: Request, list_name: str) -> Response:
    """Give a status list token, CWT or JWT, to anyone."""
    name, form = _asked(list_name, request.headers.get("accept", ""))
    token = publishing.published_list(
        request.state.session, request.app.state.issuance, name, form, at=request.state.at
    )
    return _published(request, token, MEDIA_TYPES[form])


@router.get(
    "/v1/status-lists/{list_name}/deltas/{version}",
    response_class=Response,
    responses={200: {"content": {DELTA_TYPE: {}}}},
    summary="状态列表增量 · Delta of a status list",
)
def status_delta(request: Request, list_name: str, version: int) -> Response:
    """Give what changed in a list since `version`, CWT, to anyone."""
    delta = publishing.published_delta(
        request.state.session,
        request.app.state.issuance,
        list_name,
        version,
        at=request.state.at,
    )
    return _published(request, delta, DELTA_TYPE)


@router.get(
    "/v1/status-lists/{list_name}/days/{day}",
    response_class=Response,
    responses={200: {"content": {TYP: {}, PROOF_TYPE: {}}}},
    summary="某日状态列表 · Status list of a day",
)
def status_day(request: Request, list_name: str, day: str) -> Response:
    """Give the frozen list of a day such as 2026-11-23, CWT; with ``.proof``, that it is logged."""
    session = request.state.session
    issuer, number = status.list_named(session, list_name)
    try:
        wanted = parse_date(day.removesuffix(PROOF_ENDING))
    except MalformedError as error:
        raise UnknownStatusDayError from error
    frozen = days.frozen_day(session, issuer, number, wanted)
    if frozen is None:
        raise UnknownStatusDayError
    if day.endswith(PROOF_ENDING):
        return _published(request, frozen.proof, PROOF_TYPE, _IMMUTABLE)
    return _published(request, frozen.token, TYP, _IMMUTABLE)


def _asked(list_name: str, accept: str) -> tuple[str, ListForm]:
    for form in ListForm:
        if list_name.endswith(f".{form.value}"):
            return list_name.removesuffix(f".{form.value}"), form
    wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    wants_jwt = MEDIA_TYPES[ListForm.JWT] in wanted and MEDIA_TYPES[ListForm.CWT] not in wanted
    return list_name, ListForm.JWT if wants_jwt else ListForm.CWT


def _published(
    request: Request, content: bytes, media_type: str, cache: str = _CURRENT
) -> Response:
    headers = {
        "Cache-Control": cache,
        "ETag": http_caching.entity_tag(content),
        "Vary": "Accept, Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }
    if http_caching.is_unchanged(request.headers, headers):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
