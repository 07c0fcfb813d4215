"""Reports as people read them: one page for a clerk, a long one for an auditor, and the PDF.

The HTML form stands alone, its style inside and no script, so that it can be filed; the
policy it is served under names the digest of that style and allows nothing else.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup

from ca.keystore import Keystore
from sealkit.formats.pdf import sign_pdf
from sealkit.record import printed_form
from yinxin.beijing import clock_text
from yinxin.pages import render
from yinxin.report_pdf import draw_report
from yinxin.words import words

FACTS: Final = (
    "kind_name",
    "number",
    "identifier",
    "issuer_name",
    "holders",
    "issued_on",
    "valid_from",
    "valid_until",
    "edition",
)
"""Members of a licence's summary in the order that people read them."""

PDF_KEY: Final = "pdf_signer"
_FIELD: Final = "VerificationReport"


class DrawnReports:
    """`verification.ports.ReportPages`: templates, and the PDF sealed where the key is at hand."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore
        self._seals = PDF_KEY in keystore.names()

    @property
    def html_policy(self) -> str:
        """Allow the page's own style and our typeface, and nothing else."""
        digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; font-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )

    def html(self, members: Mapping[str, Any], *, detail: bool, signed: str | None) -> str:
        """Return the page of a report."""
        at = instant(members["at"])
        return render(
            "report_page.html",
            report=members,
            facts=licence_facts(members["licence"]),
            at_text=clock_text(at),
            signed_text=_time_text(members["signed_at"]),
            sources=source_ages(members["freshness"], at),
            detail=detail,
            signed=signed,
            style=Markup(_style()),
        )

    def pdf(self, members: Mapping[str, Any], *, signed: str | None, at: datetime) -> bytes:
        """Return the detailed report as PDF, sealed with the region's key for PDF.

        A process that holds no such key gives it without a seal; the token stays the proof.
        """
        document = draw_report(members, signed=signed, at=at)
        if not self._seals or signed is None:
            return document
        return sign_pdf(
            document,
            signer=self._keystore.signer(PDF_KEY),
            chain=(self._keystore.certificate("sub_ca").der,),
            at=at,
            field=_FIELD,
            reason=words().zh("report.title"),
        )


def licence_facts(licence: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return what a licence says of itself: name of the fact, and its text."""
    if licence is None:
        return []
    texts = dict(licence) | {"holders": "、".join(licence["holders"])}
    return [(name, printed_form(str(texts[name]))) for name in FACTS if texts.get(name)]


def source_ages(freshness: Mapping[str, str], at: datetime) -> list[tuple[str, str, int]]:
    """Return each outside source, when it was made, and its age in whole minutes."""
    made = {name: instant(text) for name, text in freshness.items()}
    return [
        (name, clock_text(time), max(0, int((at - time).total_seconds() // 60)))
        for name, time in made.items()
    ]


def instant(text: str) -> datetime:
    """Return a report's time."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _time_text(text: str | None) -> str:
    return clock_text(instant(text)) if text else ""


@cache
def _style() -> str:
    return files("yinxin").joinpath("static/report.css").read_text("utf-8")
