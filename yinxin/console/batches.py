"""Batches in the console: a file of applications, how far it is, its review, what is wrong.

A file is stored as it arrives and nothing waits for it; the forms are those of the API.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.datastructures import UploadFile

from issuance.batches import deciding, receiving, refusals
from issuance.batches.routes import BatchOut, result_pages
from issuance.batches.rows import MOVING, Batch, BatchState, Form, LineState
from issuance.batches.sheets import template_workbook
from issuance.entitlement import (
    CLERK,
    REVIEWER,
    department_of,
    require_other_person,
    require_role,
    signed_in,
)
from issuance.errors import UnknownKindError
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import OFD_AND_PDF, OFD_ONLY
from issuance.review import MAX_REASON_CHARACTERS, Decision
from issuance.routes import Call, Caller
from issuance.schemas import NewReview
from yinxin.console import posting
from yinxin.console.pages import console_page, go
from yinxin.console.people import names_of
from yinxin.pages import LIVE_POLICY
from yinxin.problems import RequestRefusedError, problem_document

router = APIRouter()
caller_router = APIRouter()

HOME: Final = "/console/batches"
_KEY: Final = "_key"
_FORMS: Final = {
    ".xlsx": Form.XLSX,
    ".csv": Form.CSV,
    ".ndjson": Form.NDJSON,
    ".jsonl": Form.NDJSON,
}
_SHOWN_LINES: Final = 50
_CHUNK_BYTES: Final = 1 << 18
_NO_STORE: Final = "no-store"


@dataclass(frozen=True, slots=True)
class _Entered:
    """What was chosen beside the file, which has to be chosen anew."""

    kind: str = ""
    forms: str = OFD_AND_PDF


@router.get(HOME)
def list_of(request: Request, call: Caller) -> HTMLResponse:
    """List the newest batches of the caller's department."""
    found = deciding.newest_batches(call.session, actor=call.actor)
    return console_page(
        request,
        "console/batches.html",
        batches=found,
        kinds=call.services.kinds,
        names=names_of(call.session, [batch.submitted_by for batch in found]),
        may_send=CLERK in call.actor.roles,
    )


@router.get(f"{HOME}/new")
def new_form(request: Request, call: Caller) -> HTMLResponse:
    """Show the form for a file, with the template of each kind."""
    require_role(call.actor, "submit a batch", CLERK)
    return _new_page(request, call.services, call.actor, _Entered())


@caller_router.post(HOME)
async def send(request: Request) -> Response:
    """Take the file; the same file sent twice from one page is one batch."""
    services: IssuanceServices = request.app.state.issuance
    actor = signed_in(request.state.actor)
    entered = _Entered(posting.text(request, "kind"), posting.text(request, "forms"))
    posting.show_again(
        request, lambda problem: _new_page(request, services, actor, entered, problem)
    )
    receiving.require_may_send(services, entered.kind, actor=actor)
    chosen = posting.upload(request, "file")
    form = _FORMS.get(PurePath(chosen.filename or "").suffix.lower()) if chosen else None
    if chosen is None or form is None:
        raise RequestRefusedError("request.media_type")
    key = posting.text(request, _KEY)
    if not (8 <= len(key) <= 64 and key.isalnum() and key.isascii()):
        raise RequestRefusedError("request.invalid")
    if entered.forms not in (OFD_AND_PDF, OFD_ONLY):
        raise RequestRefusedError("request.invalid")

    async def put(name: str, part: bytes) -> None:
        await run_in_threadpool(services.files.put, name, part)

    def receive(upload: receiving.Upload) -> Batch:
        with request.state.writing() as session:
            return receiving.receive(
                session,
                services,
                upload,
                kind_name=entered.kind,
                form=form,
                idempotency_key=f"console-{key}",
                actor=actor,
                at=request.state.at,
                forms=entered.forms,
            )

    upload = await receiving.store_upload(_chunks(chosen), put, forget=services.files.remove)
    batch = await run_in_threadpool(receive, upload)
    return go(f"{HOME}/{batch.id}", "console.done.batch_sent")


@router.get(f"{HOME}/template/{{kind}}.xlsx")
def template(call: Caller, kind: str) -> Response:
    """Give the workbook in which applications for a kind are filled in."""
    found = call.services.kinds.get(kind)
    if found is None:
        raise UnknownKindError
    return _file(template_workbook(found), f"{kind}-template.xlsx")


@router.get(f"{HOME}/{{batch_id}}")
def show(request: Request, call: Caller, batch_id: str) -> HTMLResponse:
    """Show how far a batch is, and the first lines that are refused or failed."""
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    wrong = deciding.lines_of(
        call.session,
        found,
        states=(LineState.REFUSED, LineState.FAILED),
        limit=_SHOWN_LINES,
    )
    own = found.submitted_by == call.actor.id
    waits = found.state is BatchState.CHECKED
    answer = console_page(
        request,
        "console/batch.html",
        batch=found,
        state=found.state.value,
        kind=call.services.kinds[found.kind],
        names=names_of(call.session, [found.submitted_by, found.reviewed_by]),
        wrong=wrong,
        labels={field.name: field.label_zh for field in call.services.kinds[found.kind].fields},
        moving=found.state in MOVING,
        stopped=problem_document(found.stopped_by) if found.stopped_by else None,
        may_review=waits and REVIEWER in call.actor.roles and not own,
        waits_for_other=waits and own,
        may_mend=CLERK in call.actor.roles,
        shown=_SHOWN_LINES,
    )
    answer.headers["Content-Security-Policy"] = LIVE_POLICY
    return answer


