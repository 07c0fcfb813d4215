"""`yinxin kinds`: check kind files before the service is started with them, and list kinds.

`check` exits 0 when all files are good, 1 when one has a mistake, and names every mistake of
every file; 64 when it was called wrongly. The service itself stops at the first.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from issuance.kind_files import DIRECTORY
from issuance.model import check_kind_files, codes_taken, load_kinds

kinds_commands = typer.Typer(help="证照类型 · Kinds of licence", no_args_is_help=True)
EXIT_MISTAKE, EXIT_USAGE = 1, 64
MAX_FILE_BYTES = 1024 * 1024
_STATUS = {"confirmed": "国家代码 · national", "project": "[yellow]项目暂用 · placeholder[/]"}
console = Console(width=None if sys.stdout.isatty() else 150)


@kinds_commands.command("check")
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="证照类型文件；不写则检查全部 · all without any"),
    ] = None,
) -> None:
    """检查证照类型文件，列出全部错误 · Check kind files and list every mistake."""
    paths = files or sorted(DIRECTORY.glob("*.toml"))
    for path in paths:
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            typer.echo(f"yinxin: 不能读取文件 · cannot read {path}", err=True)
            raise typer.Exit(EXIT_USAGE)
    kinds, mistakes = check_kind_files(paths, codes_taken({path.name for path in paths}))
    for mistake in mistakes:
        typer.echo(f"✕ {mistake}")
    if mistakes:
        typer.echo(f"共 {len(mistakes)} 处错误 · {len(mistakes)} mistakes")
        raise typer.Exit(EXIT_MISTAKE)
    typer.echo(f"✓ {len(kinds)} 个证照类型无误 · {len(kinds)} kinds without mistake")


@kinds_commands.command("list")
def show() -> None:
    """列出证照类型及其代码、曾用代码 · List kinds with their codes, present and earlier."""
    table = Table("名称 · kind", "证照类型", "代码 · code", "代码来源", "曾用代码 · earlier codes")
    for kind in load_kinds().values():
        table.add_row(
            kind.name, kind.name_zh, kind.code, _STATUS[kind.code_status], " ".join(kind.aliases)
        )
    console.print(table)
