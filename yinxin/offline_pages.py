"""The page that verifies codes without a connection, and the trust bundle it works from.

The page may connect to nobody once it is loaded; a service worker keeps it on the device.
What it says and the dictionaries it unpacks with come from the same places as the verifier's.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from sealkit.formats.code.dictionaries import DICTIONARIES
from verification.bundle import build_bundle
from verification.report import messages
from yinxin.context import Context
from yinxin.files import FileNotStoredError
from yinxin.pages import page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROAD_AGE: Final = timedelta(hours=1)
"""How old a state may be on the road (standards/e-licence, 8.2)."""

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; worker-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'none'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_WORKER_POLICY: Final = "default-src 'none'; connect-src 'self'"
_MODULES: Final = (
    "app.js",
    "bundle.js",
    "bytes.js",
    "cbor.js",
    "code.js",
    "der.js",
    "identifier.js",
    "slip.js",
    "sm.js",
    "status.js",
    "verify.js",
    "x509.js",
    "vendor/jsqr.js",
    "vendor/pako-inflate.js",
    "vendor/sm-crypto-v2.js",
)
_FRAME: Final = (
    "/static/yinxin.css",
    "/static/pick.js",
    "/static/mark.svg",
    "/static/fonts/song.woff2",
)
_WORDS: Final = tuple(
    "made minutes hours root recognised old fresh bad-bundle no-code no-camera kind number holders "
    "issuer from until long status slip".split()
)


@router.get("/offline/")
def offline_page(request: Request) -> Response:
    """Show the page."""
    answer = page(request, "offline.html", words=_WORDS)
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@router.get("/offline/{name:path}")
def offline_file(name: str) -> Response:
    """Return one file of the page."""
    if name == "sw.js":
        headers = {"Content-Security-Policy": _WORKER_POLICY}
        return Response(_worker(), media_type="text/javascript", headers=headers)
    content = _scripts().get(name)
    if content is None:
        raise FileNotStoredError(name)
    return Response(content, media_type="text/javascript")


@router.get("/v1/trust/bundle.json", include_in_schema=True, tags=["verification"])
def trust_bundle(request: Request) -> Response:
    """Return what a verifier needs without a connection: signed, good for a day at most."""
    context: Context = request.app.state.context
    bundle = build_bundle(
        context.trust.store().regions,
        context.status_tokens.all(),
        road_kinds(context),
        signer=context.keystore.signer("trust_bundle"),
        at=context.now().replace(microsecond=0),
    )
    headers = {"Content-Disposition": 'attachment; filename="yinxin-bundle.json"'}
    return Response(bundle, media_type="application/json", headers=headers)


def road_kinds(context: Context) -> dict[str, timedelta]:
    """Return the codes of kinds whose state must not be older than an hour."""
    return {
        code: ROAD_AGE
        for name, kind in context.issuance.kinds.items()
        if name.startswith(("driving_", "road_transport_"))
        for code in kind.codes
    }


@cache
def _scripts() -> Mapping[str, bytes]:
    folder = files("yinxin").joinpath("static/offline")
    found = {name: folder.joinpath(name).read_bytes() for name in _MODULES}
    packed = {number: base64.b64encode(words).decode() for number, words in DICTIONARIES.items()}
    found["dictionaries.js"] = (
        'import { fromBase64 } from "./bytes.js";\n'
        f"const packed = {json.dumps(packed)};\n"
        "export default Object.fromEntries("
        "Object.entries(packed).map(([number, text]) => [number, fromBase64(text)]));\n"
    ).encode()
    told = {
        table: {code: {"zh": entry.zh, "en": entry.en} for code, entry in messages()[table].items()}
        for table in ("verdicts", "findings")
    }
    found["sentences.js"] = f"export default {json.dumps(told, ensure_ascii=False)};\n".encode()
    return found


@cache
def _worker() -> bytes:
    scripts = _scripts()
    folder = files("yinxin").joinpath("static")
    digest = hashlib.sha256()
    for name in sorted(scripts):
        digest.update(scripts[name])
    for address in _FRAME:
        digest.update(folder.joinpath(address.removeprefix("/static/")).read_bytes())
    digest.update(files("yinxin").joinpath("templates/offline.html").read_bytes())
    names = ["/offline/", *_FRAME, *(f"/offline/{name}" for name in sorted(scripts))]
    head = (
        f"const VERSION = {json.dumps('offline-' + digest.hexdigest()[:16])};\n"
        f"const FILES = {json.dumps(names)};\n"
    )
    return head.encode() + folder.joinpath("offline/sw.js").read_bytes()
