"""Every page of the console, one module a subject.

`router` is mounted with a transaction around each route, `caller_router` without one, and
both below `posting.own_form`; `open_router` is for whoever has not signed in.
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from yinxin.console import (
    applications,
    batches,
    endings,
    home,
    licences,
    objections,
    reviewing,
    seal_forms,
    seal_policies,
    seal_requests,
    seal_steps,
    seals,
    sign_in,
    suspensions,
)

open_router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
open_router.include_router(sign_in.router)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
router.include_router(sign_in.leaving)
router.include_router(home.router)
router.include_router(applications.router)
router.include_router(reviewing.router)
router.include_router(batches.router)
router.include_router(objections.router)
router.include_router(endings.router)
router.include_router(licences.router)
router.include_router(suspensions.router)
router.include_router(seal_forms.router)
router.include_router(seal_policies.router)
router.include_router(seal_requests.router)
router.include_router(seal_steps.router)
router.include_router(seals.router)

caller_router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
caller_router.include_router(batches.caller_router)
caller_router.include_router(licences.caller_router)
caller_router.include_router(seals.caller_router)
