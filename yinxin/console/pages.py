"""Pages of the console, within their frame: who is signed in, menu, words, form tokens."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from yinxin.beijing import BEIJING
from yinxin.console import navigation, sessions
from yinxin.pages import PAGE_POLICY, render
from yinxin.words import words

HEADERS: Final = {
    # A browser that is told to send no referrer sends no origin either, and we ask for it.
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_DONE: Final = "console.done."


def console_page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Answer with `template`, which extends ``console/layout.html``."""
    context = request.app.state.context
    actor = getattr(request.state, "actor", None)
    token = request.cookies.get(sessions.COOKIE, "")
    entries = navigation.menu(actor) if actor else ()
    department = context.issuance.departments.get(actor.department) if actor else None
    path = request.url.path
    shared = {
        "here": "console",
        "demonstration": context.settings.demonstration,
        "actor": actor,
        "department": department.name if department else None,
        "until": _until(request) if actor else "",
        "menu": entries,
        "current": navigation.current(entries, path),
        "page_path": path + (f"?{request.url.query}" if request.url.query else ""),
        "form_token": lambda address: sessions.form_token(context.vault, token, address),
        "moment": moment_text,
        "problem": None,
        "done": _done(request),
    }
    return HTMLResponse(render(template, **shared | values), status, HEADERS)


def go(path: str, done: str = "") -> Response:
    """Lead to `path` after an act; `done` is the key of what is said there."""
    if done:
        parts = urlsplit(path)
        query = [*parse_qsl(parts.query), ("done", done.removeprefix(_DONE))]
        path = f"{parts.path}?{urlencode(query)}"
    return RedirectResponse(path, 303, HEADERS)


def confirmation(
    request: Request,
    *,
    title: str,
    text: str,
    facts: Sequence[tuple[str, str]],
    action: str,
    back: str,
    act: str,
    carried: Mapping[str, str] | None = None,
    grave: bool = False,
) -> HTMLResponse:
    """Say what will happen, and ask to confirm it by a POST to `action`.

    Args:
        request: The one that asks.
        title: Key of the heading.
        text: Key of the sentence that says what will happen.
        facts: Label and value of what it happens to, as people read them.
        action: Where the form is sent to.
        back: Where to go instead.
        act: Key of the words on the button.
        carried: What was entered before, sent along.
        grave: Whether it cannot be taken back.
    """
    return console_page(
        request,
        "console/confirm.html",
        title=title,
        text=text,
        facts=facts,
        action=action,
        back=back,
        act=act,
        carried=carried or {},
        grave=grave,
    )


def moment_text(at: datetime | None) -> str:
    """Return an instant as lists show it, in Beijing time: ``2026-11-24 14:05``."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if at else ""


def _until(request: Request) -> str:
    """Return the time of day in Beijing at which the session ends."""
    context, token = request.app.state.context, request.cookies.get(sessions.COOKIE, "")
    end = context.identities.ends_at(token, at=request.state.at, typ=sessions.TOKEN_TYPE)
    return f"{end.astimezone(BEIJING):%H:%M}" if end else ""


def _done(request: Request) -> str | None:
    key = _DONE + request.query_params.get("done", "")
    return key if words().has(key) else None
