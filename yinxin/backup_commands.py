"""`yinxin backup`: make one beside the running service, check it, put it back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from yinxin.backup import Backup, BackupError, check_backup, make_backup, restore
from yinxin.settings import Settings

EXIT_FAILED: Final = 1
backup_commands = typer.Typer(help="备份与恢复 · Backup and restore", no_args_is_help=True)
console = Console(width=None if sys.stdout.isatty() else 150)


@backup_commands.command("make")
def make(
    out: Annotated[Path, typer.Argument(help="备份目录，须不存在 · must not exist")],
) -> None:
    """备份 · Copy database, files and logs, beside the running service."""
    with _refusals():
        made = make_backup(Settings(), out, at=datetime.now(UTC))
    _tell("已备份 · backed up", out, made)
    console.print("   个人数据密钥未在其中，请另行保管 · vault and escrow keys are kept apart")
    if not made.database:
        console.print("   PostgreSQL 请另用 pg_dump · the database is copied by pg_dump")


@backup_commands.command("check")
def check(folder: Annotated[Path, typer.Argument(help="备份目录 · a backup")]) -> None:
    """核对备份 · Compare every file with what was written down when it was made."""
    with _refusals():
        found = check_backup(folder)
    _tell("备份完整 · the backup is whole", folder, found)


@backup_commands.command("restore")
def put_back(folder: Annotated[Path, typer.Argument(help="备份目录 · a backup")]) -> None:
    """恢复 · Put a backup back into an empty data directory; keys may lie there already."""
    with _refusals():
        found = restore(folder, Settings())
    _tell("已恢复 · restored", folder, found)
    console.print("   接着运行 yinxin doctor --deep · next, run yinxin doctor --deep")


def _tell(words: str, folder: Path, found: Backup) -> None:
    console.print(
        f"[green]✓[/] {words}: {folder}  {found.files} 个文件 · files, "
        f"{found.bytes / 1e6:.1f} MB, {found.made_at[:19]}Z",
        highlight=False,
    )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
