"""Making an annotated copy: asked by the holder, signed by the region, for one use and a time.

Rules:
* Only a holder of the licence has a copy made, of an edition that is active and not yet over.
* Purpose and recipient are named; the copy ends after a day, thirty at most (standards, 3.1).
* The file is signed while no transaction is open, checked by our own verifier, handed out once
  and not kept. What was made is: its note, sealed, and the digest of the file.
"""

import base64
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from issuance import personal_data, repository, status
from issuance.application_data import BEIJING, today
from issuance.copies.rows import MadeCopy, add_copy, copies_of, count_since
from issuance.entitlement import CLERK, HOLDER, REVIEWER, require_role
from issuance.errors import (
    DataProblem,
    InvalidDataError,
    RefusedByVerifierError,
    TooManyCopiesError,
    TransitionError,
    UnknownLicenceError,
)
from issuance.licence_record import record_of
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition
from issuance.render.annotation import Annotation
from issuance.render.copy_page import render_copy
from issuance.render.errors import MissingGlyphError, TextDoesNotFitError
from issuance.render.seal_picture import SealImage
from issuance.sealing import SM2_FIELD, seal_image
from issuance.seals.register import find_seal
from issuance.sentences import sentence
from issuance.states import EditionState
from sealkit.copy_note import CopyNote
from sealkit.formats.pdf.signing import sign_pdf
from sealkit.record import LicenceRecord
from sealkit.sm import sm3
from verification.report import Severity
from verification.verify import verify

MAX_TEXT: Final = 60
"""Most characters of purpose and of recipient: they stand across the page."""
DEFAULT_LIFE: Final = timedelta(hours=24)
LONGEST_LIFE: Final = timedelta(days=30)
MOST_IN_A_DAY: Final = 20
"""Copies of one licence."""
MOST_LISTED: Final = 200
_ID_BYTES: Final = 10
_NOT_ASKED: Final = frozenset({"status.source_missing"})
"""The register was asked instead."""

Opening = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """What a holder asks for."""

    purpose: str
    recipient: str
    life: timedelta = DEFAULT_LIFE


@dataclass(frozen=True, slots=True)
class CopyFile:
    """A finished copy."""

    note: CopyNote
    document: bytes = field(repr=False)
    """PDF."""


@dataclass(frozen=True, slots=True)
class _Work:
    edition: Edition
    record: LicenceRecord = field(repr=False)
    seal: SealImage = field(repr=False)


def make_copy(
    opening: Opening,
    services: IssuanceServices,
    identifier: str,
    asked: CopyRequest,
    *,
    actor: Actor,
    at: datetime,
) -> CopyFile:
    """Make a copy of the caller's own licence; `opening` gives short transactions.

    Raises:
        NotEntitledError: if the caller is no holder.
        UnknownLicenceError: if there is no such licence of the caller's.
        TransitionError: if the edition is not active, or over.
        InvalidDataError: if purpose, recipient or life is not fit to print.
        TooManyCopiesError: if as many were made today as may be.
        RefusedByVerifierError: if our own verifier does not call the copy what it should be.
    """
    require_role(actor, "have a copy made", HOLDER)
    with opening() as session:
        work = _load(session, services, identifier, actor, at)
    _require_sound(asked)
    note = _note(services, work, asked, actor, at)
    document = _signed(services, work, note, at)
    _check(services, document, at)
    with opening() as session:
        again = _load(session, services, identifier, actor, at)
        if again.edition.key != work.edition.key:
            raise UnknownLicenceError
        _store(session, services, work.edition, note, document, actor, at)
    return CopyFile(note, document)


def made_copies(
    session: Session, services: IssuanceServices, identifier: str, *, actor: Actor, at: datetime
) -> tuple[CopyNote, ...]:
    """Return the notes of the newest copies of a licence to its holder, or to the issuer.

    Raises:
        NotEntitledError: if the caller is neither holder nor of the issuer's people.
        UnknownLicenceError: if there is no such licence of the caller's.
    """
    require_role(actor, "list copies", HOLDER, CLERK, REVIEWER)
    edition = repository.edition_by_identifier(session, identifier)
    if edition is None or edition.published_at is None:
        raise UnknownLicenceError
    if HOLDER in actor.roles:
        _require_own(session, services, edition, actor)
    elif actor.department != edition.issuer_code:
        raise UnknownLicenceError
    services.audit.record(
        session,
        actor=actor.id,
        act="copy.list",
        subject=edition.identifier,
        at=at,
        detail={"kind": edition.kind},
    )
    found = copies_of(session, edition.key, limit=MOST_LISTED)
    return tuple(_opened(services, copy) for copy in found)


