"""`yinxin ca list`, `show`, `revoke`, `crl`, `register`, `calendar`: the daily work.

What only looks reads the database where it lies. What changes something goes through the API,
with an account; `register` alone works where database and keys are, after a ceremony.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.exc import OperationalError

from ca.errors import CAError
from ca.register_listing import CertificateState, ListedCertificate, Wanted, listed
from ca.repository import newest_list
from ca.revocation import Reason
from sealkit.asn1.x509 import pem_to_certificates, to_pem
from sealkit.errors import SealkitError
from yinxin import calendar, offline
from yinxin.beijing import clock_text
from yinxin.remote_calls import (
    EXIT_FAILED,
    HERE,
    Account,
    AsJson,
    SecretFile,
    Server,
    UsageError,
    content,
    done,
    post,
    refusals,
    signed_in,
)
from yinxin.settings import Settings, SettingsError
from yinxin.usage import EXIT_USAGE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

certificate_commands = typer.Typer(help="证书管理 · Certificates")
console = Console(width=None if sys.stdout.isatty() else 150)
_COLOURS: Final = {
    CertificateState.VALID: "green",
    CertificateState.REVOKED: "red",
    CertificateState.ENDED: "dim",
    CertificateState.PLANNED: "yellow",
    CertificateState.NOT_YET_VALID: "yellow",
}
Named = Annotated[str, typer.Argument(metavar="AUTHORITY/SERIAL", help="如 sub_ca/1a2b…")]


@certificate_commands.command("list")
def list_certificates(
    authority: Annotated[str | None, typer.Option("--authority", help="签发机构")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="证书策略")] = None,
    state: Annotated[
        list[CertificateState] | None, typer.Option("--state", help="状态，可多次")
    ] = None,
    subject: Annotated[str, typer.Option("--subject", help="主体名称中的文字")] = "",
    within: Annotated[
        int | None, typer.Option("--within", min=0, help="多少天内到期 · ends within so many days")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """列出证书 · List the certificates of the register."""
    wanted = Wanted(
        authority=authority,
        purpose=profile,
        subject=subject,
        states=frozenset(state or ()),
        ends_within=None if within is None else timedelta(days=within),
    )
    with _reading() as session:
        found = listed(session, wanted, at=datetime.now(UTC))
    if as_json:
        for entry in found:
            typer.echo(json.dumps(_members(entry), ensure_ascii=False))
        return
    table = Table(_whole(), "策略 · profile", "状态 · state", "主体 · subject", "到期 · ends")
    for entry in found:
        colour = _COLOURS[entry.state]
        table.add_row(
            f"{entry.authority}/{entry.serial:x}",
            entry.purpose,
            f"[{colour}]{entry.state.value}[/]",
            entry.subject,
            entry.certificate.not_after.date().isoformat() if entry.certificate else "",
        )
    console.print(table)
    console.print(f"{len(found)} 张证书 · certificates")


@certificate_commands.command("show")
def show_certificate(
    certificate: Named,
    out: Annotated[Path | None, typer.Option("--out", help="另存为 PEM · where it goes")] = None,
    as_json: AsJson = False,
) -> None:
    """查看证书 · Show one certificate: who, what for, since when, until when, revoked or not."""
    with refusals():
        authority, serial = _named(certificate)
    with _reading() as session:
        found = listed(session, Wanted(authority=authority, serial=serial), at=datetime.now(UTC))
    if not found:
        typer.echo(f"yinxin: {authority} has issued no certificate {serial:x}", err=True)
        raise typer.Exit(EXIT_FAILED)
    members = _members(found[0])
    if out is not None and found[0].certificate is not None:
        with refusals():
            if out.exists():
                raise UsageError(f"{out} exists: choose another name")
            out.write_bytes(to_pem(found[0].certificate.der, "CERTIFICATE"))
    if as_json:
        typer.echo(json.dumps(members, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in members.items():
        table.add_row(name, "" if value is None else str(value))
    console.print(table)


@certificate_commands.command("revoke")
def revoke_certificate(
    certificate: Named,
    account: Account,
    reason: Annotated[
        str, typer.Option("--reason", help=", ".join(one.name.lower() for one in Reason))
    ],
    invalid_since: Annotated[
        str | None, typer.Option("--invalid-since", help="失密时间，RFC 3339 · when it was lost")
    ] = None,
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """吊销证书 · Revoke for good: OCSP says so at once, the list within a minute."""
    with refusals():
        authority, serial = _named(certificate)
        members: dict[str, Any] = {"reason": _reason(reason)}
        if invalid_since:
            members["invalid_since"] = _instant(invalid_since).isoformat()
        client = signed_in(server, account, secret_file)
        path = f"/v1/ca/certificates/{authority}/{serial:x}/revoke"
        found = done(post(client, path, members))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    console.print(
        f"[green]✓[/] 已吊销 · revoked: {authority}/{found['serial']}  {found['reason']}  "
        f"{found['revoked_at']}",
        highlight=False,
    )


@certificate_commands.command("crl")
def revocation_lists(
    build_now: Annotated[
        str | None, typer.Option("--build-now", metavar="AUTHORITY", help="立即生成到期的列表")
    ] = None,
    account: Annotated[str | None, typer.Option("--account", envvar="YINXIN_ACCOUNT")] = None,
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """吊销列表 · Show the newest lists, or have those built that are due."""
    if build_now is not None:
        with refusals():
            if not account:
                raise UsageError("--build-now needs --account")
            client = signed_in(server, account, secret_file)
            path = f"/v1/ca/authorities/{_word(build_now)}/revocation-lists"
            built = done(post(client, path, {}))["lists"]
        console.print(f"[green]✓[/] 新生成 {len(built)} 份 · built: {', '.join(built) or '—'}")
        return
    at = datetime.now(UTC)
    from yinxin.trust import AUTHORITIES

    with _reading() as session:
        found = {name: newest_list(session, authority=name) for name in AUTHORITIES}
    if as_json:
        for name, kept in found.items():
            members = {
                "authority": name,
                "number": kept.number if kept else None,
                "this_update": kept.this_update.isoformat() if kept else None,
                "next_update": kept.next_update.isoformat() if kept else None,
                "revoked": kept.revoked if kept else None,
                "bytes": len(kept.crl) if kept else None,
                "fresh": kept is not None and at < kept.next_update,
            }
            typer.echo(json.dumps(members))
        return
    table = Table(
        "机构 · authority", "编号 · number", "签发 · issued", "下次 · next", "已吊销", "字节"
    )
    for name, kept in found.items():
        if kept is None:
            table.add_row(name, "[red]无 · none[/]")
            continue
        colour = "green" if at < kept.next_update else "red"
        table.add_row(
            name,
            str(kept.number),
            clock_text(kept.this_update),
            f"[{colour}]{clock_text(kept.next_update)}[/]",
            str(kept.revoked),
            str(len(kept.crl)),
        )
    console.print(table)


@certificate_commands.command("register")
def register_certificates(
    files: Annotated[list[Path], typer.Argument(help="别处签发的证书，PEM · issued elsewhere")],
    profile: Annotated[str, typer.Option("--profile", help="证书策略，如 sub_ca")],
) -> None:
    """登记证书 · Take certificates into the register that were issued elsewhere."""
    # Here, so that commands that need no service do not wait for one to be read in.
    from yinxin.registering import register

    with refusals():
        certificates = [one for file in files for one in _certificates(file)]
    try:
        for certificate, name in register(Settings(), certificates, profile):
            console.print(f"[green]✓[/] {name}/{certificate.serial:x}  {certificate.subject}")
    except SettingsError as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    except (CAError, SealkitError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from error


@certificate_commands.command("calendar")
def show_calendar(
    months: Annotated[int, typer.Option("--months", min=0, max=600, help="往后多少个月")] = 12,
    at: Annotated[str | None, typer.Option("--at", help="以此时点为准，RFC 3339")] = None,
    ics: Annotated[
        Path | None, typer.Option("--ics", help="另存为日历文件 · iCalendar file")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """更新日历 · What ends when, who acts by when and how: exit 1 when something is overdue."""
    with refusals():
        now = _instant(at) if at else datetime.now(UTC)
    with _reading() as session:
        entries = calendar.entries(session, Settings().data_directory, now)
    found = calendar.within(entries, now + timedelta(days=31 * months))
    if ics is not None:
        ics.write_bytes(calendar.icalendar(found, made_at=now))
    lines = [calendar.described(entry, now) for entry in found]
    if as_json:
        for line in lines:
            typer.echo(json.dumps(line, ensure_ascii=False))
    else:
        _print_calendar(lines)
    raise typer.Exit(EXIT_FAILED if any(line["urgency"] == "overdue" for line in lines) else 0)


def _print_calendar(lines: Iterable[dict[str, str]]) -> None:
    colours = {"overdue": "red", "due": "yellow", "later": "dim"}
    table = Table(
        "何时办 · act by", "到期 · ends", "什么 · what", _whole(), "谁 · who", "命令 · command"
    )
    for line in lines:
        colour = colours[line["urgency"]]
        table.add_row(
            f"[{colour}]{line['act_by'][:10]} {line['urgency_zh']}[/]",
            line["ends"][:10],
            f"{line['thing_zh']} {line['words']}",
            line["name"],
            line["who"],
            line["act"].replace("[", "\\["),
        )
    console.print(table)


def _whole() -> Column:
    """A column whose text is needed whole: it goes on in the next line."""
    return Column("编号 · name", overflow="fold", min_width=24)


def _members(entry: ListedCertificate) -> dict[str, Any]:
    certificate, revocation = entry.certificate, entry.revocation
    return {
        "authority": entry.authority,
        "serial": f"{entry.serial:x}",
        "profile": entry.purpose,
        "state": entry.state.value,
        "subject": entry.subject,
        "issuer": certificate.issuer if certificate else None,
        "valid_from": certificate.not_before.isoformat() if certificate else None,
        "valid_until": certificate.not_after.isoformat() if certificate else None,
        "sm3": certificate.fingerprint.hex() if certificate else None,
        "revoked_at": revocation.at.isoformat() if revocation else None,
        "reason": Reason(revocation.reason or 0).name.lower() if revocation else None,
        "invalid_since": (
            revocation.invalid_since.isoformat()
            if revocation and revocation.invalid_since
            else None
        ),
    }


def _named(text: str) -> tuple[str, int]:
    authority, slash, serial = text.partition("/")
    try:
        number = int(serial, 16) if slash and serial.isalnum() and len(serial) <= 40 else None
    except ValueError:
        number = None
    if number is None:
        raise UsageError(f"{text}: AUTHORITY/SERIAL, such as sub_ca/1a2b…")
    return _word(authority), number


def _word(text: str) -> str:
    if not text or not text.isascii() or not text.replace("_", "").isalnum():
        raise UsageError(f"{text}: the name of an authority, such as sub_ca")
    return text


def _reason(text: str) -> str:
    from ca.revocation_answers.schemas import ReasonName

    if text.upper() not in ReasonName.__members__:
        known = ", ".join(one.name.lower() for one in Reason)
        raise UsageError(f"--reason {text}: one of {known}")
    return ReasonName[text.upper()].value


def _instant(text: str) -> datetime:
    try:
        return offline.parse_instant(text)
    except offline.UsageError as error:
        raise UsageError(str(error)) from error


def _certificates(file: Path) -> list[Any]:
    try:
        found = pem_to_certificates(content(file))
    except (SealkitError, ValueError) as error:
        raise UsageError(f"{file}: no certificate in PEM") from error
    if not found:
        raise UsageError(f"{file}: no certificate in PEM")
    return found


@contextmanager
def _reading() -> Iterator["Session"]:
    # Here, so that commands that need no database do not wait for one.
    from yinxin.context import open_database

    database = open_database(Settings())
    try:
        with database.reading() as session:
            yield session
    except OperationalError as error:
        typer.echo("yinxin: there is no database of this version to look at", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    finally:
        database.close()
