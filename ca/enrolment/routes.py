"""Enrolment over HTTP: bring a request, decide about it, take the certificate."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from ca.calls import AuthorityName, Call, EntryId, signed_in_call
from ca.enrolment import decisions, issuing, submitting
from ca.enrolment import repository as enrolments
from ca.enrolment.entitlement import department_seen
from ca.enrolment.model import Enrolment, EnrolmentKey
from ca.enrolment.ports import EnrolmentServices
from ca.enrolment.schemas import (
    EnrolmentOut,
    EnrolmentPage,
    NewApproval,
    NewEnrolment,
    NewRefusal,
)
from ca.enrolment.states import EnrolmentState
from sealkit.asn1.x509 import to_pem

router = APIRouter(tags=["certificate authority"])

PEM_TYPE: Final = "application/x-pem-file"
DER_TYPE: Final = "application/pkix-cert"
ENVELOPE_TYPE: Final = "application/octet-stream"
_CERTIFICATE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {PEM_TYPE: {}, DER_TYPE: {}}}
}
IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", pattern=r"^[!-~]{8,128}$", description="one per request")
]


def current_call(request: Request) -> Call[EnrolmentServices]:
    """Return the call that `request` is.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    services: EnrolmentServices = request.app.state.enrolment
    return signed_in_call(request.state, services)


Caller = Annotated[Call[EnrolmentServices], Depends(current_call)]


def named(authority: AuthorityName, enrolment_id: EntryId) -> EnrolmentKey:
    """Return the enrolment that an address names."""
    return EnrolmentKey(authority, enrolment_id)


Named = Annotated[EnrolmentKey, Depends(named)]


@router.post("/v1/ca/enrolments", status_code=201, summary="提交证书申请 · Ask for a certificate")
def submit(
    call: Caller, body: NewEnrolment, idempotency_key: IdempotencyKey, response: Response
) -> EnrolmentOut:
    """Bring a request; the same key again returns the first enrolment."""
    found = submitting.submit(
        call.session,
        call.services,
        body.submission(),
        idempotency_key=idempotency_key,
        person=call.person,
        at=call.at,
    )
    response.headers["Location"] = f"/v1/ca/enrolments/{found.key}"
    return EnrolmentOut.of(found)


@router.get("/v1/ca/enrolments", summary="列出证书申请 · List requests for certificates")
def list_enrolments(
    call: Caller,
    authority: Annotated[AuthorityName, Query()] = "sub_ca",
    state: Annotated[list[EnrolmentState] | None, Query()] = None,
    after: Annotated[str, Query(pattern="^[0-9a-f]{0,32}$")] = "",
) -> EnrolmentPage:
    """List a hundred enrolments in order of time, from `after` on."""
    wanted: Sequence[EnrolmentState] = state or list(EnrolmentState)
    department = department_seen(call.person)
    found = enrolments.page(
        call.session, authority, states=wanted, department=department, after=after
    )
    return EnrolmentPage(enrolments=tuple(map(EnrolmentOut.of, found)))


@router.get(
    "/v1/ca/enrolments/{authority}/{enrolment_id}",
    summary="查看证书申请 · Show a request for a certificate",
)
def show(call: Caller, key: Named) -> EnrolmentOut:
    """Show one enrolment."""
    return EnrolmentOut.of(decisions.find(call.session, key, person=call.person))


@router.post(
    "/v1/ca/enrolments/{authority}/{enrolment_id}/approve", summary="批准证书申请 · Approve"
)
def approve(call: Caller, key: Named, body: NewApproval) -> EnrolmentOut:
    """Approve; with the last approval needed the certificate is issued."""
    found = decisions.approve(
        call.session,
        call.services,
        key,
        person=call.person,
        at=call.at,
        note=body.note,
        fingerprint=bytes.fromhex(body.fingerprint) if body.fingerprint else None,
    )
    return EnrolmentOut.of(_issued_if_approved(call, found))


@router.post("/v1/ca/enrolments/{authority}/{enrolment_id}/reject", summary="驳回证书申请 · Reject")
def reject(call: Caller, key: Named, body: NewRefusal) -> EnrolmentOut:
    """Reject, and say why."""
    found = decisions.reject(
        call.session, call.services, key, person=call.person, at=call.at, note=body.note
    )
    return EnrolmentOut.of(found)


@router.post(
    "/v1/ca/enrolments/{authority}/{enrolment_id}/withdraw", summary="撤回证书申请 · Withdraw"
)
def withdraw(call: Caller, key: Named, body: NewRefusal) -> EnrolmentOut:
    """Withdraw what one has submitted oneself."""
    found = decisions.withdraw(
        call.session, call.services, key, person=call.person, at=call.at, note=body.note
    )
    return EnrolmentOut.of(found)


@router.get(
    "/v1/ca/enrolments/{authority}/{enrolment_id}/certificate.{form}",
    summary="下载证书 · Take the certificate",
    response_class=Response,
    responses=_CERTIFICATE,
)
def certificate(call: Caller, key: Named, form: Literal["pem", "der"]) -> Response:
    """Give the certificate of an issued enrolment, PEM or DER."""
    return _as(issuing.certificate_of(call.session, key, person=call.person), form)


@router.get(
    "/v1/ca/enrolments/{authority}/{enrolment_id}/encryption-certificate.{form}",
    summary="下载加密证书 · Take the encryption certificate of a pair",
    response_class=Response,
    responses=_CERTIFICATE,
)
def encryption_certificate(call: Caller, key: Named, form: Literal["pem", "der"]) -> Response:
    """Give the encryption certificate of a pair, PEM or DER."""
    der, _envelope = issuing.encryption_of(call.session, key, person=call.person)
    return _as(der, form)


@router.get(
    "/v1/ca/enrolments/{authority}/{enrolment_id}/enveloped-key",
    summary="下载加密密钥信封 · Take the encryption key, enveloped",
    response_class=Response,
    responses={200: {"content": {ENVELOPE_TYPE: {}}}},
)
def enveloped_key(call: Caller, key: Named) -> Response:
    """Give the encryption key of a pair as SM2EnvelopedKey; only the signing key opens it."""
    _der, envelope = issuing.encryption_of(call.session, key, person=call.person)
    return Response(envelope, media_type=ENVELOPE_TYPE)


def _as(der: bytes, form: str) -> Response:
    if form == "der":
        return Response(der, media_type=DER_TYPE)
    return Response(to_pem(der, "CERTIFICATE"), media_type=PEM_TYPE)


def _issued_if_approved(call: Call[EnrolmentServices], found: Enrolment) -> Enrolment:
    if found.state is not EnrolmentState.APPROVED:
        return found
    # Plan, then sign: the decision and what will be signed are durable before a key is used.
    call.session.commit()
    return issuing.finish_if_possible(call.session, call.services, found.key, at=call.at)