def _load(
    session: Session, services: IssuanceServices, identifier: str, actor: Actor, at: datetime
) -> _Work:
    edition = repository.edition_by_identifier(session, identifier)
    if edition is None or edition.published_at is None:
        raise UnknownLicenceError
    _require_own(session, services, edition, actor)
    if edition.state is not EditionState.ACTIVE:
        raise TransitionError(f"licence {identifier}", edition.state.value, "copy it")
    if not edition.valid_from <= today(at).isoformat() <= edition.valid_until:
        raise TransitionError(f"licence {identifier}", "outside its dates", "copy it")
    if count_since(session, edition.key, at - timedelta(days=1)) >= MOST_IN_A_DAY:
        raise TooManyCopiesError(MOST_IN_A_DAY)
    plan = repository.plan(session, edition.key)
    if plan is None:
        raise UnknownLicenceError
    seal = find_seal(session, edition.issuer_code, plan.seal_id)
    return _Work(edition, record_of(services.vault, edition), seal_image(seal))


def _require_own(
    session: Session, services: IssuanceServices, edition: Edition, actor: Actor
) -> None:
    """Let nobody learn of a licence that is another's."""
    person = actor.identified_as
    indexes = repository.holder_indexes(session, edition.key)
    if person is None or personal_data.holder_index(services.vault, person) not in indexes:
        raise UnknownLicenceError


def _require_sound(asked: CopyRequest) -> None:
    problems = []
    for name, text in (("purpose", asked.purpose), ("recipient", asked.recipient)):
        if not 1 <= len(text.strip()) <= MAX_TEXT or not text.isprintable():
            problems.append(_problem(name, "data.copy.text"))
    if not timedelta(minutes=1) <= asked.life <= LONGEST_LIFE:
        problems.append(_problem("hours", "data.copy.life"))
    if problems:
        raise InvalidDataError(problems)


def _note(
    services: IssuanceServices, work: _Work, asked: CopyRequest, actor: Actor, at: datetime
) -> CopyNote:
    edition, record = work.edition, work.record
    made = at.astimezone(UTC).replace(microsecond=0)
    creator = actor.identified_as
    return CopyNote(
        copy_id=f"YXC-{base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode()}",
        identifier=edition.identifier,
        record_digest=edition.record_digest.hex(),
        kind_code=edition.kind_code,
        kind_name=edition.kind_name,
        region=record.region,
        issuer_code=edition.issuer_code,
        issuer_name=edition.issuer_name,
        valid_from=edition.valid_from,
        valid_until=edition.valid_until,
        status=status.slot_of(services, edition.issuer_code, edition.list_number, edition.slot),
        copy_cause=asked.purpose.strip(),
        recipient=asked.recipient.strip(),
        copy_creator=personal_data.holders_masked([creator]) if creator else "",
        copy_create_time=made,
        copy_expiring_time=made + asked.life,
    )


def _signed(services: IssuanceServices, work: _Work, note: CopyNote, at: datetime) -> bytes:
    until = note.copy_expiring_time.astimezone(BEIJING)
    annotation = Annotation(
        note.copy_cause, note.recipient, f"{until:%Y年%m月%d日 %H时%M分}", note.copy_id
    )
    try:
        page = render_copy(
            work.record, note, annotation, seal=work.seal, demonstration=services.demonstration
        )
    except (MissingGlyphError, TextDoesNotFitError) as error:
        raise InvalidDataError([_problem("purpose", "data.copy.text")]) from error
    return sign_pdf(
        page,
        signer=services.keys.signer(services.key_names.pdf_signer),
        chain=services.chain,
        at=at,
        field=SM2_FIELD,
        timestamp=lambda value: services.timestamps.token_for(value, at=at),
        name=note.issuer_name,
    )


def _check(services: IssuanceServices, document: bytes, at: datetime) -> None:
    report = verify(document, trust=services.trust(), status=None, log=None, register=None, at=at)
    codes = {finding.code for finding in report.findings}
    against = [
        finding.code
        for finding in report.findings
        if finding.severity in (Severity.ERROR, Severity.UNKNOWN) and finding.code not in _NOT_ASKED
    ]
    if against or "copy.annotated" not in codes:
        raise RefusedByVerifierError("copy", against)


def _store(
    session: Session,
    services: IssuanceServices,
    edition: Edition,
    note: CopyNote,
    document: bytes,
    actor: Actor,
    at: datetime,
) -> None:
    copy = MadeCopy(
        issuer_code=edition.issuer_code,
        id=note.copy_id,
        serial=edition.serial,
        version=edition.version,
        sealed_note=services.vault.seal(
            note.to_json(), _context(edition.issuer_code, note.copy_id)
        ),
        digest=sm3.digest(document),
        made_by=actor.id,
        made_at=at,
        expires_at=note.copy_expiring_time,
    )
    add_copy(session, copy)
    services.audit.record(
        session,
        actor=actor.id,
        act="copy.make",
        subject=edition.identifier,
        at=at,
        detail={"kind": edition.kind, "copy": note.copy_id, "document": copy.digest.hex()},
    )


def _opened(services: IssuanceServices, copy: MadeCopy) -> CopyNote:
    context = _context(copy.issuer_code, copy.id)
    return CopyNote.from_json(services.vault.unseal(copy.sealed_note, context))


def _context(issuer_code: str, copy_id: str) -> str:
    return f"annotated_copies.note:{issuer_code}:{copy_id}"


def _problem(place: str, code: str) -> DataProblem:
    zh, en = sentence(code, {}, {})
    return DataProblem(place, code, zh, en)
