"""`yinxin ca recover`: get an encryption key out of escrow (密钥恢复), through the API.

An operator asks and says why, two approvers agree, and the envelope is taken. It opens with
the key of the recipient's certificate alone, so whoever takes it learns nothing.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from ca.escrow.model import APPROVALS
from yinxin.remote_calls import (
    HERE,
    Account,
    AsJson,
    SecretFile,
    Server,
    UsageError,
    done,
    entry_name,
    post,
    refusals,
    save,
    signed_in,
)

PLACE: Final = "/v1/ca/key-recoveries"
_MAX_SERIAL_DIGITS: Final = 40  # 20 octets (RFC 5280, 4.1.2.2)

recovery_commands = typer.Typer(help="密钥恢复 · Key recovery", no_args_is_help=True)
console = Console(width=None if sys.stdout.isatty() else 150)

Named = Annotated[str, typer.Argument(metavar="AUTHORITY/ID", help="恢复编号 · the recovery")]


@recovery_commands.command()
def ask(
    serial: Annotated[str, typer.Argument(help="加密证书序列号 · of the encryption certificate")],
    account: Account,
    recipient: Annotated[
        str, typer.Option("--recipient", help="接收方签名证书序列号 · whose key opens the envelope")
    ],
    reason: Annotated[str, typer.Option("--reason", help="法律依据 · the legal basis")],
    authority: Annotated[str, typer.Option("--authority", help="签发机构")] = "sub_ca",
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """申请恢复密钥 · Ask for a kept key; two others have to approve."""
    with refusals():
        members = {
            "authority": authority,
            "serial": _serial(serial),
            "recipient": _serial(recipient),
            "reason": reason,
        }
        found = done(post(signed_in(server, account, secret_file), PLACE, members))
    _show(found, as_json)


@recovery_commands.command()
def show(
    recovery: Named,
    account: Account,
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """查看密钥恢复 · Show who asked, why, and who decided."""
    with refusals():
        path = f"{PLACE}/{entry_name(recovery)}"
        client = signed_in(server, account, secret_file)
        found = done(client.call("GET", path, expect_success=False))
    _show(found, as_json)


@recovery_commands.command()
def approve(
    recovery: Named,
    account: Account,
    note: Annotated[str, typer.Option("--note", help="说明 · remark")] = "",
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """批准恢复密钥 · Approve; the second approval puts the key into its envelope."""
    with refusals():
        path = f"{PLACE}/{entry_name(recovery)}/approve"
        found = done(post(signed_in(server, account, secret_file), path, {"note": note}))
    _show(found, as_json)


@recovery_commands.command()
def reject(
    recovery: Named,
    account: Account,
    note: Annotated[str, typer.Option("--note", help="理由 · why")],
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """驳回恢复密钥 · Reject; one person is enough, and says why."""
    with refusals():
        path = f"{PLACE}/{entry_name(recovery)}/reject"
        found = done(post(signed_in(server, account, secret_file), path, {"note": note}))
    _show(found, as_json)


@recovery_commands.command()
def take(
    recovery: Named,
    account: Account,
    out: Annotated[Path, typer.Option("--out", help="密钥信封文件，DER · where it goes")],
    server: Server = HERE,
    secret_file: SecretFile = None,
) -> None:
    """领取恢复的密钥 · Take the envelope (SM2EnvelopedKey) of an approved recovery."""
    with refusals():
        path = f"{PLACE}/{entry_name(recovery)}/enveloped-key"
        save(signed_in(server, account, secret_file), path, out)
    console.print(f"[green]✓[/] 已保存 · saved: {out}", highlight=False)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    approvals = sum(one["decision"] == "approve" for one in found["decisions"])
    console.print(
        f"[green]✓[/] [bold]{found['authority']}/{found['id']}[/] {found['state']}  "
        f"批准 {approvals}/{APPROVALS} · approvals",
        highlight=False,
    )
    lines = [
        f"{found['serial']} → {found['recipient']}",
        f"{found['requested_by']}  {found['requested_at']}  {found['reason']}",
        *(
            f"{one['person']}  {one['at']}  {one['decision']}  {one['note']}".rstrip()
            for one in found["decisions"]
        ),
    ]
    for line in lines:
        console.print(f"   {line}", highlight=False, markup=False)


def _serial(text: str) -> str:
    digits = set("0123456789abcdefABCDEF")
    if not text or len(text) > _MAX_SERIAL_DIGITS or not set(text) <= digits:
        raise UsageError(f"{text}: a serial number, in hexadecimal digits")
    return text
