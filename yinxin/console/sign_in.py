"""Signing in to the console, and out.

The account and its secret are the API's; five wrong secrets lock an account for both. The
answer never says which of the two was wrong, and never repeats the secret.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from yinxin.accounts import CredentialsError
from yinxin.console import posting, sessions
from yinxin.console.pages import HEADERS, console_page
from yinxin.identity import MAX_ID_CHARACTERS, MAX_SECRET_CHARACTERS, TOKEN_LIFE
from yinxin.problems import problem_document

router = APIRouter()
"""For everybody: nobody has signed in yet."""
leaving = APIRouter()
"""For whoever has."""


@router.get("/console/sign-in")
def sign_in_form(
    request: Request,
    wanted: Annotated[str, Query(alias="next")] = "",
    again: bool = False,
    left: bool = False,
) -> HTMLResponse:
    """Show the form; `again` when a session ran out, `left` after signing out."""
    return _form(request, sessions.own_address(wanted), again=again, left=left)


@router.post("/console/sign-in")
def sign_in(
    request: Request,
    account: Annotated[str, Form(max_length=MAX_ID_CHARACTERS)] = "",
    secret: Annotated[str, Form(max_length=MAX_SECRET_CHARACTERS)] = "",
    wanted: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Open a session and lead to where one wanted to go."""
    posting.require_own_origin(request)
    wanted = sessions.own_address(wanted)
    context = request.app.state.context
    try:
        token = context.identities.issue(
            account.strip(), secret, at=context.now(), typ=sessions.TOKEN_TYPE
        )
    except CredentialsError as error:
        problem = problem_document(error.code)
        return _form(request, wanted, problem["status"], account=account, problem=problem)
    answer = RedirectResponse(wanted, 303, HEADERS)
    answer.set_cookie(
        sessions.COOKIE,
        token,
        max_age=int(TOKEN_LIFE.total_seconds()),
        path=sessions.HOME,
        secure=sessions.is_secure(context.settings),
        httponly=True,
        samesite="strict",
    )
    return answer


@leaving.post("/console/sign-out")
def sign_out(request: Request) -> Response:
    """End the session, before its time."""
    token = request.cookies.get(sessions.COOKIE, "")
    sessions.end(request.state.session, token, at=request.state.at)
    answer = RedirectResponse("/console/sign-in?left=1", 303, HEADERS)
    answer.delete_cookie(sessions.COOKIE, path=sessions.HOME, httponly=True, samesite="strict")
    return answer


def _form(
    request: Request,
    wanted: str,
    status: int = 200,
    *,
    account: str = "",
    again: bool = False,
    left: bool = False,
    problem: posting.Problem | None = None,
) -> HTMLResponse:
    return console_page(
        request,
        "console/sign_in.html",
        status,
        wanted=wanted,
        account=account,
        again=again,
        left=left,
        problem=problem,
    )
