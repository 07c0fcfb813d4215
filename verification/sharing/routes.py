"""The sharing interfaces of GB/T 36906, as deployed systems call them, over what there is."""

import base64
import binascii

from fastapi import APIRouter, Request

from sealkit.errors import MalformedError
from verification.certificate_free.routes import Caller, Services
from verification.sharing import searching, use_codes, verifying
from verification.sharing.schemas import (
    Envelope,
    FetchIn,
    FileIn,
    SearchIn,
    UseCodeOut,
    VerifyIn,
    fetched_members,
    found_members,
)

router = APIRouter(prefix="/v1/sharing", tags=["sharing"])

_NONE_FOUND = 10
_NONE_FOUND_TEXT = "未找到匹配的证照信息"
_NOT_ALL_TEXT = f"接口调用成功；该持证主体此类证照较多，仅列出前 {searching.MAX_LICENCES} 份"


@router.post("/queryCertInfoByHolderCode")
def search(request: Request, body: SearchIn, actor: Caller, services: Services) -> Envelope:
    """检索: a holder's licences of one kind for one item, each with a use code and no value."""
    searched = searching.search(
        request.state.session,
        body.data.search(),
        actor=actor,
        services=services,
        at=services.clock(),
    )
    if not searched.found:
        return Envelope.of([], _NONE_FOUND, _NONE_FOUND_TEXT)
    listed = [found_members(entry) for entry in searched.found]
    return Envelope.of(listed) if searched.complete else Envelope.of(listed, message=_NOT_ALL_TEXT)


@router.post("/queryCertInfo")
def retrieve(request: Request, body: FetchIn, actor: Caller, services: Services) -> Envelope:
    """信息获取: spend a use code and get exactly its fields."""
    fetched = searching.fetch(
        request.state.session,
        body.data.authCode,
        body.data.username,
        actor=actor,
        services=services,
        at=services.clock(),
    )
    return Envelope.of(fetched_members(fetched))


@router.post("/downloadFile")
def download(request: Request, body: FetchIn, actor: Caller, services: Services) -> Envelope:
    """文件下载: spend a use code that was made for the sealed file."""
    fetched = searching.fetch(
        request.state.session,
        body.data.authCode,
        body.data.username,
        actor=actor,
        services=services,
        at=services.clock(),
        original=True,
    )
    content = base64.b64encode(fetched.document).decode()
    return Envelope.of({"fileName": f"{fetched.code.licence}.ofd", "fileContent": content})


@router.post("/verifyCertInfo")
def verify_data(request: Request, body: VerifyIn, actor: Caller, services: Services) -> Envelope:
    """信息验证: 0 right and valid … 7 something differs, never which."""
    answer = verifying.verify_data(
        request.state.session,
        body.data.shown(),
        actor=actor,
        services=services,
        at=services.clock(),
    )
    return Envelope.of({"result": answer.value})


@router.post("/verifyFile")
def verify_file(request: Request, body: FileIn, actor: Caller, services: Services) -> Envelope:
    """文件验证: 0 passed, 1 seal failed, 2 file failed; with the state online."""
    try:
        document = base64.b64decode(body.data.fileContent, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("fileContent is not base64") from error
    report = verifying.verify_file(request.state.session, document, services)
    answer = verifying.file_answer(report)
    state = verifying.state_text(report)
    return Envelope.of(
        {
            "result": answer.value,
            "state": state,
            "verdict": report.verdict.value,
            "zh": report.message.zh,
            "en": report.message.en,
        }
    )


@router.get("/auth-codes")
def list_codes(request: Request, actor: Caller, services: Services) -> list[UseCodeOut]:
    """List the use codes that fetch the caller's own licences."""
    found = use_codes.codes_of(request.state.session, actor=actor, services=services)
    return [UseCodeOut.of(entry) for entry in found]


@router.post("/auth-codes/{code_id}/withdraw")
def withdraw(request: Request, code_id: str, actor: Caller, services: Services) -> UseCodeOut:
    """Take back a use code of one's own licence."""
    return UseCodeOut.of(
        use_codes.withdraw(
            request.state.session,
            code_id,
            actor=actor,
            services=services,
            at=services.clock(),
        )
    )
