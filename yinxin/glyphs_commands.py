"""`yinxin glyphs`: pictures of characters that no typeface holds, as departments supply them.

`add` exits 0 when the picture is kept, 1 when it is refused, 64 when called wrongly. A running
service prints the character after its next start. Who supplied it and its digest go into the
audit chain.
"""

import re
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy.exc import OperationalError

from sealkit.errors import MalformedError
from sealkit.sm import sm3
from yinxin.glyphs import add_glyph, glyph_files, glyphs_directory, read_picture
from yinxin.settings import Settings, SettingsError

glyphs_commands = typer.Typer(help="补字 · Rare characters", no_args_is_help=True)
EXIT_REFUSED: Final = 1
EXIT_USAGE: Final = 64


@glyphs_commands.command("add")
def add(
    code: Annotated[str, typer.Argument(metavar="U+XXXXX", help="码位 · code point")],
    picture: Annotated[Path, typer.Argument(help="字形图，SVG 或 PNG · picture of it")],
    department: Annotated[str, typer.Option(help="提供部门代码 · code of who supplies it")],
    by: Annotated[str, typer.Option(help="经办人 · person who hands it in")],
) -> None:
    """登记一个字的字形图 · Keep the picture of a character."""
    # Here, so that other commands do not wait for these to be read in.
    from yinxin.audit import AuditChain
    from yinxin.context import Context, open_database
    from yinxin.region import load_region

    point = re.fullmatch(r"(?:U\+)?([0-9A-Fa-f]{4,6})", code)
    settings = Settings()
    if point is None or not picture.is_file():
        typer.echo("yinxin: 码位形如 U+30003，字形图须是文件 · U+30003 and a file", err=True)
        raise typer.Exit(EXIT_USAGE)
    database = open_database(settings)
    try:
        known = {entry.code for entry in load_region(settings.region).departments.values()}
        if department not in known:
            raise SettingsError(f"{department}: 本地区无此部门 · no department of this region")
        content = read_picture(picture)
        # The file is durable first: a record of a picture that is not there would be false.
        with database.writing() as session:
            kept = add_glyph(glyphs_directory(settings), int(point[1], 16), content)
            AuditChain().record(
                session,
                actor=by,
                act="glyph.supply",
                subject=kept.stem,
                at=Context.now(),
                detail={"department": department, "sm3": sm3.digest(content).hex()},
            )
    except (MalformedError, SettingsError) as error:
        typer.echo(f"✕ {code}: {error}", err=True)
        raise typer.Exit(EXIT_REFUSED) from error
    except (OSError, OperationalError) as error:
        typer.echo("yinxin: 没有可写入的数据 · there is no data to write to", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    finally:
        database.close()
    typer.echo(f"✓ {kept.name}：下次启动后可印 · printed after the next start")


@glyphs_commands.command("list")
def show() -> None:
    """列出已补的字 · List the characters supplied."""
    try:
        for character, path in glyph_files(glyphs_directory(Settings())).items():
            typer.echo(f"U+{ord(character):04X}\t{character}\t{path.name}")
    except SettingsError as error:
        typer.echo(f"✕ {error}", err=True)
        raise typer.Exit(EXIT_REFUSED) from error
