"""Search by holder and kind (检索), and what a use code then fetches (信息获取、文件下载).

Order of a search: entitled → item known → nothing asked that the item does not list → basis
holds → licences found and verified → a use code for each. No value of a licence goes out
before a code is spent; then exactly the fields that it names, and that is the use on record.
The sealed original goes out for a statutory duty only (standards/e-licence, 3.1).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from sealkit.record import Holder
from verification import repository as use_repository
from verification.certificate_free.consent import Basis, BasisKind
from verification.certificate_free.consents import Use, require_usable, spend
from verification.certificate_free.items import Item, item_of
from verification.certificate_free.questions import index_of, require_asker
from verification.certificate_free.use_log import use_digest
from verification.errors import (
    OriginalNotSharedError,
    OverAskingError,
    SourceUnavailableError,
    UnknownUseCodeError,
)
from verification.ports import Actor, VerificationServices
from verification.report import Report
from verification.sharing import use_codes
from verification.sharing.use_codes import GOOD_FOR, ORIGINAL, UseCode, id_of, new_use_code
from verification.verify import verify

MAX_LICENCES: Final = 16
"""Of one holder and kind that a search verifies and lists."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, by whom, for which case, on what basis."""

    holder: Holder
    kind_code: str
    item: str
    fields: tuple[str, ...]
    """``requirement.field`` as the item lists them."""
    case_number: str
    operator: str
    purpose: str
    basis: Basis
    original: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One licence found, without a value of it, and the code that fetches more."""

    report: Report
    use_code: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found."""

    found: tuple[Found, ...]
    complete: bool
    """Whether that is all; False when the holder has more than `MAX_LICENCES`."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a use code fetched."""

    code: UseCode
    report: Report
    document: bytes


def search(
    session: Session,
    asked: Search,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> Searched:
    """Return the holder's licences of the kind, each with a use code.

    Raises:
        NotEntitledError: if the caller may not ask.
        UnknownItemError: if the catalogue has no such item.
        OverAskingError: if the item does not list a field, or the kind.
        OriginalNotSharedError: if the file is asked for without a statutory duty.
        ConsentRefusedError: if a consent does not allow this, with the reason as its class.
        SourceUnavailableError: if the register gave no answer.
    """
    require_asker(actor)
    names = _named_fields(item_of(services.items, asked.item), asked, services)
    if asked.original and asked.basis.kind is not BasisKind.STATUTORY_DUTY:
        raise OriginalNotSharedError
    basis = _standing_basis(session, asked, actor=actor, services=services, at=at)
    held = services.licences.held(session, kind_code=asked.kind_code, holder=asked.holder)
    found = []
    for entry in held[:MAX_LICENCES]:
        report = verify(entry.document, **services.sources(session))
        code = new_use_code()
        kept = UseCode(
            region=services.region,
            id=id_of(code),
            holder=index_of(asked.holder, services),
            licence=entry.identifier,
            organisation=actor.department,
            operator=asked.operator,
            item=asked.item,
            case_number=asked.case_number,
            purpose=asked.purpose,
            basis=basis.kind.value,
            basis_reference=basis.reference,
            fields=(*names, ORIGINAL) if asked.original else names,
            issued_at=at,
            expires_at=at + GOOD_FOR,
        )
        use_codes.add(session, kept)
        _record(session, services, actor, "use_code.issued", kept, at)
        found.append(Found(report, code))
    return Searched(tuple(found), complete=len(held) <= MAX_LICENCES)


def fetch(
    session: Session,
    code: str,
    operator: str,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
    original: bool = False,
) -> Fetched:
    """Spend a use code and return what it fetches; the use is in the holder's log.

    Raises:
        NotEntitledError: if the caller may not ask.
        UseCodeError: if the code does not count; its class is the reason.
        OriginalNotSharedError: if the file is asked for with a code for fields.
        SourceUnavailableError: if the licence cannot be read now.
    """
    require_asker(actor)
    spent = use_codes.spent(session, code, operator=operator, actor=actor, services=services, at=at)
    if original and ORIGINAL not in spent.fields:
        raise OriginalNotSharedError
    source = services.documents
    document = source.document(session, spent.licence) if source else None
    if document is None:
        raise UnknownUseCodeError
    report = verify(document, **services.sources(session))
    if report.record is None:
        raise SourceUnavailableError("the licence file holds no record")
    fields = (ORIGINAL,) if original else tuple(n for n in spent.fields if n != ORIGINAL)
    used = replace(spent, fields=fields)
    _note_use(session, used, report, actor=actor, services=services, at=at)
    return Fetched(used, report, document)


def _named_fields(item: Item, asked: Search, services: VerificationServices) -> tuple[str, ...]:
    """Return the names on the licence of the item's fields that are asked for."""
    codes = services.licences.codes(asked.kind_code)
    listed = {
        f"{requirement.id}.{name}": name
        for requirement in item.requirements
        for shown in requirement.shown_by
        if shown.kind in codes
        for name in shown.fields
    }
    is_listed = any(shown.kind in codes for entry in item.requirements for shown in entry.shown_by)
    surplus = sorted(set(asked.fields) - set(listed))
    if surplus or not is_listed:
        raise OverAskingError(item.code, surplus or [asked.kind_code])
    return tuple(dict.fromkeys(listed[name] for name in asked.fields))


def _standing_basis(
    session: Session, asked: Search, *, actor: Actor, services: VerificationServices, at: datetime
) -> Basis:
    """Return the basis; a consent is found to allow this, spent, and named by its id."""
    if asked.basis.kind is not BasisKind.HOLDER_CONSENT:
        return asked.basis
    use = Use(
        holder=index_of(asked.holder, services),
        organisation=actor.department,
        item=asked.item,
        fields=asked.fields,
        case_number=asked.case_number,
    )
    consent = require_usable(session, asked.basis.reference, use, services=services, at=at)
    spend(session, consent, use, check_id=consent.id[:32], at=at)
    return Basis(BasisKind.HOLDER_CONSENT, consent.id)


def _note_use(
    session: Session,
    used: UseCode,
    report: Report,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> None:
    line: dict[str, Any] = {
        "holder": used.holder,
        "at": at.isoformat(),
        "organisation": used.organisation,
        "operator": used.operator,
        "item": used.item,
        "case_number": used.case_number,
        "basis": used.basis,
        "basis_reference": used.basis_reference,
        "fields": ",".join(used.fields),
        "check_id": used.id[:32],
        "outcome": report.verdict.value,
    }
    use_repository.add_usage(session, licences=[used.licence], **line)
    digest = use_digest(line, [used.licence]).hex()
    services.audit.record(
        session,
        actor=actor.id,
        act="licence.used",
        subject=used.id[:32],
        at=at,
        detail={"use": digest},
    )


def _record(
    session: Session,
    services: VerificationServices,
    actor: Actor,
    act: str,
    code: UseCode,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=code.id,
        at=at,
        detail={"item": code.item, "fields": ",".join(code.fields), "basis": code.basis},
    )
