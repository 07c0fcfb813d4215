"""Commands that go through the API: signing in, asking, telling a refusal.

Whoever calls has an account of the service, so that the same rules hold and the same records
are kept as over HTTP.
"""

import json
import sys
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from yinxin.demonstration.client import Answer, Client, UnexpectedAnswerError
from yinxin.usage import EXIT_USAGE

EXIT_FAILED: Final = 1
HERE: Final = "http://127.0.0.1:8000"
MAX_FILE_BYTES: Final = 256 * 1024

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Server = Annotated[str, typer.Option("--server", envvar="YINXIN_SERVER", help="服务地址")]
Account = Annotated[str, typer.Option("--account", envvar="YINXIN_ACCOUNT", help="账号 · account")]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        envvar="YINXIN_SECRET_FILE",
        help="密码所在文件；不给则询问 · asked for if absent",
    ),
]


class UsageError(Exception):
    """The command was called with something that cannot be right."""


def signed_in(server: str, account: str, secret_file: Path | None) -> Client:
    """Sign in and return the client.

    Raises:
        UsageError: if the account cannot sign in, or nobody is there to type its secret.
    """
    if not server.startswith(("https://", "http://")):
        raise UsageError(f"--server {server}: an http or https address")
    # Never an argument: every user of the machine could read it.
    if secret_file is not None:
        secret = text(secret_file).strip()
    elif sys.stdin.isatty():
        secret = typer.prompt("密码 · Secret", hide_input=True, err=True)
    else:
        raise UsageError("--secret-file is absent, and nobody is there to ask")
    try:
        return Client.sign_in(server.rstrip("/"), account, secret)
    except UnexpectedAnswerError as error:
        raise UsageError(f"{account} cannot sign in at {server}") from error


def post(
    client: Client, path: str, members: dict[str, Any], headers: dict[str, str] | None = None
) -> Answer:
    """Post JSON and return the answer, whatever it is."""
    body = json.dumps(members, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json"} | (headers or {})
    return client.call("POST", path, body, kind, expect_success=False)


def done(answer: Answer) -> dict[str, Any]:
    """Return what was answered; tell a problem in both languages and end."""
    found: dict[str, Any] = answer.json
    if answer.status < 400:
        return found
    typer.echo(f"yinxin: {found.get('title')} {found.get('title_en')}", err=True)
    typer.echo(f"   {found.get('code')}  {found.get('detail', '')}".rstrip(), err=True)
    for entry in found.get("errors", ()):
        words = (entry.get(name) for name in ("field", "code", "zh", "en"))
        typer.echo(f"   {'  '.join(word for word in words if word)}", err=True)
    raise typer.Exit(EXIT_FAILED)


def entry_name(text: str) -> str:
    """Return ``AUTHORITY/ID`` as it was typed, safe as a part of an address.

    Raises:
        UsageError: if it is anything else.
    """
    authority, _slash, name = text.partition("/")
    parts = (authority.replace("_", ""), name)
    if not all(part.isascii() and part.isalnum() for part in parts):
        raise UsageError(f"{text}: AUTHORITY/ID, such as sub_ca/20261123…")
    return text


def save(client: Client, path: str, file: Path) -> None:
    """Store what is served at `path` in a new file.

    Raises:
        UsageError: if the file exists: nothing is ever written over.
    """
    answer = client.call("GET", path, expect_success=False)
    if answer.status >= 400:
        done(answer)
    try:
        with file.open("xb") as target:
            target.write(answer.content)
    except FileExistsError as error:
        raise UsageError(f"{file} exists: choose another name") from error
    except OSError as error:
        raise UsageError(f"{file}: cannot be written") from error


def text(file: Path) -> str:
    """Return a file as text.

    Raises:
        UsageError: if it is none.
    """
    try:
        return content(file).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not text") from error


def content(file: Path) -> bytes:
    """Return what is in a file.

    Raises:
        UsageError: if it cannot be read, or is too large.
    """
    try:
        with file.open("rb") as source:
            content = source.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read") from error
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(f"{file}: larger than {MAX_FILE_BYTES} bytes")
    return content


@contextmanager
def refusals() -> Iterator[None]:
    """Tell what stops a command, and end it with the code that fits."""
    try:
        yield
    except UsageError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    except (urllib.error.URLError, TimeoutError, json.JSONDecodeError) as error:
        typer.echo("yinxin: the service cannot be reached, or is none", err=True)
        raise typer.Exit(EXIT_FAILED) from error
