"""What the API description (OpenAPI) says of every route, beside what each declares itself.

* Every refusal is one problem (RFC 9457), whatever its status from 400 to 499; what FastAPI
  would declare for its own 422 is not what we answer.
* Routes under ``/v1/`` take a bearer token; some also answer without one.
* What is published with a validator may be answered with 304.
"""

from typing import Any, Final

from fastapi import FastAPI

from yinxin.problems import MEDIA_TYPE

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_CONDITIONAL: Final = ("/crl/", "/ocsp/", "/v1/status-lists/")
_PROBLEM: Final = {
    "type": "object",
    "description": "一个问题 · One problem (RFC 9457)",
    "required": ["type", "title", "title_en", "status", "code"],
    "properties": {
        "type": {"type": "string", "description": "urn:yinxin:problem:<code>"},
        "title": {"type": "string", "description": "中文"},
        "title_en": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable; never renamed"},
        "detail": {},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_REFUSED: Final = {
    "description": "拒绝 · Refused",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_BEARER: Final = {"type": "http", "scheme": "bearer", "description": "`POST /oauth/token`"}


def describe(app: FastAPI) -> None:
    """Give `app` a description that says how it refuses."""
    declared = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(declared())
        return declared()

    # FastAPI documents replacing this method as the way to extend the description.
    app.openapi = openapi  # type: ignore[method-assign]


def _complete(description: dict[str, Any]) -> None:
    components = description.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = {"bearer": _BEARER}
    for path, operations in description["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete_operation(path, operations[method])
    # Nothing refers to them any more.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def _complete_operation(path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    responses["4XX"] = _REFUSED
    if path.startswith(_CONDITIONAL):
        responses["304"] = {"description": "未变 · Not modified"}
    if path.startswith("/v1/"):
        operation["security"] = [{}, {"bearer": []}]
