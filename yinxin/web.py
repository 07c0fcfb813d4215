"""Pages for people: verification for everyone, and a holder's licence on the phone."""

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from issuance.routes import MEDIA_TYPES
from sealkit.errors import MalformedError
from sealkit.status_day import parse_date
from verification.report import Report
from verification.report_forms import ReportForm, Wish, formed_report
from verification.verify import verify
from yinxin import holder_links, offline_pages, presentation_pages
from yinxin.beijing import clock_text
from yinxin.holder_pages import HolderLicence, load_holder_licence
from yinxin.pages import page, sentence_page
from yinxin.report_pages import licence_facts

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
router.include_router(presentation_pages.router)
router.include_router(offline_pages.router)


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Show where to go."""
    return page(request, "home.html", examples=request.app.state.context.examples())


@router.get("/docs")
def documentation(request: Request) -> HTMLResponse:
    """Show the description of the API."""
    return page(request, "docs.html")


@router.get("/verify")
def verify_form(request: Request) -> HTMLResponse:
    """Show the form."""
    return page(request, "verify.html", report=None, problem=None, text=None, valid_on=None)


@router.post("/verify")
def verify_document(
    request: Request,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form(max_length=8192)] = "",
    valid_on: Annotated[str, Form(max_length=32)] = "",
) -> HTMLResponse:
    """Verify what was uploaded or entered and show the verdict above the form."""
    content = _shown(file, text)
    if not content:
        return sentence_page(request, "verify.nothing", 422)
    try:
        report = _report(request, content, valid_on)
    except MalformedError:
        return sentence_page(request, "verify.day.wrong", 422)
    answer = report.to_dict()
    return page(
        request,
        "verify.html",
        report=answer,
        licence_facts=licence_facts(answer["licence"]),
        at_text=clock_text(report.at),
        problem=None,
        text=text or None,
        valid_on=valid_on,
    )


@router.post("/verify/report")
def verification_report(
    request: Request,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form(max_length=8192)] = "",
    valid_on: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Verify as the form does, and give the signed report as PDF."""
    content = _shown(file, text)
    if not content:
        return sentence_page(request, "verify.nothing", 422)
    try:
        report = _report(request, content, valid_on)
    except MalformedError:
        return sentence_page(request, "verify.day.wrong", 422)
    wish = Wish(ReportForm.PDF, detail=False, signed=True)
    formed = formed_report(report, content, wish, request.app.state.verification)
    return Response(formed.content, media_type=formed.media_type, headers=dict(formed.headers))


@router.get("/h/{token}")
def holder_page(request: Request, token: str) -> HTMLResponse:
    """Show a licence to its holder, with the code for the officer."""
    licence = _holder_licence(request, token)
    if licence is None:
        return sentence_page(request, "holder.unknown", 404)
    return page(
        request, "holder.html", licence=licence, qr_svg=licence.code_svg, address=f"/h/{token}"
    )


@router.get("/h/{token}/licence.{form}")
def holder_file(request: Request, token: str, form: str) -> Response:
    """Give the holder the licence file."""
    licence = _holder_licence(request, token)
    # A licence of a batch may have no PDF, and an erased one has no proof.
    if licence is None or form not in licence.file_keys:
        return sentence_page(request, "holder.unknown", 404)
    document = request.app.state.context.files.get(licence.file_keys[form])
    return Response(
        document,
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="licence.{form}"'},
    )


@router.get("/v1/holder-links/{token}/slip")
def holder_slip(request: Request, token: str) -> Response:
    """Give the holder the status slip, as text, to be kept on the phone."""
    licence = _holder_licence(request, token)
    if licence is None:
        return sentence_page(request, "holder.unknown", 404)
    return Response(licence.slip, media_type="text/plain; charset=utf-8")


@router.get("/favicon.ico")
def favicon() -> Response:
    """Return the mark for browsers that ask for it by this name."""
    mark = files("yinxin").joinpath("static/mark.svg").read_bytes()
    return Response(mark, media_type="image/svg+xml")


def _shown(file: UploadFile | None, text: str) -> bytes:
    content = file.file.read() if file else b""
    return content or text.strip("\r\n\t").encode()


def _report(request: Request, content: bytes, valid_on: str) -> Report:
    day = parse_date(valid_on) if valid_on else None
    services = request.app.state.verification
    return verify(content, **services.sources(request.state.session), valid_on=day)


def _holder_licence(request: Request, token: str) -> HolderLicence | None:
    link = holder_links.find(request.state.session, token, at=request.state.at)
    if link is None:
        return None
    return load_holder_licence(
        request.app.state.context, request.state.session, link, request.state.at
    )
