"""`yinxin seals`: hold the uses of seals against the sealed files.

`reconcile` exits 0 when every use has its file and every file its uses, 1 when something does
not agree, and 64 when there is nothing to compare. It reads only, beside a running service or
without one.
"""

import json
import sys
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from sealkit.errors import MalformedError
from yinxin.settings import Settings, SettingsError

seals_commands = typer.Typer(help="电子印章 · Electronic seals", no_args_is_help=True)
EXIT_DIFFERS, EXIT_USAGE = 1, 64
_DIFFERENCES: Final = {
    "use_without_edition": "用印记录没有对应的证照 · a use of no sealed edition",
    "use_without_file": "登记簿没有该证照的文件 · the register names no file",
    "file_not_stored": "文件不在存储中，或已损坏 · the file is not in the store, or damaged",
    "file_changed": "文件与登记的摘要不符 · the file has another digest than the register",
    "other_digest": "用印记录的摘要与文件不符 · the use was recorded for another digest",
    "use_missing": "文件上的印章没有用印记录 · a seal on the file without a record of its use",
    "seal_not_in_file": "文件上没有所记录的印章 · the file does not bear the seal recorded",
}
console = Console(width=None if sys.stdout.isatty() else 150)


@seals_commands.callback()
def _group() -> None:
    """Keep `reconcile` a command of its own."""


@seals_commands.command("reconcile")
def reconcile(
    as_json: Annotated[
        bool, typer.Option("--json", help="每个部门一行 JSON · one line each")
    ] = False,
) -> None:
    """核对用印记录与已盖章文件 · Compare uses of seals with sealed files."""
    # Here, so that other commands do not wait for these to be read in.
    from issuance.seals.reconciliation import reconcile as compare
    from yinxin.context import open_database
    from yinxin.files import EncryptedFileStore
    from yinxin.region import load_region
    from yinxin.vault import load_vault

    settings = Settings()
    database = open_database(settings)
    try:
        vault = load_vault(settings.vault_key_file or settings.data_directory / "vault.key")
        files = EncryptedFileStore(settings.data_directory / "files", vault)
        departments = load_region(settings.region).departments.values()
        with database.reading() as session:
            found = [compare(session, files, department.code) for department in departments]
    except (OSError, MalformedError, SettingsError, OperationalError) as error:
        typer.echo("yinxin: 没有可核对的数据 · there is nothing to compare here", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    finally:
        database.close()
    for entry in found:
        if as_json:
            typer.echo(json.dumps(asdict(entry) | {"agrees": entry.agrees}, ensure_ascii=False))
            continue
        mark = "[green]✓[/]" if entry.agrees else "[red]✕[/]"
        console.print(
            f"{mark} {entry.issuer_code}: {entry.uses} 次用印 · uses, {entry.documents} 份文件 · "
            f"documents, {entry.differences} 处不符 · differences"
        )
        table = Table("差异 · difference", "证照 · licence", "印章 · seal", "记录 · use")
        for one in entry.named:
            table.add_row(_DIFFERENCES[one.difference], one.licence, one.seal_id, one.use_id)
        if entry.named:
            console.print(table)
    raise typer.Exit(0 if all(entry.agrees for entry in found) else EXIT_DIFFERS)
