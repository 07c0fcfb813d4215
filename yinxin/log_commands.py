"""`yinxin log audit`: read a region's whole transparency log and hold it to what it signed.

Exits 0 when all holds, 1 when something does not, 2 when the log did not answer.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mutual_recognition.errors import LogFaultError, LogUnreachableError
from mutual_recognition.log_audit import Seen, audit_log
from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import MalformedError
from verification.trust import TrustStore
from yinxin import offline
from yinxin.peers import fetch

log_commands = typer.Typer(help="透明日志 · Transparency log", no_args_is_help=True)
EXIT_FAULT, EXIT_SILENT, EXIT_USAGE = 1, 2, 64
console = Console()


@log_commands.callback()
def _group() -> None:
    """Keep `audit` a command of its own."""


@log_commands.command("audit")
def log_audit(
    address: Annotated[str, typer.Argument(help="服务地址 · such as http://127.0.0.1:8000")],
    trust: Annotated[Path, typer.Option("--trust", help="该地区的信任材料目录 · trust directory")],
    seen: Annotated[
        Path | None,
        typer.Option(
            "--seen", help="记住所见，下次对照 · remember what was seen, compare next time"
        ),
    ] = None,
) -> None:
    """核对整个日志：签名、条目、树根、历史 · Check signature, entries, root and history."""
    try:
        origin, certificate = _identity(offline.load_trust([trust]))
        before = Seen.from_json(seen.read_bytes()) if seen and seen.is_file() else None
        key = parse_certificate(certificate).sm2_key
    except (offline.UsageError, MalformedError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    place = address.rstrip("/")
    try:
        found = audit_log(lambda path: fetch(f"{place}/log/{path}"), origin, key, seen=before)
    except LogFaultError as error:
        console.print(f"[red]✕[/] 日志有误 · the log does not hold: {error}")
        raise typer.Exit(EXIT_FAULT) from error
    except LogUnreachableError as error:
        console.print(f"[yellow]?[/] 日志无应答 · no answer: {error}")
        raise typer.Exit(EXIT_SILENT) from error
    if seen:
        unfinished = seen.with_name(f".{seen.name}.new")
        unfinished.write_bytes(found.to_json())
        unfinished.replace(seen)
    console.print(f"[green]✓[/] 日志完整 · the log holds: {found.size} entries, {found.root.hex()}")


def _identity(store: TrustStore) -> tuple[str, bytes]:
    logs = [region.log for region in store.regions if region.log is not None]
    if len(logs) != 1:
        raise offline.UsageError("--trust must be the directory of one region that has a log")
    return logs[0].origin, logs[0].certificate
