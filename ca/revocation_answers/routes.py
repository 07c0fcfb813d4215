"""OCSP, revocation lists by partition, and the operator's revoking (RFC 6960, RFC 5280).

OCSP and lists only read: they are served as they were signed, or OCSP is signed now with the
responder's key, which can sign nothing else. Only revoking and building lists write.
"""

import asyncio
import base64
import binascii
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response

from ca import repository
from ca.calls import AuthorityName, Call, signed_in_call
from ca.enrolment.entitlement import OPERATOR
from ca.errors import NotEntitledError, UnknownListError
from ca.revocation import Reason, revocation_of, revoke
from ca.revocation_answers import http_caching
from ca.revocation_answers.partitions import DELTA_LIFETIME, stored_pair
from ca.revocation_answers.ports import RevocationServices
from ca.revocation_answers.repository import ListPair
from ca.revocation_answers.responder import Served
from ca.revocation_answers.schemas import BuiltLists, ReasonName, RevocationOrder, Revoked

router = APIRouter(tags=["certificate authority"])
answers_router = APIRouter(tags=["certificate authority"])
"""OCSP: it is asked more than all else, knows no accounts, and opens its own short reads."""

REQUEST_TYPE: Final = "application/ocsp-request"
RESPONSE_TYPE: Final = "application/ocsp-response"
CRL_TYPE: Final = "application/pkix-crl"
_SIGNING: Final = ThreadPoolExecutor(4, "ocsp")
"""Whoever asks with a nonce makes us sign: they wait for each other, and nobody for them."""
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {RESPONSE_TYPE: {}}}}
_LIST: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {CRL_TYPE: {}}}}
_REQUEST_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {REQUEST_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _services(request: Request) -> RevocationServices:
    services: RevocationServices = request.app.state.ca.revocation
    return services


def operator_call(request: Request) -> Call[RevocationServices]:
    """Return the call of an operator of the certificate authority.

    Raises:
        IdentityRequiredError: if nobody has signed in.
        NotEntitledError: if the caller has another role.
    """
    call = signed_in_call(request.state, _services(request))
    if OPERATOR not in call.person.roles:
        raise NotEntitledError(f"{call.person.id} is no operator of the certificate authority")
    return call


OperatorCall = Annotated[Call[RevocationServices], Depends(operator_call)]


@answers_router.post(
    "/ocsp", openapi_extra=_REQUEST_BODY, response_class=Response, responses=_ANSWER
)
async def ask(request: Request) -> Response:
    """Say whether certificates are revoked; a refusal is an answer too, with status 200."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != REQUEST_TYPE:
        raise HTTPException(415)
    return await _answered(request, await request.body())


@answers_router.get("/ocsp/{question:path}", response_class=Response, responses=_ANSWER)
async def ask_by_address(request: Request, question: str) -> Response:
    """Say the same to a question in the address, Base64, so that caches can keep the answer."""
    try:
        encoded = base64.b64decode(question, validate=True)
    except (binascii.Error, ValueError):  # ValueError: characters that are not ASCII
        encoded = b""
    return await _answered(request, encoded)


@router.get("/crl/{authority}/{partition}.delta.crl", response_class=Response, responses=_LIST)
def partition_delta(request: Request, authority: str, partition: str) -> Response:
    """Give the newest delta list of a partition, DER."""
    pair = _pair(request, authority, partition)
    served = Served(pair.delta, pair.this_update, pair.this_update + DELTA_LIFETIME)
    return _kept(request, served, CRL_TYPE, request.state.at)


# After the delta, whose address it would take for a partition named ``3.delta``.
@router.get("/crl/{authority}/{partition}.crl", response_class=Response, responses=_LIST)
def partition_list(request: Request, authority: str, partition: str) -> Response:
    """Give the newest base list of a partition, DER."""
    pair = _pair(request, authority, partition)
    return _kept(
        request, Served(pair.base, pair.this_update, pair.next_update), CRL_TYPE, request.state.at
    )


@router.post("/v1/ca/certificates/{authority}/{serial}/revoke")
def revoke_certificate(
    call: OperatorCall,
    authority: AuthorityName,
    serial: Annotated[str, Path(pattern="^[0-9a-fA-F]{1,40}$")],
    order: RevocationOrder,
) -> Revoked:
    """Revoke a certificate, for good. Asked again, the first revocation stays as it is."""
    session, at, number = call.session, call.at, int(serial, 16)
    earlier = repository.revocation(session, authority=authority, serial=number)
    revoke(
        session,
        ca_name=authority,
        serial=number,
        reason=order.reason.number,
        at=at,
        invalid_since=order.invalid_since,
    )
    stands = revocation_of(session, ca_name=authority, serial=number)
    reason = Reason(stands.reason or 0)
    call.services.audit.record(
        session,
        actor=call.person.id,
        act="certificate.revoke",
        subject=f"{authority}/{number:x}",
        at=at,
        detail={"reason": reason.name.lower(), "again": str(earlier is not None).lower()},
    )
    return Revoked(
        authority=authority,
        serial=f"{number:x}",
        revoked_at=stands.at,
        reason=ReasonName[reason.name],
        invalid_since=stands.invalid_since,
    )


@router.post("/v1/ca/authorities/{authority}/revocation-lists")
def build_lists(call: OperatorCall, authority: AuthorityName) -> BuiltLists:
    """Build now the lists that are due: with revocations not yet listed, or half used up."""
    services, session, at = call.services, call.session, call.at
    built = services.build_lists(session, authority, at)
    services.audit.record(
        session,
        actor=call.person.id,
        act="revocation_lists.build",
        subject=authority,
        at=at,
        detail={"lists": str(len(built))},
    )
    return BuiltLists(lists=built)


def _pair(request: Request, authority: str, partition: str) -> ListPair:
    if not re.fullmatch(r"0|[1-9][0-9]{0,4}", partition, re.ASCII):
        raise UnknownListError("no revocation list of that name")
    return stored_pair(request.state.session, authority, int(partition))


async def _answered(request: Request, question: bytes) -> Response:
    services = _services(request)
    at = services.clock()
    # One short, indexed read belongs in the event loop; going to a thread costs more than it.
    served = services.responder.stored_answer(services.reading, question, at=at)
    if served is None:
        signing = partial(_signed_now, services, question, at)
        served = await asyncio.get_running_loop().run_in_executor(_SIGNING, signing)
    return _kept(request, served, RESPONSE_TYPE, at)


def _signed_now(services: RevocationServices, question: bytes, at: datetime) -> Served:
    with services.reading() as session:
        return services.responder.answer(session, question, at=at)


def _kept(request: Request, served: Served, media_type: str, at: datetime) -> Response:
    """Return what is served with headers for caches, or 304 to one that has it already."""
    if served.this_update is None or served.next_update is None:
        nothing = {"Cache-Control": http_caching.KEEP_NOTHING}
        return Response(served.response, media_type=media_type, headers=nothing)
    headers = http_caching.headers(
        served.response,
        at=at,
        this_update=served.this_update,
        next_update=served.next_update,
    )
    # Answers to POST are not kept by caches, so only GET asks whether one is unchanged.
    if request.method == "GET" and http_caching.is_unchanged(request.headers, headers):
        return Response(status_code=304, headers=headers)
    return Response(served.response, media_type=media_type, headers=headers)
