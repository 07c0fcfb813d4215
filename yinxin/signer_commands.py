"""`yinxin signer`: the process that holds the keys."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ca.errors import CAError
from ca.keystore import Purpose
from yinxin.settings import Settings, SettingsError
from yinxin.usage import EXIT_USAGE

EXIT_FAILED = 1
_Value = TypeVar("_Value")


def signer(
    socket: Annotated[Path, typer.Option("--socket", help="监听的套接字 · socket to listen on")],
    log: Annotated[Path, typer.Option("--log", help="使用记录文件 · log of uses")],
    allow_uid: Annotated[
        list[int] | None, typer.Option("--allow-uid", help="可请求签名的用户，可多次；默认本用户")
    ] = None,
    group: Annotated[
        int | None, typer.Option("--group", help="可打开套接字的用户组 · group of the socket")
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option("--grant", help="另行允许的 密钥:用途，如 sub_ca:certificate，可多次"),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option("--rate", help="用途=每秒:一次最多，如 timestamp=50:200，可多次"),
    ] = None,
) -> None:
    """签名进程 · Hold the keys and sign for the service; the settings name the keystore."""
    from ca.keystores.remote.limits import parse_rate
    from yinxin.keystores import open_keystore
    from yinxin.logs import configure_logs
    from yinxin.signer_process import SignerOptions, harden, run

    settings = Settings()
    options = SignerOptions(
        socket=socket,
        log=log,
        uids=frozenset(allow_uid or [os.getuid()]),
        group=group,
        grants=tuple(_read(_grant, text) for text in grant or []),
        rates=dict(_read(parse_rate, text) for text in rate or []),
    )
    try:
        _require_signer_ready(settings)
        configure_logs()
        harden()
        keystore = open_keystore(settings)
        lasted = run(keystore, options, told=_told, ready=lambda: _ready(socket))
    except (CAError, SettingsError, OSError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    raise typer.Exit(0 if lasted else EXIT_FAILED)


def _require_signer_ready(settings: Settings) -> None:
    from yinxin.settings import Environment

    if settings.keystore.startswith("unix:"):
        raise SettingsError("YINXIN_KEYSTORE is unix: a signer holds keys itself")
    if settings.environment is Environment.PRODUCTION and settings.keystore == "files":
        raise SettingsError("YINXIN_KEYSTORE is files: name a device or a sealed keystore")


def _grant(text: str) -> tuple[str, Purpose]:
    name, _, purpose = text.partition(":")
    return name, Purpose(purpose)


def _read(read: Callable[[str], _Value], text: str) -> _Value:
    try:
        return read(text)
    except ValueError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None


def _told(event: str) -> None:
    import structlog

    structlog.get_logger().warning(event)


def _ready(socket: Path) -> None:
    typer.echo(f"签名进程就绪 · the signer listens: {socket}")
