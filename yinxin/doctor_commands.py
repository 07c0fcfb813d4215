"""`yinxin doctor`: exits 0 when all holds, 1 when something does not, 2 when it cannot tell."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from ca.errors import CAError
from sealkit.errors import SealkitError
from yinxin.settings import Settings, SettingsError
from yinxin.usage import EXIT_USAGE

if TYPE_CHECKING:
    from yinxin.doctor import Diagnosis

EXIT_FAULTS, EXIT_UNSEEN = 1, 2
_NAMED: Final = 50
console = Console(width=None if sys.stdout.isatty() else 150)


def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="另逐件验证已发布文件 · verify every published file too")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="每项一行 JSON")] = False,
) -> None:
    """体检 · Look whether everything stored is whole and agrees; changes nothing."""
    # Here, so that commands that need no service do not wait for one to be read in.
    from issuance.register_faults import count_waiting
    from yinxin.context import assembled
    from yinxin.doctor import Patient, examine

    found = []
    try:
        with assembled(Settings()) as context, context.database.reading() as session:
            for diagnosis in examine(Patient(context, session, context.now()), deep=deep):
                _print(diagnosis, as_json=as_json)
                found.append(diagnosis)
            waiting = count_waiting(session)
    except (SettingsError, CAError, SealkitError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    except OperationalError as error:
        typer.echo("yinxin: there is no database of this version to look at", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    if waiting and not as_json:
        console.print(f"[dim]{waiting} 件制证待续，下次启动完成 · plans wait for the next start[/]")
    if any(diagnosis.faults for diagnosis in found):
        raise typer.Exit(EXIT_FAULTS)
    if any(diagnosis.unseen for diagnosis in found):
        raise typer.Exit(EXIT_UNSEEN)


def _print(diagnosis: "Diagnosis", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(diagnosis), ensure_ascii=False))
        return
    if diagnosis.unseen:
        console.print(f"[yellow]?[/] {diagnosis.name}: {diagnosis.note}")
        return
    mark = "[red]✕[/]" if diagnosis.faults else "[green]✓[/]"
    console.print(f"{mark} {diagnosis.name}")
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 3))
    for fault in diagnosis.faults[:_NAMED]:
        table.add_row(fault.rule, fault.subject, fault.detail)
    if diagnosis.faults:
        console.print(table)
    if len(diagnosis.faults) > _NAMED:
        console.print(f"   … {len(diagnosis.faults)} 项 · faults in all")
