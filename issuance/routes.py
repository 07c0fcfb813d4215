"""Issuing over HTTP: applications, licences, objections; status lists for everyone.

A licence is named by the identifier of one of its editions; the answer tells the chain.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Header, Request, Response, UploadFile
from sqlalchemy.orm import Session

from issuance import (
    applications,
    attachments,
    completion,
    corrections,
    decisions,
    lifecycle,
    mint,
    objections,
    repository,
    review,
    sealing,
)
from issuance.answers import licence_answer, licence_id_of, objection_answer
from issuance.entitlement import signed_in
from issuance.objection_schemas import (
    ClaimOut,
    NewDecision,
    NewObjection,
    ObjectionOut,
)
from issuance.objection_viewing import examine_claim
from issuance.ports import Actor, IssuanceServices
from issuance.schemas import (
    ApplicationDetailOut,
    ApplicationOut,
    AttachmentOut,
    Completion,
    LicenceDetailOut,
    LicenceOut,
    NewApplication,
    NewRefusal,
    NewReview,
    NewStateChange,
)
from issuance.status_lists import routes as status_list_routes

router = APIRouter(tags=["issuance"])
router.include_router(status_list_routes.router)


@dataclass(frozen=True, slots=True)
class Call:
    """What a route hands to a rule: transaction, collaborators, caller and instant."""

    session: Session
    services: IssuanceServices
    actor: Actor
    at: datetime


def current_call(request: Request) -> Call:
    """Return the call that `request` is.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    return Call(
        session=request.state.session,
        services=request.app.state.issuance,
        actor=signed_in(request.state.actor),
        at=request.state.at,
    )


Caller = Annotated[Call, Depends(current_call)]
IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", pattern=r"^[!-~]{8,128}$", description="one per request")
]
MEDIA_TYPES: Final = {
    sealing.OFD: "application/ofd",
    sealing.PDF: "application/pdf",
    sealing.CODE_TEXT: "text/plain; charset=utf-8",
    sealing.CODE_PICTURE: "image/png",
    sealing.PROOF: "text/plain; charset=utf-8",
}


@router.post("/v1/applications", status_code=201, summary="提交制证申请 · Apply for a licence")
def submit_application(
    call: Caller, body: NewApplication, idempotency_key: IdempotencyKey, response: Response
) -> ApplicationOut:
    """Send an application; the same key again returns the first one."""
    application = applications.submit(
        call.session,
        call.services,
        kind_name=body.kind,
        data=body.data(),
        idempotency_key=idempotency_key,
        actor=call.actor,
        at=call.at,
        replaces=body.replacement(),
    )
    response.headers["Location"] = f"/v1/applications/{application.id}"
    return ApplicationOut.of(application, licence_id_of(call.session, application))


@router.get("/v1/applications/{application_id}", summary="查看申请 · Show an application")
def show_application(call: Caller, application_id: str) -> ApplicationDetailOut:
    """Show an application of the caller's department; reading values is recorded."""
    view = applications.view_application(
        call.session, call.services, application_id, actor=call.actor, at=call.at
    )
    remarks = completion.remarks_on(call.session, view.application)
    licence_id = licence_id_of(call.session, view.application)
    return ApplicationDetailOut.of_view(view, licence_id, remarks)


@router.put("/v1/applications/{application_id}", summary="补正 · Complete a returned application")
def complete_application(call: Caller, application_id: str, body: Completion) -> ApplicationOut:
    """Send a returned application again with its whole content."""
    completed = completion.complete(
        call.session, call.services, application_id, body.data(), actor=call.actor, at=call.at
    )
    return ApplicationOut.of(completed, None)


@router.post(
    "/v1/applications/{application_id}/attachments", status_code=201, summary="添加附件 · Attach"
)
def add_attachment(
    call: Caller, application_id: str, file: Annotated[UploadFile, File()]
) -> AttachmentOut:
    """Add a PDF, JPEG or PNG to an application that is not decided."""
    content = file.file.read(attachments.MAX_BYTES + 1)
    added = attachments.attach(
        call.session,
        call.services,
        application_id,
        file.filename or "",
        content,
        actor=call.actor,
        at=call.at,
    )
    found = applications.find_application(call.session, application_id, actor=call.actor)
    return AttachmentOut.of(added, attachments.name_of(call.services, found, added))


