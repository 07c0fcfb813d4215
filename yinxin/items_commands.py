"""`yinxin items check`: every mistake in files of items, with file, line and remedy.

Exits 0 when there is none and 1 when there is one. The service reads the same catalogue when
it starts, and does not start with a mistake in it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from issuance.model import Kind, load_kinds
from verification.certificate_free.item_files import (
    ItemIn,
    ItemMistake,
    KindFields,
    read_item,
)
from verification.certificate_free.items import DIRECTORY, Item, load_items

items_commands = typer.Typer(help="免证办事项 · Items of certificate-free checks")
EXIT_MISTAKE, EXIT_USAGE = 1, 64


def catalogue(own: Path | None, kinds: Mapping[str, Kind]) -> Mapping[str, Item]:
    """Return the items of a service: those that come with the project, and its own.

    Raises:
        ItemFileError: with every mistake in them.
    """
    return load_items((DIRECTORY, own) if own else (DIRECTORY,), kind_fields(kinds))


def kind_fields(kinds: Mapping[str, Kind]) -> KindFields:
    """Return the fields of every kind that is issued here, by each of its codes."""
    return {
        code: {field.name: field.type for field in kind.fields}
        for kind in kinds.values()
        for code in (kind.code, *kind.aliases)
    }


@items_commands.callback()
def _group() -> None:
    """Keep `check` a command of its own."""


@items_commands.command("check")
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE...]", help="事项文件，缺省为随附的全部 · item files"),
    ] = None,
) -> None:
    """检查事项文件，列出全部错误 · List every mistake, with line and remedy."""
    kinds = kind_fields(load_kinds())
    found = 0
    for path in files or sorted(DIRECTORY.glob("*.toml")):
        try:
            document = path.read_bytes()
        except OSError as error:
            typer.echo(f"yinxin: {path}: {error.strerror}", err=True)
            raise typer.Exit(EXIT_USAGE) from error
        item, mistakes = read_item(document, path.name, kinds)
        found += len(mistakes)
        _tell(path, item, mistakes, kinds)
    raise typer.Exit(EXIT_MISTAKE if found else 0)


def _tell(
    path: Path, item: ItemIn | None, mistakes: tuple[ItemMistake, ...], kinds: KindFields
) -> None:
    for mistake in mistakes:
        place = f"{path}:{mistake.line}" if mistake.line else f"{path}"
        typer.echo(f"✕ {place}: {mistake.key}: {mistake.remedy}")
    if item is None or mistakes:
        return
    typer.echo(f"✓ {path}: {item.name_zh} · {item.name_en}")
    codes = {shown.kind for entry in item.requirements for shown in entry.shown_by}
    for code in sorted(codes - set(kinds)):
        typer.echo(f"  · 本系统不签发 {code}，未核对字段 · not issued here: fields not looked up")
