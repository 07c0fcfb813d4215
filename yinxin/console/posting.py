"""What people send: read once, and only from a form of ours.

* A form of another site is refused by what the browser says of its origin
  (`Sec-Fetch-Site`, else `Origin`), and by the token that only our page has.
* The body is read before a transaction begins, and only for somebody who has signed in.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from issuance.errors import IdentityRequiredError
from yinxin.console import sessions
from yinxin.problems import RequestRefusedError

TOKEN_FIELD: Final = "_form"
PAGE_FIELD: Final = "_page"
"""Where the form stood; a page that tells a problem leads back there."""
_OWN: Final = ("same-origin", "none")

M = TypeVar("M", bound=BaseModel)
Problem = Mapping[str, Any]


async def own_form(request: Request) -> AsyncIterator[None]:
    """Read the posted form, if it is ours; for routes below somebody who has signed in.

    Raises:
        RequestRefusedError: for a form that is not.
    """
    if request.method != "POST":
        yield
        return
    require_own_origin(request)
    context = request.app.state.context
    actor = await run_in_threadpool(sessions.actor_of, request, context, at=context.now())
    if actor is None:
        raise IdentityRequiredError
    async with request.form() as form:
        request.state.form = form
        token = request.cookies.get(sessions.COOKIE, "")
        carried = str(form.get(TOKEN_FIELD, ""))
        if not sessions.is_own_form(context.vault, token, request.url.path, carried):
            raise RequestRefusedError("request.foreign_form")
        yield


def require_own_origin(request: Request) -> None:
    """Refuse what a browser says was sent from elsewhere.

    Raises:
        RequestRefusedError: if so.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        foreign = site not in _OWN
    else:
        # Some programs say neither; a browser always says one.
        public = request.app.state.context.settings.public_url
        # A proxy may have changed the name that the browser asked for.
        hosts = (request.headers.get("host"), public.partition("://")[2].partition("/")[0])
        foreign = origin is not None and origin.partition("://")[2] not in hosts
    if foreign:
        raise RequestRefusedError("request.foreign_form")


def posted(request: Request) -> FormData:
    """Return the form that was sent; empty where none was."""
    form: FormData = getattr(request.state, "form", None) or FormData()
    return form


def text(request: Request, name: str) -> str:
    """Return what was entered in one field, without spaces around it."""
    value = posted(request).get(name, "")
    return value.strip() if isinstance(value, str) else ""


def texts(request: Request, name: str) -> list[str]:
    """Return what was chosen in a field of several."""
    return [value for value in posted(request).getlist(name) if isinstance(value, str)]


def upload(request: Request, name: str) -> UploadFile | None:
    """Return the file that was chosen, or None."""
    return next(iter(uploads(request, name)), None)


def uploads(request: Request, name: str) -> list[UploadFile]:
    """Return the files that were chosen in a field of several."""
    values = posted(request).getlist(name)
    return [value for value in values if isinstance(value, UploadFile) and value.filename]


def parsed(model: type[M], members: Mapping[str, Any]) -> M:
    """Return `members` as the API's own model reads them.

    Raises:
        RequestValidationError: naming each field that is wrong.
    """
    try:
        return model.model_validate(members)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from error


def show_again(request: Request, render: Callable[[Problem], Response]) -> None:
    """Have `render` answer if what follows is refused; its problem has title, errors, status.

    It runs when the transaction is rolled back, and keeps what was entered; never a secret.
    """
    request.state.render = render
