"""`yinxin batch`: send a file of applications, watch how far it is, fetch what became of it.

The file is streamed. Its idempotency key is its own digest: whoever sends a file again, after a
connection broke or to be sure, gets the batch that there is.
"""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from sealkit.sm import sm3
from yinxin.demonstration.client import Client
from yinxin.remote_calls import (
    EXIT_FAILED,
    HERE,
    Account,
    AsJson,
    SecretFile,
    Server,
    UsageError,
    done,
    refusals,
    signed_in,
)

batch_commands = typer.Typer(help="批量制证 · Batches", no_args_is_help=True)
TYPES: Final = {
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
RESTING: Final = ("checked", "rejected", "finished")
"""States in which a batch waits for a person, or for nothing."""
_LOOK_EVERY_SECONDS: Final = 1.0
_BLOCK_BYTES: Final = 1024 * 1024
_WORDS: Final = {
    "received": "检查 · checking",
    "checked": "待审核 · waits for its review",
    "approved": "制证 · minting",
    "rejected": "已退回 · rejected",
    "finished": "完成 · finished",
}

BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="批次号")]


@batch_commands.command("submit")
def submit(
    file: Annotated[Path, typer.Argument(help="NDJSON、CSV 或 XLSX 文件")],
    kind: Annotated[str, typer.Option("--kind", help="证照类型")],
    account: Account,
    ofd_only: Annotated[bool, typer.Option("--ofd-only", help="不制 PDF · no PDF")] = False,
    server: Server = HERE,
    secret_file: SecretFile = None,
) -> None:
    """提交批次文件，输出批次号 · Send a file; prints the number of the batch."""
    with refusals():
        media_type = TYPES.get(file.suffix.lower())
        if media_type is None:
            raise UsageError(f"{file}: one of {', '.join(TYPES)}")
        client = signed_in(server, account, secret_file)
        forms = "ofd" if ofd_only else "ofd+pdf"
        try:
            key = _digest(file, f"{kind}:{forms}")
            with file.open("rb") as content:
                headers = {
                    "Content-Type": media_type,
                    "Content-Length": str(file.stat().st_size),
                    "Idempotency-Key": key,
                }
                path = f"/v1/batches?kind={kind}&forms={forms.replace('+', '%2B')}"
                answer = client.call("POST", path, content, headers, expect_success=False)
        except FileNotFoundError as error:
            raise UsageError(f"{file}: there is no such file") from error
        typer.echo(done(answer)["batch_id"])


@batch_commands.command("watch")
def watch(
    batch: BatchId,
    account: Account,
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """等到批次需要人或已完成 · Wait until a batch needs a person, or nothing any more."""
    with refusals():
        client = signed_in(server, account, secret_file)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("", total=None)
            found = _asked(client, batch)
            while True:
                settled, total = _how_far(found)
                progress.update(task, completed=settled, total=total, description=_words(found))
                if found["state"] in RESTING:
                    break
                time.sleep(_LOOK_EVERY_SECONDS)
                found = _asked(client, batch)
        if as_json:
            typer.echo(json.dumps(found, ensure_ascii=False))
        else:
            counts = (f"{name} {found[name]}" for name in ("minted", "ready", "refused", "failed"))
            typer.echo(f"{_words(found)}  {'  '.join(counts)}")
        raise typer.Exit(EXIT_FAILED if found["state"] == "rejected" else 0)


@batch_commands.command("result")
def result(
    batch: BatchId,
    account: Account,
    out: Annotated[
        Path | None, typer.Option("--out", help="结果文件，缺省为标准输出 · where it goes")
    ] = None,
    server: Server = HERE,
    secret_file: SecretFile = None,
) -> None:
    """逐行结果，每行一个 JSON · What became of each line, one JSON a line."""
    with refusals():
        client = signed_in(server, account, secret_file)
        # Tells a batch that does not exist as every other command does.
        _asked(client, batch)
        path = f"/v1/batches/{batch}/result.ndjson"
        if out is None:
            client.download(path, sys.stdout.buffer)
            return
        with out.open("wb") as file:
            client.download(path, file)


def _asked(client: Client, batch: str) -> dict[str, Any]:
    return done(client.call("GET", f"/v1/batches/{batch}", expect_success=False))


def _how_far(found: dict[str, Any]) -> tuple[int, int | None]:
    """Return how many lines are done, and of how many; None while nobody knows."""
    checked = found["ready"] + found["minted"] + found["failed"] + found["refused"]
    if found["state"] == "received":
        return checked, None
    return checked - found["ready"], checked


def _words(found: dict[str, Any]) -> str:
    stopped = f"（{found['stopped_by']}）" if found["stopped_by"] else ""
    return f"{_WORDS[found['state']]}{stopped}"


def _digest(file: Path, asked: str) -> str:
    hasher = sm3.hasher()
    hasher.update(asked.encode())
    with file.open("rb") as content:
        while block := content.read(_BLOCK_BYTES):
            hasher.update(block)
    return hasher.digest().hex()
