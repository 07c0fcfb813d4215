"""Batches over HTTP. A file is sent once, streamed; everything else is short questions.

`upload_router` is mounted without a transaction around it: a file that takes an hour to
arrive must not hold the register for an hour. It opens a short one when the file is there.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from issuance.batches import deciding, receiving, refusals
from issuance.batches.receiving import Upload
from issuance.batches.rows import Batch, BatchLine, Form, LineState
from issuance.batches.sheets import template_workbook
from issuance.entitlement import signed_in
from issuance.errors import UnknownKindError
from issuance.ports import Actor, IssuanceServices
from issuance.routes import Caller, IdempotencyKey
from issuance.schemas import NewReview

router = APIRouter(tags=["issuance"])
upload_router = APIRouter(tags=["issuance"])

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Final = {
    "application/x-ndjson": Form.NDJSON,
    "application/jsonl": Form.NDJSON,
    "text/csv": Form.CSV,
    XLSX: Form.XLSX,
}
_LAST_LINE: Final = 2**31 - 1
"""No file has more; a number beyond its column would be an error of the database."""
_FILE_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in FORMS},
    }
}


class BatchOut(BaseModel):
    """A batch and how far it is."""

    batch_id: str
    state: str
    kind: str
    forms: str
    checked_to_line: int
    refused: int
    ready: int
    minted: int
    failed: int
    stopped_by: str | None
    submitted_by: str
    submitted_at: datetime
    reviewed_by: str | None
    finished_at: datetime | None
    file_erased_at: datetime | None

    @classmethod
    def of(cls, batch: Batch) -> "BatchOut":
        """Return what is told of `batch`."""
        return cls(
            batch_id=batch.id,
            state=batch.state.value,
            kind=batch.kind,
            forms=batch.forms,
            checked_to_line=batch.last_line,
            refused=batch.refused,
            ready=batch.ready,
            minted=batch.minted,
            failed=batch.failed,
            stopped_by=batch.stopped_by,
            submitted_by=batch.submitted_by,
            submitted_at=batch.submitted_at,
            reviewed_by=batch.reviewed_by,
            finished_at=batch.finished_at,
            file_erased_at=batch.file_erased_at,
        )


class ProblemOut(BaseModel):
    """One thing wrong with a line."""

    field: str
    code: str
    zh: str
    en: str


class LineOut(BaseModel):
    """What became of one line."""

    line: int
    state: str
    application_id: str | None
    licence_id: str | None
    problems: list[ProblemOut]

    @classmethod
    def of(cls, line: BatchLine) -> "LineOut":
        """Return what is told of `line`."""
        return cls(
            line=line.number,
            state=line.state.value,
            application_id=line.application_id,
            licence_id=line.identifier,
            problems=[
                ProblemOut(field=p.field, code=p.code, zh=p.zh, en=p.en) for p in line.problems
            ],
        )


@upload_router.post(
    "/v1/batches",
    status_code=202,
    openapi_extra=_FILE_BODY,
    summary="提交批量制证文件 · Send a file of applications",
)
async def send_batch(
    request: Request,
    response: Response,
    kind: Annotated[str, Query(max_length=64)],
    idempotency_key: IdempotencyKey,
    forms: Annotated[Literal["ofd+pdf", "ofd"], Query()] = "ofd+pdf",
    content_type: Annotated[str, Header()] = "",
) -> BatchOut:
    """Send NDJSON or CSV of any size, or a workbook; same file, same key, same batch.

    `forms=ofd` makes licences without a PDF, in less than half the time.
    """
    form = FORMS.get(content_type.partition(";")[0].strip().lower())
    if form is None:
        raise HTTPException(415)
    services: IssuanceServices = request.app.state.issuance
    actor = signed_in(request.state.actor)
    receiving.require_may_send(services, kind, actor=actor)
    await run_in_threadpool(_require_room, request, actor, idempotency_key)

    async def put(key: str, part: bytes) -> None:
        await run_in_threadpool(services.files.put, key, part)

    upload = await receiving.store_upload(request.stream(), put, forget=services.files.remove)
    batch = await run_in_threadpool(
        _receive, request, upload, actor, kind, form, idempotency_key, forms
    )
    response.headers["Location"] = f"/v1/batches/{batch.id}"
    return BatchOut.of(batch)


@router.get("/v1/batches", summary="批次列表 · List batches")
def list_batches(call: Caller) -> list[BatchOut]:
    """List the newest batches of the caller's department."""
    return [BatchOut.of(found) for found in deciding.newest_batches(call.session, actor=call.actor)]


