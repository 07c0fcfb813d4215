"""`yinxin ca enrol`, `requests`, `approve`, `reject`, `withdraw`, `collect`: through the API.

Whoever calls signs in with an account of the service, so that the same rules hold and the
same records are kept as over HTTP. `yinxin ca issue-approved` alone works without it: on a
machine that has the authority's key and the database.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from ca.errors import CAError
from sealkit.sm import sm3
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
    entry_name,
    post,
    refusals,
    save,
    signed_in,
    text,
)
from yinxin.settings import Settings, SettingsError

PLACE: Final = "/v1/ca/enrolments"
_NAME_KINDS: Final = ("C", "ST", "L", "O", "OU", "CN")

enrolment_commands = typer.Typer(help="证书申请 · Enrolment")
console = Console(width=None if sys.stdout.isatty() else 150)

Named = Annotated[str, typer.Argument(metavar="AUTHORITY/ID", help="申请编号 · the enrolment")]
Note = Annotated[str, typer.Option("--note", help="理由 · why")]


@enrolment_commands.command()
def enrol(
    request: Annotated[Path, typer.Argument(help="PKCS#10 请求，PEM；交叉认证则为对方 CA 证书")],
    account: Account,
    profile: Annotated[str, typer.Option("--profile", help="证书策略，如 seal_signer")],
    renews: Annotated[str | None, typer.Option("--renews", help="更新：原证书序列号")] = None,
    rekeys: Annotated[str | None, typer.Option("--rekeys", help="换密钥：原证书序列号")] = None,
    old_key_signature: Annotated[
        Path | None, typer.Option("--old-key-signature", help="原密钥对请求 DER 的签名文件")
    ] = None,
    host: Annotated[list[str] | None, typer.Option("--host", help="主机名，可多次")] = None,
    address: Annotated[list[str] | None, typer.Option("--address", help="IP，可多次")] = None,
    permit: Annotated[
        list[str] | None, typer.Option("--permit", help="允许签发的名称，如 C=CN,O=…，可多次")
    ] = None,
    organisation_code: Annotated[
        str | None, typer.Option("--organisation-code", help="统一社会信用代码")
    ] = None,
    not_after: Annotated[str | None, typer.Option("--not-after", help="到期，RFC 3339")] = None,
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """提交证书申请 · Ask for a certificate; the same request again is the same enrolment."""
    with refusals():
        members: dict[str, Any] = {"profile": profile, "request": text(request)}
        if old_key_signature is not None:
            signature = base64.b64encode(content(old_key_signature))
            members["old_key_signature"] = signature.decode()
        said = {
            "renews": renews,
            "rekeys": rekeys,
            "organisation_code": organisation_code,
            "not_after": not_after,
            "dns_names": host,
            "ip_addresses": address,
            "permitted_names": [_name(one) for one in permit or []],
        }
        members |= {name: value for name, value in said.items() if value}
        # Drawn from what is asked for, so that a repeated command asks for nothing new.
        digest = sm3.digest(json.dumps(members, sort_keys=True).encode()).hex()
        headers = {"Idempotency-Key": f"cli-{digest}"}
        client = signed_in(server, account, secret_file)
        found = done(post(client, PLACE, members, headers))
    _show(found, as_json)


@enrolment_commands.command("requests")
def list_requests(
    account: Account,
    authority: Annotated[str, typer.Option("--authority", help="签发机构")] = "sub_ca",
    state: Annotated[list[str] | None, typer.Option("--state", help="状态，可多次")] = None,
    after: Annotated[str, typer.Option("--after", help="从此编号之后 · from here on")] = "",
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """列出证书申请 · List a hundred requests, the submitted ones unless --state says others."""
    with refusals():
        client = signed_in(server, account, secret_file)
        states = "".join(f"&state={one}" for one in state or ["submitted"])
        query = f"{PLACE}?authority={authority}&after={after}{states}"
        found = done(client.call("GET", query, expect_success=False))["enrolments"]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("申请 · request", "状态", "策略 · profile", "主体 · subject", "提交 · by", "批准")
    for entry in found:
        approvals = sum(one["decision"] == "approve" for one in entry["decisions"])
        table.add_row(
            f"{entry['authority']}/{entry['id']}",
            entry["state"],
            entry["profile"],
            ",".join(f"{kind}={text}" for kind, text in entry["subject"].items()),
            entry["submitted_by"],
            f"{approvals}/{entry['approvals_needed']}",
        )
    console.print(table)


@enrolment_commands.command()
def approve(
    enrolment: Named,
    account: Account,
    fingerprint: Annotated[
        str | None, typer.Option("--fingerprint", help="交叉认证：从对方取得的证书 SM3 指纹")
    ] = None,
    note: Note = "",
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """批准证书申请 · Approve; the last approval needed issues the certificate."""
    members = {"note": note} | ({"fingerprint": fingerprint} if fingerprint else {})
    _decide("approve", enrolment, members, server, account, secret_file, as_json)


@enrolment_commands.command()
def reject(
    enrolment: Named,
    account: Account,
    note: Note,
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """驳回证书申请 · Reject, and say why."""
    _decide("reject", enrolment, {"note": note}, server, account, secret_file, as_json)


@enrolment_commands.command()
def withdraw(
    enrolment: Named,
    account: Account,
    note: Note,
    server: Server = HERE,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """撤回证书申请 · Withdraw what one has submitted."""
    _decide("withdraw", enrolment, {"note": note}, server, account, secret_file, as_json)


@enrolment_commands.command()
def collect(
    enrolment: Named,
    account: Account,
    out: Annotated[Path, typer.Option("--out", help="证书文件，PEM · where it goes")],
    encryption_out: Annotated[
        Path | None, typer.Option("--encryption-out", help="双证书：加密证书文件，PEM")
    ] = None,
    key_out: Annotated[
        Path | None, typer.Option("--key-out", help="双证书：加密密钥信封文件，DER")
    ] = None,
    server: Server = HERE,
    secret_file: SecretFile = None,
) -> None:
    """领取证书 · Take the certificate of an issued enrolment, and what goes with it."""
    wanted = {
        "certificate.pem": out,
        "encryption-certificate.pem": encryption_out,
        "enveloped-key": key_out,
    }
    with refusals():
        client = signed_in(server, account, secret_file)
        for name, file in wanted.items():
            if file is not None:
                save(client, f"{PLACE}/{entry_name(enrolment)}/{name}", file)
                console.print(f"[green]✓[/] 已保存 · saved: {file}", highlight=False)


@enrolment_commands.command("issue-approved")
def issue_approved() -> None:
    """签发已批准的申请 · Sign what is approved, where the authority's key is at hand."""
    # Here, so that commands that need no service do not wait for one to be read in.
    from ca.enrolment import issuing
    from yinxin.audit import AuditChain
    from yinxin.context import Context, open_database
    from yinxin.enrolment import enrolment_services
    from yinxin.keystores import open_keystore

    settings = Settings()
    database = open_database(settings)
    try:
        services = enrolment_services(settings, open_keystore(settings), AuditChain())
        with database.writing() as session:
            resumed = issuing.resume(session, services, at=Context.now())
    except OperationalError as error:
        typer.echo("yinxin: there is no database yet, or it is busy", err=True)
        raise typer.Exit(EXIT_FAILED) from error
    except (CAError, SettingsError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from error
    finally:
        database.close()
    for entry in resumed:
        mark = f"[yellow]?[/] {entry.waits_for}" if entry.waits_for else "[green]✓[/]"
        console.print(f"{mark} {entry.key}", highlight=False)
    issued = sum(entry.waits_for is None for entry in resumed)
    console.print(f"已签发 {issued} 张 · issued; 等待 {len(resumed) - issued} · waiting")
    raise typer.Exit(EXIT_FAILED if issued < len(resumed) else 0)


def _decide(
    step: str,
    enrolment: str,
    members: dict[str, str],
    server: str,
    account: str,
    secret_file: Path | None,
    as_json: bool,
) -> None:
    with refusals():
        client = signed_in(server, account, secret_file)
        found = done(post(client, f"{PLACE}/{entry_name(enrolment)}/{step}", members))
    _show(found, as_json)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    approvals = sum(one["decision"] == "approve" for one in found["decisions"])
    name = f"{found['authority']}/{found['id']}"
    console.print(
        f"[green]✓[/] [bold]{name}[/] {found['state']}  "
        f"批准 {approvals}/{found['approvals_needed']} · approvals",
        highlight=False,
    )
    subject = ",".join(f"{kind}={text}" for kind, text in found["subject"].items())
    console.print(f"   {found['profile']}  {subject}", highlight=False, markup=False)
    console.print(f"   SM3(request) {found['request_digest']}", highlight=False)
    if found["serial"]:
        console.print(f"   serial {found['serial']}", highlight=False)


def _name(text: str) -> dict[str, str]:
    parts = [part.partition("=") for part in text.split(",")]
    if any(kind not in _NAME_KINDS or not value for kind, _equals, value in parts):
        raise UsageError(f"--permit {text}: as C=CN,O=…")
    return {kind: value for kind, _equals, value in parts}
