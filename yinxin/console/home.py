"""The console's first page: who one is, and what waits."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from issuance.routes import Caller
from yinxin.console.navigation import DEPARTMENT
from yinxin.console.pages import console_page
from yinxin.console.queues import QUEUES
from yinxin.console.waiting import waiting_for
from yinxin.problems import RequestRefusedError

router = APIRouter()


@router.get("/console")
def home(request: Request, call: Caller) -> HTMLResponse:
    """Show what waits for whoever has signed in."""
    if call.actor.roles.isdisjoint(DEPARTMENT):
        raise RequestRefusedError("identity.forbidden")
    return console_page(request, "console/home.html", lines=waiting_for(call, QUEUES))
