"""The command line: `yinxin verify`, `serve`, `demo`, `audit`.

`yinxin verify` exits 0 when every file is valid, 1 when one is invalid, 2 when one cannot
be judged and none is invalid, and 64 when it was called wrongly.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from yinxin import offline
from yinxin.archive_commands import archive_commands
from yinxin.backup_commands import backup_commands
from yinxin.batch_commands import batch_commands
from yinxin.ca_commands import ca_commands
from yinxin.doctor_commands import doctor
from yinxin.glyphs_commands import glyphs_commands
from yinxin.items_commands import items_commands
from yinxin.keys_commands import keys_commands
from yinxin.kinds_commands import kinds_commands
from yinxin.log_commands import log_commands
from yinxin.logs import configure_logs
from yinxin.report_commands import verify_report
from yinxin.revocation_commands import commands as revocation_commands
from yinxin.seals_commands import seals_commands
from yinxin.settings import Settings
from yinxin.signer_commands import signer
from yinxin.usage import Commands
from yinxin.work_commands import work

main = typer.Typer(
    name="yinxin",
    cls=Commands,
    help="印信：电子证照与电子印章信任服务 · Electronic licence and seal trust service",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit_commands = typer.Typer(help="审计 · Audit", no_args_is_help=True)
main.add_typer(audit_commands, name="audit")
main.add_typer(archive_commands, name="archive")
main.add_typer(backup_commands, name="backup")
main.add_typer(ca_commands, name="ca")
main.add_typer(batch_commands, name="batch")
main.add_typer(keys_commands, name="keys")
main.add_typer(items_commands, name="items")
main.add_typer(glyphs_commands, name="glyphs")
main.add_typer(kinds_commands, name="kinds")
main.add_typer(log_commands, name="log")
main.add_typer(seals_commands, name="seals")
main.add_typer(revocation_commands, name="revocation")
main.command()(signer)
main.command()(doctor)
main.command()(work)
main.command()(verify_report)

EXIT_CODES = {"valid": 0, "invalid": 1, "cannot_say": 2}
EXIT_USAGE = 64
_MARKS = {"valid": "[green]✓[/]", "invalid": "[red]✕[/]", "cannot_say": "[yellow]?[/]"}
# Tables are read in logs too, where no terminal says how wide it is.
console = Console(width=None if sys.stdout.isatty() else 150)


@main.command()
def verify(
    documents: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="OFD、PDF、照片、文本文件，或二维码内容、证照标识"),
    ],
    trust: Annotated[
        list[Path] | None, typer.Option("--trust", help="信任材料目录，可多次 · trust directory")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="核验时点，RFC 3339 · time to judge at")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="每个文件一行 JSON")] = False,
    bundle_file: Annotated[
        Path | None, typer.Option("--offline", help="离线信任包 · trust bundle to work from")
    ] = None,
    root: Annotated[
        Path | None, typer.Option("--root", help="信任包必须依据的根证书 · root it must stand on")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="某日（北京时间）终了时是否有效 · valid on that day")
    ] = None,
    slip: Annotated[
        str | None, typer.Option("--slip", help="状态凭条 CS1:… · status slip shown beside it")
    ] = None,
    days: Annotated[
        list[Path] | None, typer.Option("--day", help="该日冻结状态列表，旁有 .proof · frozen list")
    ] = None,
    proof: Annotated[
        Path | None, typer.Option("--proof", help="随证照所附日志证明 · log proof beside it")
    ] = None,
) -> None:
    """核验证照 · Verify licences, offline, with the trust material given."""
    try:
        if proof and len(documents) != 1:
            raise offline.UsageError("--proof is of one document")
        instant = offline.parse_instant(at) if at else datetime.now(UTC)
        bundle = offline.load_bundle(bundle_file, root, instant) if bundle_file else None
        question = offline.Question(
            trust=bundle.trust if bundle else offline.load_trust(trust or []),
            at=instant,
            bundle=bundle,
            valid_on=offline.parse_day_asked(on) if on else None,
            days=offline.FrozenDays(days) if days else None,
            slip=slip,
            proof=offline.load_proof(proof) if proof else None,
        )
    except offline.UsageError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    worst = "valid"
    for name in documents:
        answer = offline.answered(name, question)
        if as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False))
        else:
            _print_answer(answer)
        worst = offline.worse(worst, answer["verdict"])
    raise typer.Exit(EXIT_CODES[worst])


@main.command()
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="端口")] = None,
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="先生成演示数据 · make demonstration data first")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="服务进程数，每核一个 · serving processes")
    ] = 1,
) -> None:
    """启动服务 · Start the service."""
    from issuance.errors import KindFileError
    from yinxin.serving import serve as run

    configure_logs()
    given = {"host": host, "port": port, "demonstration": demonstration or None}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        run(Settings(**changes), console, workers=workers)
    except KindFileError as error:
        typer.echo(f"yinxin: 服务未启动 · the service did not start\n✕ {error}", err=True)
        raise typer.Exit(1) from error


@main.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="结果目录 · where the files go")] = Path(
        "out/demo"
    ),
) -> None:
    """演示全链条 · Perform the whole chain and leave its files."""
    from yinxin.demonstration.story import perform

    configure_logs(quiet=True)
    raise typer.Exit(0 if perform(out, console) else 1)


@audit_commands.command("verify")
def audit_verify() -> None:
    """检查审计链 · Walk the audit chain and name the first broken row."""
    from ca.errors import CAError
    from yinxin.audit_heads import find_audit_fault
    from yinxin.context import open_database
    from yinxin.key_uses import directory_of, find_key_use_fault
    from yinxin.keystores import open_keystore

    # The database alone: nothing is signed, published or resumed beside a running service.
    settings = Settings()
    database = open_database(settings)
    try:
        keys = open_keystore(settings)
        with database.reading() as session:
            fault = find_audit_fault(session, keys.certificate("audit").sm2_key)
            use = find_key_use_fault(session, directory_of(settings.data_directory))
    except CAError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    except OperationalError as error:
        typer.echo("yinxin: there is no database to verify yet", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    finally:
        database.close()
    if fault:
        console.print(f"[red]✕[/] audit record {fault.sequence}: {fault.defect}")
    if use:
        console.print(f"[red]✕[/] key use {use.line}: {use.defect}")
    if fault or use:
        raise typer.Exit(1)
    console.print("[green]✓[/] 审计链完整 · the audit chain holds")


def _print_answer(answer: offline.Answer) -> None:
    verdict = answer["verdict"]
    console.print(f"{_MARKS[verdict]} [bold]{answer['zh']}[/] · {answer['en']}  {answer['file']}")
    licence = answer.get("licence")
    if licence:
        console.print(f"   {licence['kind_name']}  {licence['number']}  {licence['issuer_name']}")
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 3))
    for finding in answer["findings"]:
        table.add_row(finding["code"], f"{finding['zh']}\n[dim]{finding['en']}[/]")
    if answer["findings"]:
        console.print(table)
    for entry in answer["unchecked"]:
        console.print(f"   [dim]{entry['zh']} · {entry['en']}[/]")


if __name__ == "__main__":
    main()