@router.get("/v1/applications/{application_id}/attachments", summary="附件列表 · List attachments")
def list_attachments(call: Caller, application_id: str) -> list[AttachmentOut]:
    """List the attachments of an application with their SM3 digests."""
    found = attachments.list_attachments(
        call.session, call.services, application_id, actor=call.actor
    )
    return [AttachmentOut.of(entry, name) for entry, name in found]


@router.get(
    "/v1/applications/{application_id}/attachments/{attachment_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
    summary="下载附件 · Download an attachment",
)
def attachment_file(call: Caller, application_id: str, attachment_id: str) -> Response:
    """Give an attachment to be stored, never to be shown; this is recorded."""
    entry, content = attachments.read_attachment(
        call.session, call.services, application_id, attachment_id, actor=call.actor, at=call.at
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{entry.id}.{entry.type}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, headers=headers, media_type="application/octet-stream")


@router.post("/v1/applications/{application_id}/review", summary="审核 · Review an application")
def review_application(call: Caller, application_id: str, body: NewReview) -> ApplicationOut:
    """Approve, return or reject, as another person than who submitted it."""
    reviewed = review.review(
        call.session,
        call.services,
        application_id,
        body.decision,
        reason=body.reason,
        actor=call.actor,
        at=call.at,
        remarks=body.remarks,
    )
    return ApplicationOut.of(reviewed, licence_id_of(call.session, reviewed))


@router.post("/v1/applications/{application_id}/withdraw", summary="撤回申请 · Withdraw")
def withdraw_application(call: Caller, application_id: str) -> ApplicationOut:
    """Take an application back before it is reviewed."""
    withdrawn = applications.withdraw(
        call.session, call.services, application_id, actor=call.actor, at=call.at
    )
    return ApplicationOut.of(withdrawn, None)


@router.post(
    "/v1/applications/{application_id}/mint", status_code=201, summary="制证 · Mint the licence"
)
def mint_licence(call: Caller, application_id: str, response: Response) -> LicenceOut:
    """Mint the licence of an approved application; again, the same licence is returned."""
    edition = mint.mint(call.session, call.services, application_id, actor=call.actor, at=call.at)
    response.headers["Location"] = f"/v1/licences/{edition.identifier}"
    return licence_answer(call.session, call.services, edition)


@router.get("/v1/licences/{licence_id}", summary="查看证照 · Show a licence")
def show_licence(call: Caller, licence_id: str) -> LicenceDetailOut:
    """Show an edition of the caller's department; reading values is recorded."""
    found = lifecycle.find_licence(call.session, licence_id, actor=call.actor)
    data = lifecycle.read_licence(call.session, call.services, found, actor=call.actor, at=call.at)
    answer = licence_answer(call.session, call.services, found)
    return LicenceDetailOut.of_detail(answer, data, repository.events(call.session, found.key))


@router.get(
    "/v1/licences/{licence_id}/files/{form}",
    response_class=Response,
    responses={200: {"content": {name: {} for name in sorted(set(MEDIA_TYPES.values()))}}},
    summary="下载证照文件 · Download a file",
)
def licence_file(call: Caller, licence_id: str, form: str) -> Response:
    """Give a file: ofd, pdf, code.txt, code.png, or proof (of the log)."""
    found = lifecycle.find_licence(call.session, licence_id, actor=call.actor)
    document = lifecycle.read_file(
        call.session, call.services, found, form, actor=call.actor, at=call.at
    )
    name = licence_id if form in (sealing.OFD, sealing.PDF) else f"{licence_id}-{form}"
    ending = f".{form}" if form in (sealing.OFD, sealing.PDF) else ""
    disposition = f'attachment; filename="{name}{ending}"'
    return Response(
        document, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": disposition}
    )


