"""`yinxin verify-report`: does a signed report hold, and what does it say.

Exits 0 when the report is one that a receipt key of the region signed, whatever its verdict
on the document; 1 when it is not, or the page around it was changed; 64 when called wrongly.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sealkit.errors import SealkitError
from sealkit.formats.pdf.attachments import attachments
from sealkit.sm import sm3
from verification.checks.chain import footing_of
from verification.paths import PathVerdict
from verification.report import Severity
from verification.signed_reports import read_report
from verification.trust import SnapshotStatus, TrustStore
from verification.verify import verify
from yinxin import offline
from yinxin.report_pdf import ATTACHMENT

EXIT_USAGE: Final = 64
_EXPECTED_OF_THE_PAGE: Final = frozenset({"content.record_absent"})


class ReportRefusedError(Exception):
    """A report that does not hold, or belongs to something else."""


def verify_report(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="签名报告：JWS、JSON 或 PDF")],
    trust: Annotated[list[Path], typer.Option("--trust", help="信任材料目录 · trust directory")],
    document: Annotated[
        Path | None, typer.Option("--document", help="被核验的文件 · the document it is about")
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help="核验时点，RFC 3339")] = None,
) -> None:
    """验证签名的核验报告 · Verify a signed verification report."""
    try:
        instant = offline.parse_instant(at) if at else datetime.now(UTC)
        store = offline.load_trust(trust)
        content = report.read_bytes()
        about = document.read_bytes() if document else None
    except (offline.UsageError, OSError) as error:
        typer.echo(f"yinxin: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from error
    try:
        members = report_in(content, store, instant)
        _require_about(members, about)
    except (SealkitError, ReportRefusedError) as error:
        typer.echo(f"✕ 报告不可信 · the report does not hold: {error}")
        raise typer.Exit(1) from error
    typer.echo(f"✓ 报告签名有效 · the signature holds: {members['region']} {members['at']}")
    typer.echo(f"  {members['verdict']}  {members['zh']}{members['en']}")
    typer.echo(f"  SM3 {members['document_sm3']}")


def report_in(content: bytes, trust: TrustStore, at: datetime) -> dict[str, Any]:
    """Return the members of the signed report in a file: a token, JSON that holds one, a PDF.

    Raises:
        SealkitError: if there is none, or it does not hold.
        ReportRefusedError: if the page of a PDF was changed after it was sealed.
    """
    token = content
    if content.startswith(b"%PDF"):
        token = attachments(content).get(ATTACHMENT, b"")
        _require_sealed_page(content, trust, at)
    elif content.lstrip().startswith(b"{"):
        token = _token_in(content)
    keys = [
        trust.certificate(der).sm2_key
        for region in trust.regions
        for der in region.receipt_signers
        if footing_of(trust, der, at=at, purpose="sign").outcome.verdict is PathVerdict.OK
    ]
    return read_report(token.decode("ascii", "replace").strip(), keys, at=at)


def _token_in(content: bytes) -> bytes:
    try:
        signed = json.loads(content)["signed"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReportRefusedError("the file holds no signed report") from error
    return str(signed).encode()


def _require_sealed_page(content: bytes, trust: TrustStore, at: datetime) -> None:
    """Refuse a PDF whose seal does not hold: it is no licence, and that is all it may lack."""
    judged = verify(
        content, trust=trust, status=SnapshotStatus(trust), log=None, register=None, at=at
    )
    faults = [
        finding.code
        for finding in judged.findings
        if finding.severity in (Severity.ERROR, Severity.UNKNOWN)
        and finding.code not in _EXPECTED_OF_THE_PAGE
    ]
    if faults:
        raise ReportRefusedError(f"the page does not hold: {', '.join(faults)}")


def _require_about(members: dict[str, Any], document: bytes | None) -> None:
    if document is None:
        return
    # An editor's line break after a code belongs to the file and not to what was verified.
    texts = {document, document.strip(b"\r\n\t")}
    if members["document_sm3"] not in {sm3.digest(text).hex() for text in texts}:
        raise ReportRefusedError("it is about another document")
