"""Refusals as people of a department see them: the same sentences as over the API, as a page.

What was entered is kept where a form can be shown again; the status is the API's.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from yinxin.console import posting, sessions
from yinxin.console.pages import HEADERS, console_page

_SIGN_IN_FIRST: Final = ("identity.required", "issuance.identity.required")
_UNFORESEEN: Final = 500


def page_for(request: Request, problem: Mapping[str, Any]) -> Response | None:
    """Return the page that tells `problem`; None for requests that are not the console's."""
    if not sessions.is_console(request.url.path):
        return None
    if problem["code"] in _SIGN_IN_FIRST:
        return _to_sign_in(request)
    render = getattr(request.state, "render", None)
    if render is not None and problem["status"] < _UNFORESEEN:
        answer: Response = render(problem)
        answer.status_code = problem["status"]
        return answer
    back = sessions.own_address(posting.text(request, posting.PAGE_FIELD))
    return console_page(
        request, "console/problem.html", problem["status"], problem=problem, back=back
    )


def _to_sign_in(request: Request) -> Response:
    if request.method == "GET":
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        # What was posted is not read for somebody unknown; the browser says where it stood.
        _, _, page = request.headers.get("referer", "").partition("://")
        wanted = "/" + page.partition("/")[2]
    wanted = sessions.own_address(wanted)
    again = "&again=1" if sessions.COOKIE in request.cookies else ""
    return RedirectResponse(f"/console/sign-in?next={quote(wanted)}{again}", 303, HEADERS)
