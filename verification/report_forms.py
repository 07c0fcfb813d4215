"""The forms that a report goes out in: JSON, a page for clerks or auditors, PDF, signed token.

What is drawn for people is drawn by the roof (`ReportPages`); every form is made of the same
members. Nothing of the document is kept.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from verification.errors import ReportFormError
from verification.ports import ReportPages, VerificationServices
from verification.presentations.notes import note_on
from verification.report import Report
from verification.signed_reports import report_members, sign_report


class ReportForm(StrEnum):
    """What the answer looks like."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    JWS = "jws"
    """The signed token alone."""


MEDIA_TYPES: Final[Mapping[ReportForm, str]] = MappingProxyType(
    {
        ReportForm.JSON: "application/json",
        ReportForm.HTML: "text/html",
        ReportForm.PDF: "application/pdf",
        ReportForm.JWS: "application/jose",
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What form the caller asked for."""

    form: ReportForm
    detail: bool
    """Every rule, chain and source; the PDF always has them."""
    signed: bool


@dataclass(frozen=True, slots=True)
class FormedReport:
    """A report in one form, ready to be sent."""

    content: bytes
    media_type: str
    headers: Mapping[str, str]


def form_wished(asked: ReportForm | None, accept: str) -> ReportForm:
    """Return the form asked for, else the first one that `accept` names, else JSON."""
    if asked is not None:
        return asked
    wanted = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    named = {media_type: form for form, media_type in MEDIA_TYPES.items()}
    return next((named[part] for part in wanted if part in named), ReportForm.JSON)


def formed_report(
    report: Report, document: bytes, wish: Wish, services: VerificationServices
) -> FormedReport:
    """Return `report` on `document` in the form wished.

    Raises:
        ReportFormError: if nobody here draws that form.
    """
    members = _members(report, document, wish, services)
    signed = None
    if wish.signed or wish.form is ReportForm.JWS:
        full = members if "rules" in members else report_members_of(report, document, services)
        signed = sign_report(full, services.receipt_signer, at=report.at)
    media_type = MEDIA_TYPES[wish.form]
    if wish.form is ReportForm.JWS:
        return FormedReport((signed or "").encode(), media_type, {})
    if wish.form is ReportForm.JSON:
        answer = members | ({"signed": signed} if signed else {})
        return FormedReport(json.dumps(answer, ensure_ascii=False).encode(), media_type, {})
    pages = _pages(services)
    if wish.form is ReportForm.HTML:
        page = pages.html(members, detail=wish.detail, signed=signed)
        headers = {"Content-Security-Policy": pages.html_policy}
        return FormedReport(page.encode(), f"{media_type}; charset=utf-8", headers)
    headers = {"Content-Disposition": 'inline; filename="verification-report.pdf"'}
    return FormedReport(pages.pdf(members, signed=signed, at=report.at), media_type, headers)


def report_members_of(
    report: Report, document: bytes, services: VerificationServices
) -> dict[str, Any]:
    """Return all that can be said of a report: the signed form's members and the note."""
    return report_members(report, document, region=services.region) | _note(report)


def _members(
    report: Report, document: bytes, wish: Wish, services: VerificationServices
) -> dict[str, Any]:
    if wish.form is ReportForm.JSON and not wish.detail:
        return report.to_dict() | _note(report)
    return report_members_of(report, document, services)


def _note(report: Report) -> dict[str, Any]:
    note = note_on(report)
    return {"note": {"zh": note.zh, "en": note.en} if note else None}


def _pages(services: VerificationServices) -> ReportPages:
    if services.report_pages is None:
        raise ReportFormError
    return services.report_pages
