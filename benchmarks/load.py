"""The service as it is served in production, under load: verifying codes, and checks.

Two workers on two cores, SQLite and PostgreSQL, ten thousand and a million rows in the
register, 64 connections of wrk on the same machine; an empty FastAPI endpoint, served in the
same way in the same run, is the ceiling. `YINXIN_LOAD_SECONDS=60 python -m benchmarks load`
for figures; 10 seconds, the default, while developing. `YINXIN_LOAD_ROWS` and
`YINXIN_LOAD_DATABASES` name other numbers of rows and fewer databases.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from rich.table import Table

from benchmarks.postgresql import running_cluster
from benchmarks.register_rows import fill
from benchmarks.timing import console
from benchmarks.wrk import CONNECTIONS, Load, load
from yinxin.context import open_context, open_database
from yinxin.db import sqlite_url
from yinxin.demonstration.client import Client
from yinxin.demonstration.setting_up import SECRET, set_up
from yinxin.demonstration.story import EXAMPLES
from yinxin.logs import configure_logs
from yinxin.serving import free_port, running
from yinxin.settings import Settings

WORKERS: Final = 2
_START_SECONDS: Final = 60
_APPLICATION: Final = json.loads((EXAMPLES / "business_licence.json").read_text("utf-8"))


def run() -> None:
    """Print the table."""
    configure_logs(quiet=True)
    seconds = int(os.environ.get("YINXIN_LOAD_SECONDS", "10"))
    sizes = [int(one) for one in os.environ.get("YINXIN_LOAD_ROWS", "10000,1000000").split(",")]
    databases = os.environ.get("YINXIN_LOAD_DATABASES", "sqlite,postgresql").split(",")
    table = Table(
        title=f"{WORKERS} workers, wrk with {CONNECTIONS} connections, {seconds} s each",
        title_justify="left",
    )
    for heading in ("what", "rows", "per second", "of empty", "p50 ms", "p95", "p99", "failed"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    with _empty_service() as address:
        ceiling = load(f"{address}/empty", _get(), seconds=seconds)
    _add(table, "empty FastAPI endpoint", 0, ceiling, ceiling)
    for database in databases:
        with _database(database) as url, tempfile.TemporaryDirectory() as folder:
            _measure(table, database, url, Path(folder), sizes, ceiling, seconds)
    console.print(table)
    console.print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}")


def _measure(
    table: Table,
    name: str,
    url: str | None,
    folder: Path,
    sizes: list[int],
    ceiling: Load,
    seconds: int,
) -> None:
    settings = Settings(
        data_directory=folder,
        database_url=url or sqlite_url(folder / "yinxin.db"),
        port=free_port(),
        demonstration=True,
    )
    code = minted(settings)
    filled = 0
    for rows in sizes:
        database = open_database(settings)
        with database.writing() as session:
            fill(session.connection(), rows, after=filled)
        database.close()
        filled = rows
        with _service(settings) as address:
            token = token_of(address, "case-officer")
            _ready(address, code, Client(address, token))
            for what, path, script in (
                ("POST /v1/verify, a code", "/v1/verify", _verify(code)),
                ("POST /v1/checks", "/v1/checks", _checks(token, rows)),
            ):
                found = load(f"{address}{path}", script, seconds=seconds)
                _add(table, f"{what}, {name}", rows, found, ceiling)


def minted(settings: Settings) -> str:
    """Mint the licence that is asked about; return its code."""
    context = open_context(settings)
    set_up(context)
    with running(context) as address:
        clerk, reviewer = (
            Client.sign_in(address, f"market-{role}", SECRET) for role in ("clerk", "reviewer")
        )
        key = {"Idempotency-Key": "benchmark-load"}
        applied = clerk.post("/v1/applications", _APPLICATION, **key).json
        place = f"/v1/applications/{applied['id']}"
        reviewer.post(f"{place}/review", {"decision": "approve"})
        licence = clerk.post(f"{place}/mint").json
        code = clerk.get(f"/v1/licences/{licence['id']}/files/code.txt").content.decode()
    context.close()
    return code


def token_of(address: str, account: str) -> str:
    """Return a token of a demonstration account."""
    form = {
        "grant_type": "client_credentials",
        "client_id": account,
        "client_secret": SECRET,
    }
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = Client(address).call("POST", "/oauth/token", urlencode(form).encode(), kind)
    return str(answer.json["access_token"])


def _ready(address: str, code: str, officer: Client) -> None:
    """Refuse to measure wrong answers."""
    verdict = Client(address).post("/v1/verify", {"text": code}).json["verdict"]
    outcome = officer.post("/v1/checks", question(f"READY-{time.monotonic_ns()}")).json["outcome"]
    if (verdict, outcome) != ("valid", "met"):
        raise RuntimeError(f"the service says {verdict} and {outcome}")


def question(case: str) -> dict[str, object]:
    """Return the body of a check about the licence's holder, in the case `case`."""
    return {
        "item": "company_address_change",
        "holder": _APPLICATION["holders"][0],
        "case_number": case,
        "operator": "陈静",
        "signed_form": "窗口授权单",
    }


