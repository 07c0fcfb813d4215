"""Templates and the words they speak: what every page is rendered with."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from yinxin.words import words

_environment = Environment(
    loader=PackageLoader("yinxin"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LIVE_POLICY = f"{PAGE_POLICY}; connect-src 'self'"
"""For pages whose script asks this service, and nobody else, for news."""


def render(template: str, **values: Any) -> str:
    """Return `template` with the words of the catalogue as `say`."""
    return _environment.get_template(template).render({"say": words()} | values)


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Answer with `template`, within the frame that all pages of this service have."""
    shared = {
        "here": template.removesuffix(".html"),
        "demonstration": request.app.state.context.settings.demonstration,
    }
    return HTMLResponse(render(template, **shared | values), status)


def sentence_page(request: Request, key: str, status: int) -> HTMLResponse:
    """Answer with one sentence of the catalogue above the form for verification."""
    problem = {"zh": words().zh(key), "en": words().en(key)}
    shown = {"report": None, "problem": problem, "text": None, "valid_on": None}
    return page(request, "verify.html", status, **shown)
