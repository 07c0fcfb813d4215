"""`yinxin revocation`: sign ahead what a running service would sign by itself.

Good beside a running service and without one, on a machine that has the keys.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError

from ca.errors import CAError
from yinxin.settings import Settings

if TYPE_CHECKING:
    from yinxin.revocation_answers import RevocationAnswers

EXIT_FAILED: Final = 1

commands = typer.Typer(help="证书撤销 · Certificate revocation", no_args_is_help=True)
console = Console()


@commands.command()
def presign() -> None:
    """批量预签 OCSP 应答 · Sign the OCSP answers that are missing or half used up."""
    with _answers() as answers:
        console.print(f"[green]✓[/] 已预签 {answers.presign()} 个应答 · answers signed")


@commands.command()
def lists() -> None:
    """生成到期的撤销列表 · Build the revocation lists that are due."""
    with _answers() as answers:
        answers.renew_lists(at=datetime.now(UTC))
        console.print("[green]✓[/] 撤销列表均为最新 · every revocation list is up to date")


@contextmanager
def _answers() -> Iterator["RevocationAnswers"]:
    # Here, so that commands that need no service do not wait for one to be read in.
    from yinxin.audit import AuditChain
    from yinxin.context import Context, open_database
    from yinxin.key_uses import directory_of, recorded
    from yinxin.keystores import open_keystore
    from yinxin.offline_authorities import AuthorityLists
    from yinxin.revocation_answers import RevocationAnswers

    settings = Settings()
    database = open_database(settings)
    try:
        uses = directory_of(settings.data_directory)
        keystore = recorded(open_keystore(settings), uses, Context.now)
        yield RevocationAnswers(
            keystore,
            database,
            AuditChain(),
            settings.crl_partitions,
            settings.public_url,
            Context.now,
            AuthorityLists(keystore, settings.offline_authorities),
        )
    except OperationalError as error:
        typer.echo("yinxin: there is no database yet, or it is busy", err=True)
        raise typer.Exit(EXIT_FAILED) from error
    except CAError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from error
    finally:
        database.close()