@router.get(f"{HOME}/{{batch_id}}/progress")
def progress(call: Caller, batch_id: str) -> JSONResponse:
    """Tell how far a batch is, for the page that shows it."""
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    told = BatchOut.of(found).model_dump(mode="json") | {"moving": found.state in MOVING}
    return JSONResponse(told, headers={"Cache-Control": _NO_STORE})


@router.get(f"{HOME}/{{batch_id}}/errors.csv")
def errors_table(call: Caller, batch_id: str) -> Response:
    """Give line, field and reason of each refused line; no values."""
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    content = refusals.refusals_csv(call.session, call.services, found)
    return _file(content, f"{found.id}-errors.csv")


@router.get(f"{HOME}/{{batch_id}}/errors.xlsx")
def errors_workbook(call: Caller, batch_id: str) -> Response:
    """Give the refused lines as they were sent, to mend and send again; this is recorded."""
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    content = refusals.refusals_workbook(
        call.session, call.services, found, actor=call.actor, at=call.at
    )
    return _file(content, f"{found.id}-errors.xlsx")


@caller_router.get(f"{HOME}/{{batch_id}}/result.ndjson")
def result(request: Request, batch_id: str) -> StreamingResponse:
    """Give what became of every line, one JSON a line."""
    with request.state.reading() as session:
        actor = signed_in(request.state.actor)
        found = deciding.find_batch(session, batch_id, actor=actor)
    name = f"{found.id}-result.ndjson"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": _NO_STORE}
    return StreamingResponse(
        result_pages(request, found), media_type="application/x-ndjson", headers=headers
    )


@router.get(f"{HOME}/{{batch_id}}/review/{{decision}}")
def ask(request: Request, call: Caller, batch_id: str, decision: Decision) -> HTMLResponse:
    """Say what the decision means for all lines."""
    found = _reviewable(call, batch_id, decision)
    return _decision_page(request, _head(call, found), found, decision)


@router.post(f"{HOME}/{{batch_id}}/review/{{decision}}")
def decide(request: Request, call: Caller, batch_id: str, decision: Decision) -> Response:
    """Take the decision."""
    found = _reviewable(call, batch_id, decision)
    facts, reason = _head(call, found), posting.text(request, "reason")
    posting.show_again(
        request,
        lambda problem: _decision_page(request, facts, found, decision, reason, problem),
    )
    body = posting.parsed(NewReview, {"decision": decision.value, "reason": reason or None})
    deciding.review_batch(
        call.session,
        call.services,
        batch_id,
        body.decision,
        reason=body.reason,
        actor=call.actor,
        at=call.at,
    )
    return go(f"{HOME}/{found.id}", f"console.done.batch_{decision.value}")


def _reviewable(call: Call, batch_id: str, decision: Decision) -> Batch:
    require_role(call.actor, "review", REVIEWER)
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    require_other_person(call.actor, "review", {"submit": found.submitted_by})
    if decision is Decision.RETURN:
        raise RequestRefusedError("request.not_found")  # its bad lines are returned already
    return found


def _head(call: Call, found: Batch) -> list[tuple[str, str]]:
    return [
        ("证照类型", call.services.kinds[found.kind].name_zh),
        ("批次编号", found.id),
        ("可制证", f"{found.ready} 行"),
        ("有误", f"{found.refused} 行"),
        ("提交人", names_of(call.session, [found.submitted_by])[found.submitted_by]),
    ]


def _decision_page(
    request: Request,
    facts: list[tuple[str, str]],
    found: Batch,
    decision: Decision,
    reason: str = "",
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/decision.html",
        words="console.batch.",
        decision=decision.value,
        facts=facts,
        action=f"{HOME}/{found.id}/review/{decision.value}",
        back=f"{HOME}/{found.id}",
        seen="",
        reason=reason,
        most=MAX_REASON_CHARACTERS,
        problem=problem,
    )


def _new_page(
    request: Request,
    services: IssuanceServices,
    actor: Actor,
    entered: _Entered,
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    names = department_of(services.departments, actor).kinds
    return console_page(
        request,
        "console/batch_form.html",
        kinds=[services.kinds[name] for name in names],
        chosen=entered.kind,
        forms=entered.forms,
        key=secrets.token_hex(16),
        action=HOME,
        problem=problem,
    )


async def _chunks(chosen: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await chosen.read(_CHUNK_BYTES):
        yield chunk


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": _NO_STORE}
    return Response(content, media_type="application/octet-stream", headers=headers)
