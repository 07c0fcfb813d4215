"""What the authority publishes: revocation lists, the log as static files, and timestamps.

Lists and checkpoints are served as they were signed; nothing here can sign one.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from ca import log_tiles, repository
from ca.errors import UnknownListError
from ca.ports import CAServices
from ca.revocation_answers import http_caching
from ca.revocation_answers import routes as revocation_routes

router = APIRouter(tags=["certificate authority"])
router.include_router(revocation_routes.router)
answers_router = revocation_routes.answers_router
"""To be included without a transaction for each request."""
stamp_router = APIRouter(tags=["certificate authority"])
"""Timestamps: to be included without a transaction, since serial numbers have their own."""

QUERY_TYPE: Final = "application/timestamp-query"
REPLY_TYPE: Final = "application/timestamp-reply"
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_PARTIAL_TILE: Final = "public, max-age=60"
_CHECKPOINT: Final = "no-cache"

_QUERY_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {QUERY_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def timestamp_query(request: Request) -> bytes:
    """Return the body of a timestamp request (RFC 3161, 3.4)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != QUERY_TYPE:
        raise HTTPException(415)
    return await request.body()


@stamp_router.post(
    "/tsa",
    openapi_extra=_QUERY_BODY,
    response_class=Response,
    responses={200: {"content": {REPLY_TYPE: {}}}},
)
def stamp(request: Request, query: Annotated[bytes, Depends(timestamp_query)]) -> Response:
    """Timestamp a digest; a refusal is an answer too and comes with status 200."""
    services: CAServices = request.app.state.ca
    return Response(services.timestamps.answer(query, at=request.state.at), media_type=REPLY_TYPE)


@stamp_router.post(
    "/tsa/ecdsa",
    openapi_extra=_QUERY_BODY,
    response_class=Response,
    responses={200: {"content": {REPLY_TYPE: {}}}},
)
def stamp_ecdsa(request: Request, query: Annotated[bytes, Depends(timestamp_query)]) -> Response:
    """Timestamp a digest with ECDSA, for readers that do not know SM2."""
    services: CAServices = request.app.state.ca
    return Response(
        services.ecdsa_timestamps.answer(query, at=request.state.at), media_type=REPLY_TYPE
    )


@router.get(
    "/crl/{name}.crl",
    response_class=Response,
    responses={200: {"content": {"application/pkix-crl": {}}}},
)
def revocation_list(request: Request, name: str) -> Response:
    """Give the newest revocation list of an authority, DER."""
    newest = repository.newest_list(request.state.session, authority=name)
    if newest is None:
        raise UnknownListError("no revocation list of that name")
    headers = http_caching.headers(
        newest.crl,
        at=request.state.at,
        this_update=newest.this_update,
        next_update=newest.next_update,
    )
    if http_caching.is_unchanged(request.headers, headers):
        return Response(status_code=304, headers=headers)
    return Response(newest.crl, media_type="application/pkix-crl", headers=headers)


@router.get(
    "/log/checkpoint", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
def log_checkpoint(request: Request) -> Response:
    """Give the newest signed checkpoint of the transparency log."""
    services: CAServices = request.app.state.ca
    note = services.log.newest_checkpoint(request.state.session)
    return _published(note, "text/plain; charset=utf-8", _CHECKPOINT)


@router.get(
    "/log/tile/{path:path}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def log_tile(request: Request, path: str) -> Response:
    """Give a tile of hashes or a bundle of entries of the transparency log."""
    services: CAServices = request.app.state.ca
    address = log_tiles.parse_tile_path(path)
    content = log_tiles.tile(request.state.session, log=services.log.name, address=address)
    cache = _IMMUTABLE if address.is_full else _PARTIAL_TILE
    return _published(content, "application/octet-stream", cache)


def _published(content: bytes, media_type: str, cache: str) -> Response:
    # Browsers of other regions' verifiers may read these too; nothing here is personal.
    headers = {"Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    return Response(content, media_type=media_type, headers=headers)
