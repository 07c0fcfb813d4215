"""HTTP of mutual recognition: our trust list for others, and licences of others judged here."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from mutual_recognition.errors import TrustListUnknownFileError
from mutual_recognition.ports import RecognitionServices
from mutual_recognition.recognise import recognise
from verification.verify import verify

router = APIRouter(tags=["mutual recognition"])

_METADATA_SECONDS = 60


@router.get("/trust/{path:path}", summary="本地区信任列表 · This region's trust list")
def trust_list(request: Request, path: str) -> Response:
    """Return one file of the trust list, as The Update Framework lays it out."""
    services: RecognitionServices = request.app.state.recognition
    content = services.published(request.state.session, path)
    if content is None:
        raise TrustListUnknownFileError("the trust list has no such file")
    fixed = path.startswith("targets/") or path[len("metadata/") :][:1].isdigit()
    age = "public, max-age=31536000, immutable" if fixed else f"public, max-age={_METADATA_SECONDS}"
    kind = "application/json" if path.endswith(".json") else "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": age})


@router.post("/v1/recognitions", summary="互认核验 · Judge a licence of another region")
def recognitions(request: Request, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
    """Say whether a licence of another region is genuine, and whether it counts here."""
    services: RecognitionServices = request.app.state.recognition
    report = verify(file.file.read(), **services.verification.sources(request.state.session))
    answer = recognise(report, services.agreements, at=report.at)
    return {
        "recognition": answer.recognition.value,
        "reason": answer.reason,
        "kind": answer.kind,
        "report": report.to_dict(),
    }