@router.post("/v1/licences/{licence_id}/suspend", summary="暂停 · Suspend a licence")
def suspend_licence(call: Caller, licence_id: str, body: NewStateChange) -> LicenceOut:
    """Suspend a licence until it is resumed."""
    changed = lifecycle.suspend(
        call.session,
        call.services,
        licence_id,
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    return licence_answer(call.session, call.services, changed)


@router.post("/v1/licences/{licence_id}/resume", summary="恢复 · Resume a licence")
def resume_licence(call: Caller, licence_id: str, body: NewStateChange) -> LicenceOut:
    """End a suspension."""
    changed = lifecycle.resume(
        call.session,
        call.services,
        licence_id,
        legal_basis=body.legal_basis,
        actor=call.actor,
        at=call.at,
    )
    return licence_answer(call.session, call.services, changed)


@router.post(
    "/v1/licences/{licence_id}/objections", status_code=201, summary="提出异议 · Lodge an objection"
)
def lodge_objection(
    call: Caller, licence_id: str, body: NewObjection, response: Response
) -> ObjectionOut:
    """Lodge an objection; the same one again, while it is open, is the same objection."""
    objection = objections.lodge_objection(
        call.session,
        call.services,
        licence_id,
        body.claim(),
        capacity=body.capacity,
        actor=call.actor,
        at=call.at,
    )
    response.headers["Location"] = f"/v1/objections/{objection.id}"
    return objection_answer(call.session, call.services, objection, at=call.at)


@router.get("/v1/objections/{objection_id}", summary="查看异议 · Show an objection")
def show_objection(call: Caller, objection_id: str) -> ObjectionOut:
    """Show an objection to who lodged it, or to the issuer's people."""
    found = objections.find_objection(call.session, objection_id, actor=call.actor)
    return objection_answer(call.session, call.services, found, at=call.at)


@router.get("/v1/objections/{objection_id}/claim", summary="异议内容 · What an objection claims")
def objection_claim(call: Caller, objection_id: str) -> ClaimOut:
    """Give what an objection says beside what the licence says, to the issuer; recorded."""
    seen = examine_claim(call.session, call.services, objection_id, actor=call.actor, at=call.at)
    return ClaimOut.of(seen.claim, seen.present)


@router.post("/v1/objections/{objection_id}/accept", summary="受理异议 · Accept an objection")
def accept_objection(call: Caller, objection_id: str) -> ObjectionOut:
    """Accept an objection; its licence is marked as disputed."""
    accepted = objections.accept_objection(
        call.session, call.services, objection_id, actor=call.actor, at=call.at
    )
    return objection_answer(call.session, call.services, accepted, at=call.at)


@router.post("/v1/objections/{objection_id}/refuse", summary="不予受理 · Refuse to examine")
def refuse_objection(call: Caller, objection_id: str, body: NewRefusal) -> ObjectionOut:
    """Refuse to examine an objection, with reasons."""
    refused = objections.refuse_intake(
        call.session,
        call.services,
        objection_id,
        reasons=body.reasons,
        actor=call.actor,
        at=call.at,
    )
    return objection_answer(call.session, call.services, refused, at=call.at)


@router.post("/v1/objections/{objection_id}/decide", summary="决定异议 · Decide an objection")
def decide_objection(call: Caller, objection_id: str, body: NewDecision) -> ObjectionOut:
    """Decide an accepted objection, as somebody who had no part in the licence."""
    decided = decisions.decide_objection(
        call.session,
        call.services,
        objection_id,
        body.decision(),
        actor=call.actor,
        at=call.at,
    )
    return objection_answer(call.session, call.services, decided, at=call.at)


@router.post("/v1/objections/{objection_id}/correct", status_code=201, summary="更正 · Correct")
def correct_licence(call: Caller, objection_id: str, response: Response) -> LicenceOut:
    """Make the new edition of an upheld objection; again, the same edition is returned."""
    edition = corrections.correct(
        call.session, call.services, objection_id, actor=call.actor, at=call.at
    )
    response.headers["Location"] = f"/v1/licences/{edition.identifier}"
    return licence_answer(call.session, call.services, edition)


@router.post("/v1/objections/{objection_id}/withdraw", summary="撤回异议 · Withdraw an objection")
def withdraw_objection(call: Caller, objection_id: str) -> ObjectionOut:
    """Take an objection back before it is decided."""
    withdrawn = objections.withdraw_objection(
        call.session, call.services, objection_id, actor=call.actor, at=call.at
    )
    return objection_answer(call.session, call.services, withdrawn, at=call.at)