def _get() -> str:
    return 'wrk.method = "GET"\n'


def _verify(code: str) -> str:
    body = json.dumps({"text": code}, ensure_ascii=False)
    return _post(f"wrk.body = [==[{body}]==]\n")


def _checks(token: str, rows: int) -> str:
    """Another case in each request: an answer given before would only be looked up."""
    head, tail = json.dumps(question("CASE-HERE"), ensure_ascii=False).split("CASE-HERE")
    return _post(
        f'wrk.headers["Authorization"] = "Bearer {token}"\n'
        "local threads = 0\n"
        "function setup(thread) thread:set('id', threads); threads = threads + 1 end\n"
        "local count = 0\n"
        "function request()\n"
        "  count = count + 1\n"
        f"  local case = 'LOAD-{rows}-' .. id .. '-' .. count\n"
        f"  return wrk.format(nil, nil, nil, [==[{head}]==] .. case .. [==[{tail}]==])\n"
        "end\n"
    )


def _post(script: str) -> str:
    head = 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
    return head + script


def _add(table: Table, name: str, rows: int, found: Load, ceiling: Load) -> None:
    # A run takes long and may be cut short: what is known is said at once.
    console.print(f"{name}, {rows:,} rows: {found}")
    table.add_row(
        name,
        f"{rows:,}" if rows else "",
        f"{found.per_second:,.0f}",
        f"{found.per_second / ceiling.per_second:.1%}",
        f"{found.p50_ms:.1f}",
        f"{found.p95_ms:.1f}",
        f"{found.p99_ms:.1f}",
        str(found.refused + found.broken),
    )


@contextmanager
def _database(name: str) -> Iterator[str | None]:
    if name == "sqlite":
        yield None
        return
    with running_cluster() as url:
        yield url


def _service(settings: Settings) -> AbstractContextManager[str]:
    environment = {
        "YINXIN_DATA_DIRECTORY": str(settings.data_directory),
        "YINXIN_DATABASE_URL": settings.database_url or "",
        "YINXIN_PORT": str(settings.port),
    }
    command = [sys.executable, "-m", "yinxin.cli", "serve", "--workers", str(WORKERS)]
    return _process(command, environment, settings.port, "/v1/items")


def _empty_service() -> AbstractContextManager[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.ocsp:empty_application"]
    command += ["--port", str(port), "--workers", str(WORKERS), "--log-level", "warning"]
    return _process(command, {}, port, "/empty")


@contextmanager
def _process(
    command: list[str], environment: dict[str, str], port: int, path: str
) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"{address}{path}", process)
        yield address
    finally:
        process.terminate()
        process.wait(_START_SECONDS)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a service that was started answers at `address`.

    Raises:
        RuntimeError: if it ends before, or takes a minute.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{address} does not answer")
