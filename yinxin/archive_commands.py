"""`yinxin archive`: export packages, verify one without a service, stamp one again."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.exc import OperationalError

from ca.errors import CAError
from sealkit.errors import SealkitError
from verification.verify import verify as judge
from yinxin import offline
from yinxin.settings import Settings, SettingsError
from yinxin.usage import EXIT_USAGE

EXIT_CODES: Final = {"valid": 0, "invalid": 1, "cannot_say": 2}
EXIT_FAILED: Final = 1
MAX_PACKAGE_BYTES: Final = 64 * 1024 * 1024
archive_commands = typer.Typer(help="单套归档 · Archive packages", no_args_is_help=True)
console = Console(width=None if sys.stdout.isatty() else 150)


@archive_commands.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="归档目录 · where packages go")],
    licences: Annotated[
        list[str] | None, typer.Argument(help="电子证照标识；与 --all 二选一 · identifiers")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="所有已发布版本 · every edition")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", help="此时点之后发布的，RFC 3339 · published since")
    ] = None,
) -> None:
    """导出归档包 · Export packages; what lies in OUT already is passed over, so it can go on."""
    # Here, so that `verify` needs no service.
    from yinxin.archiving import export_archives

    with _refusals():
        if bool(licences) is (everything or since is not None):
            raise offline.UsageError("name licences, or give --all or --since")
        begun = offline.parse_instant(since) if since else None
        out.mkdir(parents=True, exist_ok=True)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("归档 · archiving", total=None)
            made = kept = 0
            for step in export_archives(Settings(), out, licences or None, begun):
                progress.update(task, total=step.total, advance=1)
                made, kept = made + step.made, kept + (not step.made)
    console.print(
        f"[green]✓[/] 新归档 {made} 件，已有 {kept} 件 · archived {made}, {kept} were there"
    )


@archive_commands.command("verify")
def verify(
    package: Annotated[Path, typer.Argument(help="归档包 · the package")],
    trust_directories: Annotated[
        list[Path],
        typer.Option("--trust", help="您所信任的地区信任材料目录，可多次 · trust directories"),
    ],
    at: Annotated[str | None, typer.Option("--at", help="核验时点，RFC 3339，缺省为现在")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="一行 JSON")] = False,
) -> None:
    """核验归档包 · Verify without a service: exit 0 valid, 1 invalid, 2 cannot say."""
    with _refusals():
        moment = offline.parse_instant(at) if at else datetime.now(UTC)
        trust = offline.load_trust(trust_directories)
        content = _read(package)
    report = judge(content, trust=trust, status=None, log=None, register=None, at=moment)
    answer = report.to_dict()
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print(package, answer)
    raise typer.Exit(EXIT_CODES[answer["verdict"]])


@archive_commands.command("renew")
def renew(
    package: Annotated[Path, typer.Argument(help="归档包 · the package")],
    out: Annotated[Path, typer.Option("--out", help="续加时间戳后的归档包，须不存在")],
) -> None:
    """续加时间戳 · Stamp a package again, before the last stamp's certificate ends."""
    from yinxin.archiving import stamped_again

    with _refusals():
        if out.exists():
            raise offline.UsageError(f"{out} exists: choose another name")
        content = stamped_again(Settings(), _read(package))
        out.write_bytes(content)
    console.print(f"[green]✓[/] 已续加时间戳 · stamped again: {out}", highlight=False)


def _print(package: Path, answer: dict[str, Any]) -> None:
    marks = {"valid": "[green]✓[/]", "invalid": "[red]✕[/]", "cannot_say": "[yellow]?[/]"}
    console.print(f"{marks[answer['verdict']]} [bold]{answer['zh']}[/] · {answer['en']}  {package}")
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 3))
    for finding in answer["findings"]:
        table.add_row(finding["code"], f"{finding['zh']}\n[dim]{finding['en']}[/]")
    console.print(table)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            content = source.read(MAX_PACKAGE_BYTES + 1)
    except OSError as error:
        raise offline.UsageError(f"{file}: {error.strerror}") from error
    if len(content) > MAX_PACKAGE_BYTES:
        raise offline.UsageError(f"{file}: too large")
    return content


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (offline.UsageError, SettingsError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except OperationalError:
        typer.echo("yinxin: there is no database of this version to look at", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except (CAError, SealkitError, LookupError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
