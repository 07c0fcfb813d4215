"""`yinxin ca`: certificates from the command line."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from yinxin import offline, path_check
from yinxin.ceremony_commands import ceremony_commands
from yinxin.certificate_commands import certificate_commands
from yinxin.enrolment_commands import enrolment_commands
from yinxin.recovery_commands import recovery_commands

ca_commands = typer.Typer(help="证书认证机构 · Certificate authority", no_args_is_help=True)
ca_commands.add_typer(certificate_commands)
ca_commands.add_typer(enrolment_commands)
ca_commands.add_typer(ceremony_commands, name="ceremony")
ca_commands.add_typer(recovery_commands, name="recover")
EXIT_CODES = {"valid": 0, "invalid": 1, "cannot_say": 2}
EXIT_USAGE = 64
_MARKS = {"valid": "[green]✓[/]", "invalid": "[red]✕[/]", "cannot_say": "[yellow]?[/]"}
console = Console(width=None if sys.stdout.isatty() else 150)


@ca_commands.callback()
def _group() -> None:
    """Keep the commands in a group of their own."""


@ca_commands.command("check-path")
def check_path(
    anchors: Annotated[list[Path], typer.Option("--anchors", help="信任锚，PEM · trust anchors")],
    leaf: Annotated[Path, typer.Option("--leaf", help="要检查的证书，PEM · certificate to check")],
    intermediates: Annotated[
        list[Path] | None, typer.Option("--intermediates", help="中间证书，PEM，可多次")
    ] = None,
    crl: Annotated[
        list[Path] | None,
        typer.Option("--crl", help="吊销列表，PEM 或 DER，可多次；不给则不检查吊销"),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="检查时点，RFC 3339 · time to judge at")
    ] = None,
    purpose: Annotated[
        str, typer.Option("--purpose", help="sign | encrypt | timestamp | ocsp | any")
    ] = "any",
    as_json: Annotated[bool, typer.Option("--json", help="一行 JSON")] = False,
) -> None:
    """检查证书链 · Judge a certificate path: exit 0 valid, 1 invalid, 2 cannot say."""
    try:
        answer = path_check.check_path(
            anchors=anchors,
            intermediates=intermediates or [],
            leaf=leaf,
            crls=crl or [],
            purpose=purpose,
            at=offline.parse_instant(at) if at else datetime.now(UTC),
        )
    except offline.UsageError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print_path(answer)
    raise typer.Exit(EXIT_CODES[answer["verdict"]])


def _print_path(answer: dict[str, Any]) -> None:
    verdict = answer["verdict"]
    console.print(f"{_MARKS[verdict]} [bold]{answer['zh']}[/] {answer['en']}")
    console.print(f"   {answer['reason_code']}  {answer['detail']}", highlight=False)
    for depth, subject in enumerate(answer["chain"]):
        console.print(f"   {'  ' * depth}{subject}", highlight=False, markup=False)
    if answer["revocation"] == "not_checked":
        console.print("   [dim]未检查吊销 · revocation was not checked: no --crl given[/]")
