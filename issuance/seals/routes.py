"""Seals over HTTP: their life, their owner's rules, and every use of them."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from issuance.routes import Call, Caller
from issuance.seals import controlling, ending, importing, making, policy_register, using, viewing
from issuance.seals.policy_register import RequestState
from issuance.seals.register import RegisteredSeal
from issuance.seals.schemas import (
    NewApproval,
    NewCancellation,
    NewDeclination,
    NewLoss,
    NewPolicy,
    NewReason,
    NewSeal,
    PolicyOut,
    ReconciliationOut,
    RequestOut,
    SealOut,
    UseOut,
    UsesOut,
)

router = APIRouter(tags=["seals"])


@router.post("/v1/seals", status_code=201, summary="申请制章 · Apply for a seal")
def apply_for_seal(call: Caller, body: NewSeal, response: Response) -> SealOut:
    """Apply for a seal of the caller's department."""
    seal = making.apply_for_seal(
        call.session,
        call.services,
        call.actor.department,
        actor=call.actor,
        at=call.at,
        wish=body.wish(),
    )
    response.headers["Location"] = f"/v1/seals/{seal.id}"
    return SealOut.of(seal)


async def seal_upload(request: Request) -> bytes:
    """Return the body of a request that brings a seal, DER or base64."""
    return await request.body()


@router.post(
    "/v1/seals/import",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
    summary="导入印章 · Import a seal",
)
def import_seal(
    call: Caller, upload: Annotated[bytes, Depends(seal_upload)], response: Response
) -> SealOut:
    """Check a seal of another maker, an .esl file or its base64, and register it."""
    seal = importing.import_seal(call.session, call.services, upload, actor=call.actor, at=call.at)
    response.headers["Location"] = f"/v1/seals/{seal.id}"
    return SealOut.of(seal)


@router.get("/v1/seals", summary="本部门印章 · Seals of the department")
def list_seals(call: Caller) -> list[SealOut]:
    """List every seal of the caller's department, the one changed last first."""
    return [SealOut.of(seal) for seal in viewing.own_seals(call.session, actor=call.actor)]


@router.get("/v1/seals/reconciliation", summary="用印核对 · Reconcile uses with sealed files")
def show_reconciliation(call: Caller) -> ReconciliationOut:
    """Compare every use of the department's seals with every file it sealed."""
    return ReconciliationOut.of(
        viewing.own_reconciliation(call.session, call.services, actor=call.actor)
    )


@router.get("/v1/seals/{seal_id}", summary="查看印章 · Show a seal")
def show_seal(call: Caller, seal_id: str) -> SealOut:
    """Show a seal of the caller's department."""
    return SealOut.of(controlling.own_seal(call.session, seal_id, actor=call.actor))


@router.get(
    "/v1/seals/{seal_id}/picture",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
    summary="印模 · Picture of a seal",
)
def seal_picture(call: Caller, seal_id: str) -> Response:
    """Give the picture of a made seal."""
    picture = viewing.picture_of(call.session, seal_id, actor=call.actor)
    return Response(picture.image, media_type=viewing.media_type(picture))


@router.post(
    "/v1/seals/{seal_id}/review", summary="审核制章申请 · Review an application for a seal"
)
def review_seal(call: Caller, seal_id: str) -> SealOut:
    """Approve an application for a seal, as another person than who applied."""
    return _after(making.review_seal, call, seal_id)


@router.post("/v1/seals/{seal_id}/reject", summary="不予制章 · Reject an application for a seal")
def reject_seal(call: Caller, seal_id: str, body: NewReason) -> SealOut:
    """Reject an application for a seal before it is made."""
    return _after(partial(making.reject_seal, reason=body.reason), call, seal_id)


@router.post("/v1/seals/{seal_id}/make", summary="制作印章 · Make a seal")
def make_seal(call: Caller, seal_id: str) -> SealOut:
    """Make a reviewed seal, as a third person."""
    return _after(making.make_seal, call, seal_id)


@router.post("/v1/seals/{seal_id}/file", summary="备案启用 · File a seal")
def file_seal(call: Caller, seal_id: str) -> SealOut:
    """File a made seal and put it into service."""
    return _after(making.put_into_service, call, seal_id)


@router.post("/v1/seals/{seal_id}/freeze", summary="冻结 · Freeze a seal")
def freeze_seal(call: Caller, seal_id: str, body: NewReason) -> SealOut:
    """Stop the use of a seal for now."""
    seal = using.freeze_seal(
        call.session, call.services, seal_id, reason=body.reason, actor=call.actor, at=call.at
    )
    return SealOut.of(seal)


@router.post("/v1/seals/{seal_id}/unfreeze", summary="解冻 · Unfreeze a seal")
def unfreeze_seal(call: Caller, seal_id: str, body: NewReason) -> SealOut:
    """Allow the use of a frozen seal again."""
    seal = using.freeze_seal(
        call.session,
        call.services,
        seal_id,
        reason=body.reason,
        thaw=True,
        actor=call.actor,
        at=call.at,
    )
    return SealOut.of(seal)


