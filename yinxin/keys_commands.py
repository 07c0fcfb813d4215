"""`yinxin keys`: what operators do with keys, offline.

Passphrases and shares are typed or come from files; never from the command line.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from ca.errors import CAError, WrongSecretError
from ca.keystore import FileKeystore
from ca.keystores import sealing, shares
from ca.keystores.purposes import purposes_of
from ca.keystores.sealed_file import parse_sealed
from ca.keystores.secret import Secret
from ca.keystores.use_log import Head, find_fault
from sealkit.asn1.x509 import Certificate
from sealkit.errors import SealkitError
from yinxin.keystores import open_keystore, opening_of, secret_in
from yinxin.settings import Settings, SettingsError
from yinxin.usage import EXIT_USAGE

EXIT_FAILED: Final = 1
keys_commands = typer.Typer(help="密钥保管 · Key custody", no_args_is_help=True)
console = Console(width=None if sys.stdout.isatty() else 150)

SealedFile = Annotated[Path, typer.Argument(metavar="FILE", help="密钥库文件 · sealed keystore")]
OpeningFile = Annotated[
    Path | None,
    typer.Option("--opening-file", help="现有口令或分片所在文件，每行一个；不给则询问"),
]
NewPassphraseFile = Annotated[
    Path | None, typer.Option("--new-passphrase-file", help="新口令所在文件；不给则询问")
]


@keys_commands.command()
def seal(
    directory: Annotated[Path, typer.Argument(help="明文密钥目录 · plain key files")],
    file: SealedFile,
    new_passphrase_file: NewPassphraseFile = None,
) -> None:
    """封存密钥 · Seal a directory of plain keys under a passphrase."""
    with _refusals(), _new_passphrase(new_passphrase_file) as passphrase:
        if file.exists():
            raise SettingsError(f"{file} exists: choose another name")
        source = FileKeystore(directory)
        keys = {
            name: sealing.PlainKey(source.certificate(name), source.private_key(name))
            for name in source.names()
        }
        sealing.write_file(file, sealing.seal(keys, passphrase))
        for plain in keys.values():
            plain.pkcs8.wipe()
    console.print(f"[green]✓[/] 已封存 {len(keys)} 个密钥 · keys sealed: {file}")
    console.print("   请销毁明文密钥文件 · now destroy the plain key files")


@keys_commands.command()
def split(
    file: SealedFile,
    threshold: Annotated[int, typer.Option("--threshold", help="打开所需分片数 · shares needed")],
    count: Annotated[int, typer.Option("--shares", help="分片总数 · shares made")],
    out: Annotated[
        Path | None, typer.Option("--out", help="分片文件目录；不给则逐个显示 · where shares go")
    ] = None,
    opening_file: OpeningFile = None,
) -> None:
    """分片保管 · Seal anew so that any THRESHOLD of SHARES operators open it."""
    with _refusals(), opening_of(file, opening_file) as passphrase:
        made = shares.split(threshold, count)
        # Proven before anything is handed out, and handed out before it is needed.
        with sealing.unsealed(sealing.read_sealed(file), passphrase):
            pass
        _hand_out(made.shares, out)
        generation = sealing.reseal(file, passphrase, made.passphrase, shares=made.known)
        made.passphrase.wipe()
    console.print(
        f"[green]✓[/] 第 {generation} 次封存：{count} 份中任意 {threshold} 份可打开 · "
        f"any {threshold} of {count} shares open it"
    )
    _tell_of_old_copies()


@keys_commands.command()
def reseal(
    file: SealedFile,
    opening_file: OpeningFile = None,
    new_passphrase_file: NewPassphraseFile = None,
) -> None:
    """更换口令 · Seal anew under another passphrase; keys stay the same."""
    with (
        _refusals(),
        opening_of(file, opening_file) as passphrase,
        _new_passphrase(new_passphrase_file) as fresh,
    ):
        generation = sealing.reseal(file, passphrase, fresh)
    console.print(f"[green]✓[/] 第 {generation} 次封存 · sealed anew")
    _tell_of_old_copies()


@keys_commands.command("list")
def list_keys(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="密钥库文件；不给则按设置")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="每个密钥一行 JSON")] = False,
) -> None:
    """列出密钥 · List keys and what they are for; a sealed FILE is not opened, so not proven."""
    with _refusals():
        found = _certificates(file)
    if as_json:
        for name, certificate in found.items():
            typer.echo(json.dumps(_described(name, certificate), ensure_ascii=False))
        return
    table = Table("密钥 · key", "用途 · purposes", "持有者 · subject", "到期 · until")
    for name, certificate in found.items():
        told = _described(name, certificate)
        table.add_row(name, ", ".join(told["purposes"]), told["subject"], told["until"])
    console.print(table)


@keys_commands.command("verify-log")
def verify_log(
    log: Annotated[Path, typer.Argument(help="签名进程的使用记录 · the signer's log of uses")],
    head: Annotated[
        str | None, typer.Option("--head", help="曾记录的末尾，序号:摘要 · a head kept elsewhere")
    ] = None,
) -> None:
    """核对使用记录 · Walk the signer's log of uses and name the first line that does not hold."""
    with _refusals():
        fault = find_fault(log, _head(head))
    if fault is not None:
        console.print(f"[red]✕[/] 第 {fault.line} 行 · line {fault.line}: {fault.defect}")
        raise typer.Exit(EXIT_FAILED)
    console.print("[green]✓[/] 使用记录完整 · the log of uses holds")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except SettingsError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except (CAError, SealkitError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None


def _new_passphrase(file: Path | None) -> Secret:
    if file is not None:
        return secret_in(file, None)
    if not sys.stdin.isatty():
        raise SettingsError("--new-passphrase-file is absent, and nobody is there to ask")
    typed = typer.prompt("新口令 · New passphrase", hide_input=True, err=True)
    again = typer.prompt("再次输入 · Again", hide_input=True, err=True)
    if typed != again:
        raise WrongSecretError("the two passphrases differ")
    return sealing.passphrase_from(typed)


def _hand_out(lines: tuple[str, ...], out: Path | None) -> None:
    if out is not None:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number, line in enumerate(lines, start=1):
            sealing.write_file(out / f"share-{number}-of-{len(lines)}.txt", f"{line}\n".encode())
        return
    for number, line in enumerate(lines, start=1):
        typer.echo(f"密钥分片 {number}/{len(lines)} · Share\n{line}\n")
        if sys.stdin.isatty():
            typer.prompt("抄录后按回车，屏幕将清空 · Enter clears the screen", default="", err=True)
            console.clear()


def _tell_of_old_copies() -> None:
    console.print("   旧副本仍可用旧口令或旧分片打开，请销毁 · destroy older copies of the file")


def _certificates(file: Path | None) -> dict[str, Certificate]:
    if file is not None:
        entries = parse_sealed(sealing.read_sealed(file)).entries
        return {entry.name: entry.certificate for entry in entries}
    keystore = open_keystore(Settings())
    try:
        return {name: keystore.certificate(name) for name in keystore.names()}
    finally:
        keystore.close()


def _described(name: str, certificate: Certificate) -> dict[str, Any]:
    return {
        "key": name,
        "purposes": [purpose.value for purpose in purposes_of(name, certificate)],
        "subject": certificate.subject,
        "until": certificate.not_after.date().isoformat(),
    }


def _head(text: str | None) -> Head | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise SettingsError("--head: write number:digest")
    return Head(int(number), digest)
