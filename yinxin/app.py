"""The HTTP application: routers of every package under one roof.

Each request that reaches a route has `request.state.session` (one transaction, committed
when the route has returned and before the answer leaves), `request.state.actor` (None when
anonymous) and `request.state.at` (the one instant that the request is judged at).
"""

from collections.abc import AsyncIterator
from importlib.resources import files

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.staticfiles import StaticFiles
from sqlalchemy.orm import Session
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ca import routes as ca_routes
from ca.enrolment import routes as enrolment_routes
from ca.errors import CAError
from ca.escrow import routes as escrow_routes
from issuance import routes as issuance_routes
from issuance.archive import routes as archive_routes
from issuance.batches import routes as batch_routes
from issuance.copies import routes as copy_routes
from issuance.endings import routes as ending_routes
from issuance.erasures import routes as erasure_routes
from issuance.errors import IssuanceError
from issuance.seals import routes as seal_routes
from issuance.seals.importing import MAX_UPLOAD_BYTES as MAX_SEAL_UPLOAD_BYTES
from issuance.suspensions import routes as suspension_routes
from mutual_recognition import routes as recognition_routes
from mutual_recognition.errors import MutualRecognitionError
from sealkit.asn1 import ocsp
from verification import routes as verification_routes
from verification.errors import OverAskingError, VerificationError
from yinxin import api_description, identity, link_routes, problems, web
from yinxin.accounts import CredentialsError
from yinxin.console import posting, problem_pages, sessions
from yinxin.console import routes as console_routes
from yinxin.context import Context
from yinxin.files import FileNotStoredError
from yinxin.turns import Turns
from yinxin.uploads import UploadLimit

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The API description is drawn by a library that fetches it and sets styles of its own.
_DOCUMENTATION_POLICY = _PAGE_POLICY.replace(
    "style-src 'self'", "connect-src 'self'; style-src 'self' 'unsafe-inline'"
)
_READ_ONLY = (
    "/v1/verify",
    "/v1/recognitions",
    "/v1/items",
    "/v1/status-lists/",
    "/v1/seals/reconciliation",
    "/verify",
    "/crl/",
    "/log/",
    "/trust/",
    "/v1/trust/",
)
"""Paths that only read: they take no write lock, whatever their method."""

_EVERY_ANSWER = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)

log = structlog.get_logger()


def create_app(context: Context) -> FastAPI:
    """Build the application of one region."""
    app = FastAPI(
        title="印信 Yinxin",
        version="0.1.0",
        summary="电子证照与电子印章信任服务 · Electronic licence and seal trust service",
        docs_url=None,
        redoc_url=None,
    )
    app.state.context = context
    app.state.turns = Turns()
    app.state.issuance = context.issuance
    app.state.archive = context.archive
    app.state.verification = context.verification
    app.state.ca = context.ca
    app.state.enrolment = context.enrolment
    app.state.escrow = context.escrow
    app.state.recognition = context.recognition
    transaction = Depends(_transaction, scope="function")
    app.include_router(ca_routes.answers_router)  # first: asked most, and found soonest so
    for routes in (
        verification_routes,  # asked nearly as often
        ca_routes,
        enrolment_routes,
        escrow_routes,
        issuance_routes,
        batch_routes,
        copy_routes,
        ending_routes,
        erasure_routes,
        suspension_routes,
        seal_routes,
        recognition_routes,
    ):
        app.include_router(routes.router, dependencies=[transaction])
    app.include_router(link_routes.router, dependencies=[transaction])
    for router in (
        batch_routes.upload_router,
        copy_routes.making_router,
        archive_routes.router,
        ca_routes.stamp_router,
    ):
        app.include_router(router, dependencies=[Depends(_caller)])
    app.include_router(identity.router)
    app.include_router(console_routes.open_router)
    own_form = Depends(posting.own_form)  # before the transaction, which must not wait for it
    app.include_router(console_routes.router, dependencies=[own_form, transaction])
    app.include_router(console_routes.caller_router, dependencies=[own_form, Depends(_caller)])
    app.include_router(web.router, dependencies=[transaction])
    app.mount("/static", StaticFiles(directory=str(files("yinxin").joinpath("static"))), "static")
    app.add_middleware(_Headers)
    app.add_middleware(
        UploadLimit,
        max_bytes=context.settings.max_upload_bytes,
        for_path={
            "/v1/batches": context.settings.max_batch_bytes,
            "/console/batches": context.settings.max_batch_bytes,
            "/ocsp": ocsp.MAX_REQUEST_BYTES,
            "/v1/seals/import": MAX_SEAL_UPLOAD_BYTES,
            "/console/seals/import": MAX_SEAL_UPLOAD_BYTES,
        },
        page_for=problem_pages.page_for,
    )
    api_description.describe(app)
    problems.install(
        app,
        (
            CAError,
            IssuanceError,
            VerificationError,
            MutualRecognitionError,
            CredentialsError,
            FileNotStoredError,
        ),
        problem_pages.page_for,
    )
    return app


async def _transaction(request: Request) -> AsyncIterator[None]:
    context: Context = request.app.state.context
    if "authorization" in request.headers or request.cookies:
        await run_in_threadpool(_caller, request)
    else:
        _caller(request)
    if request.url.path.startswith(_READ_ONLY):
        with context.database.reading() as session:
            _hand_over(session, request)
            yield
        return
    try:
        # Requests that write wait here, where waiting takes no thread: in threads of the pool
        # they would keep from going on the very one that they wait for.
        async with (
            request.app.state.turns.turn(),
            contextmanager_in_threadpool(context.database.writing()) as session,
        ):
            _hand_over(session, request)
            yield
    except OverAskingError as error:
        await run_in_threadpool(_record_over_asking, context, request, error)
        raise


def _hand_over(session: Session, request: Request) -> None:
    # Where a register is asked, it matters who asks.
    session.info["client"] = request.client.host if request.client else ""
    request.state.session = session


def _caller(request: Request) -> None:
    """Give a route who calls and when, and short transactions of its own making."""
    context: Context = request.app.state.context
    request.state.at = context.now()
    if sessions.is_console(request.url.path):
        # The one place where a cookie counts; and there a bearer token does not.
        request.state.actor = sessions.actor_of(request, context, at=request.state.at)
    else:
        request.state.actor = identity.actor_of(request, context.identities, at=request.state.at)
    request.state.writing = context.database.writing
    request.state.reading = context.database.reading


def _record_over_asking(context: Context, request: Request, error: OverAskingError) -> None:
    """Record the attempt in a transaction of its own: the request's is rolled back."""
    actor = request.state.actor
    with context.database.writing() as session:
        context.verification.audit.record(
            session,
            actor=actor.id if actor else "anonymous",
            act="check.over_asking",
            subject=error.item[:160],
            at=request.state.at,
            detail={"fields": ",".join(error.fields)[:400]},
        )


class _Headers:
    """Adds what every answer carries, and notes the answer in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its answer gets headers that it does not have."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _EVERY_ANSWER:
                    headers.setdefault(name, value)
                policy = _DOCUMENTATION_POLICY if path == "/docs" else _PAGE_POLICY
                headers.setdefault("Content-Security-Policy", policy)
                log.info(
                    "request.done", method=scope["method"], path=path, status=message["status"]
                )
            await send(message)

        await self._app(scope, receive, sending)