@router.post("/v1/seals/{seal_id}/cancel", summary="注销印章 · Cancel a seal")
def cancel_seal(call: Caller, seal_id: str, body: NewCancellation) -> SealOut:
    """Cancel a seal for good."""
    seal = ending.cancel_seal(
        call.session,
        call.services,
        seal_id,
        cause=body.cause,
        reason=body.reason,
        actor=call.actor,
        at=call.at,
    )
    return SealOut.of(seal)


@router.post("/v1/seals/{seal_id}/lost-key", summary="密钥挂失 · Report a lost key")
def report_lost_key(call: Caller, seal_id: str, body: NewLoss) -> list[SealOut]:
    """End every seal made with this key and revoke its certificate."""
    ended = ending.report_lost_key(
        call.session,
        call.services,
        seal_id,
        reason=body.reason,
        lost_since=body.lost_since,
        actor=call.actor,
        at=call.at,
    )
    return [SealOut.of(seal) for seal in ended]


@router.post("/v1/seals/{seal_id}/policies", status_code=201, summary="拟定用印规则 · Propose")
def propose_policy(call: Caller, seal_id: str, body: NewPolicy) -> PolicyOut:
    """Propose the next version of a seal's policy."""
    policy = controlling.propose_policy(
        call.session,
        call.services,
        seal_id,
        body.terms(),
        reason=body.reason,
        actor=call.actor,
        at=call.at,
    )
    return PolicyOut.of(policy, None)


@router.get("/v1/seals/{seal_id}/policies", summary="用印规则 · Policies of a seal")
def list_policies(call: Caller, seal_id: str) -> list[PolicyOut]:
    """List every version of a seal's policy, the newest first."""
    seal = controlling.own_seal(call.session, seal_id, actor=call.actor)
    in_force = policy_register.policy_in_force(call.session, seal.issuer_code, seal.id)
    found = policy_register.policies_of(call.session, seal.issuer_code, seal.id)
    return [PolicyOut.of(policy, in_force) for policy in found]


@router.post(
    "/v1/seals/{seal_id}/policies/{version}/{decision}", summary="通过或否决规则 · Adopt or decline"
)
def decide_policy(
    call: Caller,
    seal_id: str,
    version: Annotated[int, Path(ge=1, le=2**31 - 1)],
    decision: Literal["adopt", "decline"],
) -> PolicyOut:
    """Adopt or decline a version, as another person than who proposed it."""
    policy = controlling.decide_policy(
        call.session,
        call.services,
        seal_id,
        version,
        adopt=decision == "adopt",
        actor=call.actor,
        at=call.at,
    )
    return PolicyOut.of(policy, policy if decision == "adopt" else None)


@router.get("/v1/seals/{seal_id}/requests", summary="用印申请 · Requests to use a seal")
def list_requests(
    call: Caller, seal_id: str, state: RequestState = RequestState.WAITING
) -> list[RequestOut]:
    """List the oldest 1,000 requests of a seal that are in a state."""
    seal = controlling.own_seal(call.session, seal_id, actor=call.actor)
    found = policy_register.requests_of(
        call.session, seal.issuer_code, seal.id, state, controlling.MAX_AT_ONCE
    )
    return [RequestOut.of(request) for request in found]


@router.post("/v1/seals/{seal_id}/requests/approve", summary="批准用印 · Approve uses")
def approve_requests(call: Caller, seal_id: str, body: NewApproval) -> list[RequestOut]:
    """Approve up to 1,000 requests, as another person than who asked; mint again after that."""
    decided = controlling.decide_requests(
        call.session,
        call.services,
        seal_id,
        body.requests,
        reasons=None,
        actor=call.actor,
        at=call.at,
    )
    return [RequestOut.of(request) for request in decided]


@router.post("/v1/seals/{seal_id}/requests/decline", summary="不批准用印 · Decline uses")
def decline_requests(call: Caller, seal_id: str, body: NewDeclination) -> list[RequestOut]:
    """Decline requests with reasons; they may still be approved later."""
    decided = controlling.decide_requests(
        call.session,
        call.services,
        seal_id,
        body.requests,
        reasons=body.reasons,
        actor=call.actor,
        at=call.at,
    )
    return [RequestOut.of(request) for request in decided]


@router.get("/v1/seals/{seal_id}/uses", summary="用印记录 · Every use of a seal")
def list_uses(
    call: Caller,
    seal_id: str,
    after: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=viewing.MAX_PAGE)] = 100,
) -> UsesOut:
    """List uses of a seal, oldest first, to its keepers and its auditor."""
    page = viewing.uses_page(call.session, seal_id, after=after, limit=limit, actor=call.actor)
    return UsesOut(uses=[UseOut.of(use) for use in page.uses], total=page.total, next=page.next)


def _after(step: Callable[..., RegisteredSeal], call: Call, seal_id: str) -> SealOut:
    """Take a step of making with the caller's department, and show the seal after it."""
    seal = step(
        call.session,
        call.services,
        call.actor.department,
        seal_id,
        actor=call.actor,
        at=call.at,
    )
    return SealOut.of(seal)