@router.get("/v1/batches/{batch_id}", summary="批次进度 · Progress of a batch")
def show_batch(call: Caller, batch_id: str) -> BatchOut:
    """Tell how far a batch is."""
    return BatchOut.of(deciding.find_batch(call.session, batch_id, actor=call.actor))


@router.get("/v1/batches/{batch_id}/lines", summary="逐行结果 · What became of each line")
def batch_lines(
    call: Caller,
    batch_id: str,
    state: Annotated[list[LineState] | None, Query()] = None,
    after: Annotated[int, Query(ge=0, le=_LAST_LINE)] = 0,
    limit: Annotated[int, Query(ge=1, le=deciding.MAX_LINES)] = deciding.MAX_LINES,
) -> list[LineOut]:
    """Give up to a thousand lines behind line `after`; those in the states asked for."""
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    states = tuple(state or LineState)
    lines = deciding.lines_of(call.session, found, states=states, after_line=after, limit=limit)
    return [LineOut.of(line) for line in lines]


@upload_router.get(
    "/v1/batches/{batch_id}/result.ndjson",
    response_class=Response,
    responses={200: {"content": {"application/x-ndjson": {}}}},
    summary="结果文件 · The result file",
)
def batch_result(request: Request, batch_id: str) -> StreamingResponse:
    """Give what became of every line, one JSON a line, streamed; as `lines` does, without end."""
    actor = signed_in(request.state.actor)
    with request.state.reading() as session:
        found = deciding.find_batch(session, batch_id, actor=actor)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.id}-result.ndjson"',
        "Cache-Control": "no-store",
    }
    pages = result_pages(request, found)
    return StreamingResponse(pages, media_type="application/x-ndjson", headers=headers)


@router.get(
    "/v1/batches/{batch_id}/errors.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
    summary="问题清单 · What is wrong, as CSV",
)
def batch_errors_table(call: Caller, batch_id: str) -> Response:
    """Give line, field and reason of each refused line; no values."""
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    content = refusals.refusals_csv(call.session, call.services, found)
    return _file(content, "text/csv; charset=utf-8", f"{batch_id}-errors.csv")


@router.get(
    "/v1/batches/{batch_id}/errors.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}}},
    summary="问题行 · Refused lines as a workbook",
)
def batch_errors_workbook(call: Caller, batch_id: str) -> Response:
    """Give the refused lines with their reasons, to mend and send again; this is recorded."""
    found = deciding.find_batch(call.session, batch_id, actor=call.actor)
    content = refusals.refusals_workbook(
        call.session, call.services, found, actor=call.actor, at=call.at
    )
    return _file(content, XLSX, f"{batch_id}-errors.xlsx")


@router.get(
    "/v1/kinds/{kind}/template.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}}},
    summary="填报模板 · Template workbook of a kind",
)
def kind_template(call: Caller, kind: str) -> Response:
    """Give the workbook in which applications for a kind are filled in."""
    found = call.services.kinds.get(kind)
    if found is None:
        raise UnknownKindError
    return _file(template_workbook(found), XLSX, f"{kind}-template.xlsx")


@router.post("/v1/batches/{batch_id}/review", summary="审核批次 · Review a batch")
def review_batch(call: Caller, batch_id: str, body: NewReview) -> BatchOut:
    """Approve the good lines of a batch, or reject it, as another person than who sent it."""
    reviewed = deciding.review_batch(
        call.session,
        call.services,
        batch_id,
        body.decision,
        reason=body.reason,
        actor=call.actor,
        at=call.at,
    )
    return BatchOut.of(reviewed)


def result_pages(request: Request, found: Batch) -> Iterator[str]:
    """Yield what became of every line of a batch, a thousand lines of JSON at a time."""
    # A short transaction for each page: a slow reader holds none.
    last = 0
    while True:
        with request.state.reading() as session:
            lines = deciding.lines_of(session, found, after_line=last)
        if not lines:
            return
        yield "".join(f"{LineOut.of(line).model_dump_json()}\n" for line in lines)
        last = lines[-1].number


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _require_room(request: Request, actor: Actor, idempotency_key: str) -> None:
    with request.state.writing() as session:
        receiving.require_room(session, actor.department, idempotency_key)


def _receive(
    request: Request,
    upload: Upload,
    actor: Actor,
    kind: str,
    form: Form,
    idempotency_key: str,
    forms: str,
) -> Batch:
    services: IssuanceServices = request.app.state.issuance
    with request.state.writing() as session:
        return receiving.receive(
            session,
            services,
            upload,
            kind_name=kind,
            form=form,
            idempotency_key=idempotency_key,
            actor=actor,
            at=request.state.at,
            forms=forms,
        )
