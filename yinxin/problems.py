"""The one place where an error becomes an answer over HTTP (problem details, RFC 9457).

* `STATUS` maps the stable code of an error to a status; a code not listed is looked up by
  its leading parts, so ``issuance.kind.unknown`` may rest on ``issuance.kind``.
* The sentences come from message catalogues, Chinese first.
* An error that nobody foresaw is a plain 500 with an incident number, and nothing else.
"""

import secrets
import tomllib
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from sealkit.errors import SealkitError

MEDIA_TYPE = "application/problem+json"
_LOGGED_FRAMES = 6
_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    # Seconds. How long a queue takes nobody knows; asking once a minute harms nobody.
    429: {"Retry-After": "60"},
    503: {"Retry-After": "60"},
}
CATALOGUES = ("yinxin", "issuance", "verification", "ca", "mutual_recognition")

STATUS: Mapping[str, int] = {
    "identity.credentials": 401,
    "identity.required": 401,
    "identity.forbidden": 403,
    "request.foreign_form": 403,
    "request.too_large": 413,
    "request.invalid": 422,
    "request.not_found": 404,
    "request.method": 405,
    "request.media_type": 415,
    "request.refused": 400,
    "malformed": 422,
    "unsupported": 422,
    "key": 422,
    "signature": 422,
    "decryption": 422,
    "files.unknown": 404,
    "audit": 409,
}

PageFor = Callable[[Request, Mapping[str, Any]], Response | None]
"""What to show instead of problem details, told by request and problem."""

log = structlog.get_logger()


class RequestRefusedError(Exception):
    """A request that the roof refuses before any rule sees it."""

    def __init__(self, code: str, **detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def status_of(code: str) -> int:
    """Return the HTTP status of an error code, by its longest listed prefix; else 400."""
    parts = code.split(".")
    for length in range(len(parts), 0, -1):
        status = _statuses().get(".".join(parts[:length]))
        if status is not None:
            return status
    return 400


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Return code → {zh, en} from every catalogue."""
    found: dict[str, Mapping[str, str]] = {}
    for package in CATALOGUES:
        catalogue = files(package).joinpath("messages.toml")
        if catalogue.is_file():
            _flatten(tomllib.loads(catalogue.read_text("utf-8")), "", found)
    return found


def problem(code: str, **members: Any) -> JSONResponse:
    """Build the answer for `code`."""
    document = problem_document(code, **members)
    status = document["status"]
    return JSONResponse(document, status, _HEADERS.get(status), MEDIA_TYPE)


def problem_document(code: str, **members: Any) -> dict[str, Any]:
    """Return what is told of `code`, as problem details have it."""
    status = members.pop("status", None) or status_of(code)
    sentence = sentences().get(code) or sentences()["request.refused"]
    return {
        "type": f"urn:yinxin:problem:{code}",
        "title": sentence["zh"],
        "title_en": sentence["en"],
        "status": status,
        "code": code,
        **members,
    }


def install(
    app: FastAPI, domain_errors: tuple[type[Exception], ...], page_for: PageFor | None = None
) -> None:
    """Answer every error of `domain_errors`, of FastAPI and of sealkit as a problem.

    `page_for` gives the page where a person asked; None of it leaves the problem details.
    """

    def answer(request: Request, code: str, **members: Any) -> Response:
        page = page_for(request, problem_document(code, **members)) if page_for else None
        return page or problem(code, **members)

    async def domain(request: Request, error: Exception) -> Response:
        code = str(getattr(error, "code", "request.refused"))
        members: dict[str, Any] = {}
        if problems := getattr(error, "problems", None):
            members["errors"] = [_plain(entry) for entry in problems]
        if detail := getattr(error, "detail", None):
            members["detail"] = detail
        return answer(request, code, **members)

    async def invalid(request: Request, error: Exception) -> Response:
        entries = error.errors() if isinstance(error, RequestValidationError) else []
        return answer(
            request,
            "request.invalid",
            errors=[
                # The value itself stays out: it may be somebody's identity number.
                {"field": ".".join(str(part) for part in entry["loc"]), "code": entry["type"]}
                for entry in entries
            ],
        )

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        codes = {404: "request.not_found", 405: "request.method", 415: "request.media_type"}
        return answer(request, codes.get(status, "request.refused"), status=status)

    async def unstorable(request: Request, error: Exception) -> Response:
        # A NUL in a text, a number beyond its column: PostgreSQL takes neither, even to look up.
        log.warning("request.unstorable", path=request.url.path, where=_where(error))
        return answer(request, "request.invalid")

    async def unforeseen(request: Request, error: Exception) -> Response:
        incident = secrets.token_hex(8)
        log.error(
            "request.failed",
            incident=incident,
            path=request.url.path,
            error=type(error).__name__,
            where=_where(error),
        )
        return answer(request, "incident", status=500, incident=incident)

    for kind in (*domain_errors, SealkitError, RequestRefusedError):
        app.add_exception_handler(kind, domain)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(DataError, unstorable)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)


@cache
def _statuses() -> Mapping[str, int]:
    from yinxin.problem_statuses import DOMAIN_STATUS

    return {**STATUS, **DOMAIN_STATUS}


def _flatten(table: Mapping[str, Any], prefix: str, found: dict[str, Mapping[str, str]]) -> None:
    for name, entry in table.items():
        if not isinstance(entry, dict):
            continue
        if "zh" in entry and "en" in entry:
            found[prefix + name] = entry
        _flatten(entry, f"{prefix}{name}.", found)


def _where(error: Exception) -> list[str]:
    """Return the last calls that led to `error`; its text stays out, it may hold a value."""
    frames = traceback.extract_tb(error.__traceback__)[-_LOGGED_FRAMES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def _plain(entry: Any) -> dict[str, str]:
    names = ("field", "code", "zh", "en")
    return {name: str(getattr(entry, name)) for name in names if hasattr(entry, name)}
