"""`yinxin ca ceremony`: plan, perform and verify key ceremonies, offline."""

import json
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files as resources
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from ca.ceremonies.ceremony import Materials
from ca.ceremonies.examining import Examination, examine
from ca.ceremonies.performing import perform
from ca.ceremonies.plan import Kind, Plan, parse_plan
from ca.errors import CAError
from ca.keystores import sealing
from ca.keystores.sealed_file import MAX_FILE_BYTES
from sealkit.asn1.x509 import Certificate, pem_to_certificates, pem_to_der
from sealkit.errors import MalformedError, SealkitError
from yinxin.ceremony_room import Terminal
from yinxin.usage import EXIT_USAGE

EXIT_FAILED: Final = 1
EXIT_CODES: Final = {"valid": 0, "invalid": 1, "cannot_say": 2}
MAX_FILES: Final = 64
ceremony_commands = typer.Typer(help="密钥仪式 · Key ceremonies, offline", no_args_is_help=True)
console = Console(width=None if sys.stdout.isatty() else 150)


class _UnreadableError(Exception):
    """A file that the command needs and cannot read."""


@ceremony_commands.command("plan")
def show_plan(
    kind: Annotated[Kind, typer.Argument(help="事项 · what is done")],
) -> None:
    """打印方案样本 · Print a plan to fill in and agree on."""
    source = resources("yinxin").joinpath("ceremony_plans", f"{kind.value}.toml")
    typer.echo(source.read_text("utf-8"), nl=False)


@ceremony_commands.command("perform")
def perform_plan(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="方案 · the plan, TOML")],
    out: Annotated[Path, typer.Option("--out", help="结果目录，须不存在 · must not exist")],
    shares_out: Annotated[
        Path | None, typer.Option("--shares-out", help="分片写入此目录；不给则逐个显示")
    ] = None,
    root_shares: Annotated[
        Path | None, typer.Option("--root-shares", help="根密钥分片所在文件，每行一个；不给则询问")
    ] = None,
    rehearsed: Annotated[
        bool, typer.Option("--agreed", help="演练时视为全部同意 · rehearsal: all agree")
    ] = False,
) -> None:
    """举行仪式 · Lead through a ceremony; what it makes is in OUT, or there is no OUT."""
    with _refusals():
        content = _read(plan_file)
        plan = parse_plan(content)
        if rehearsed and not plan.rehearsal:
            raise _UnreadableError("--agreed is for rehearsals: the plan is for a real ceremony")
        if out.exists():
            raise _UnreadableError(f"{out} exists: choose another name")
        room = Terminal(
            console,
            shares_out=shares_out,
            shares_in={"root": root_shares} if root_shares else {},
            agreed=rehearsed,
        )
        made = perform(plan, _materials(plan, plan_file.parent, content), room)
        _leave(out, made)
    console.print(f"[green]✓[/] 仪式完成，共 {len(made)} 个文件 · ceremony done: {out}")
    console.print("   请打印 transcript.txt 由到场人员签字 · print transcript.txt and sign it")


@ceremony_commands.command("verify")
def verify(
    directory: Annotated[Path, typer.Argument(help="仪式结果目录 · what a ceremony left")],
    root: Annotated[
        Path | None, typer.Option("--root", help="您所信任的根证书，PEM · the root you trust")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="一行 JSON")] = False,
) -> None:
    """查验仪式记录 · Check all it left: exit 0 valid, 1 invalid, 2 cannot say."""
    with _refusals():
        known = _certificate(root) if root else None
        found = examine(_files(directory), known)
    if as_json:
        typer.echo(json.dumps(_answer(found), ensure_ascii=False))
    else:
        _print(found)
    raise typer.Exit(EXIT_CODES[found.verdict])


def _answer(found: Examination) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        "root": found.root,
        "root_compared": found.root_compared,
        "lines": len(found.lines),
        "faults": [
            {"code": fault.code, "place": fault.place, "zh": fault.zh, "en": fault.en}
            for fault in found.faults
        ],
    }


def _print(found: Examination) -> None:
    marks = {
        "valid": "[green]✓[/] 仪式记录完整有效 · the ceremony's record holds",
        "invalid": "[red]✕[/] 仪式记录不成立 · the ceremony's record does not hold",
        "cannot_say": "[yellow]?[/] 前后一致，但未与您信任的根比对；请用 --root · pass --root",
    }
    console.print(marks[found.verdict])
    for fault in found.faults:
        console.print(f"   {fault.place}  {fault.code}", highlight=False, markup=False)
        console.print(f"      {fault.zh} {fault.en}", highlight=False, markup=False)
    console.print(f"   根证书指纹 · root (SM3): {found.root or '—'}", highlight=False)


def _materials(plan: Plan, folder: Path, content: bytes) -> Materials:
    """Read what the plan names; its paths are relative to the plan."""

    def brought(name: str | None) -> bytes | None:
        return None if name is None else _read(folder / name)

    previous, request = brought(plan.previous_list), brought(plan.request)
    return Materials(
        plan=content,
        root_keystore=brought(plan.root_keystore),
        previous_list=_der(previous, "X509 CRL"),
        request=_der(request, "CERTIFICATE REQUEST"),
    )


def _der(content: bytes | None, label: str) -> bytes | None:
    if content is None or not content.lstrip().startswith(b"-----BEGIN"):
        return content
    return pem_to_der(content, label)


def _leave(out: Path, made: dict[str, bytes]) -> None:
    """Write all files or none: beside first, then under the name asked for."""
    beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        beside.mkdir(mode=0o700, parents=True)
        for name, content in made.items():
            sealing.write_file(beside / name, content)
        beside.rename(out)
    except OSError as error:
        raise _UnreadableError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _files(directory: Path) -> dict[str, bytes]:
    try:
        found = sorted(entry for entry in directory.iterdir() if entry.is_file())
    except OSError as error:
        raise _UnreadableError(f"{directory}: {error.strerror}") from error
    if len(found) > MAX_FILES:
        raise _UnreadableError(f"{directory} holds more than {MAX_FILES} files")
    return {file.name: _read(file) for file in found}


def _certificate(file: Path) -> Certificate:
    try:
        (certificate,) = pem_to_certificates(_read(file))
    except (MalformedError, ValueError) as error:
        raise _UnreadableError(f"{file} is not one certificate in PEM") from error
    return certificate


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            content = source.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _UnreadableError(f"{file}: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise _UnreadableError(f"{file} is too large")
    return content


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except _UnreadableError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except (CAError, SealkitError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
