"""Minting (制证): plan, then sign; the one place below the roof that commits.

1. Plan: number, identifier, status slot, salt and dates are fixed and committed.
2. Seal: OFD, PDF and code are made and pass our own verifier; files are stored, then the
   result is committed.
3. Log: the entry is appended; committed.
4. Publish: proof, slot, files and notices go live; committed.

Signing and storing files are outside the database. A process that dies anywhere finds the
plan again (`resume_plans`) and continues after the last commit. One application, or one
upheld objection, has one plan: so the same plan never yields two numbers, two log entries
or two different files in the register. See docs/adr/0002-plan-then-sign.md.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from issuance import repository, status
from issuance.application_data import LicenceData, today
from issuance.applications import content_of, find_application
from issuance.entitlement import CLERK, OPERATOR, REVIEWER, department_of, require_role
from issuance.errors import (
    IssuanceError,
    NumberTakenError,
    SealApprovalNeededError,
    TransitionError,
    UnknownLicenceError,
)
from issuance.kind import Kind
from issuance.licence_record import make_record, sealed_record, sealed_salt
from issuance.personal_data import holder_index, holders_masked, number_index, number_masked
from issuance.ports import Actor, Department, IssuanceServices
from issuance.publishing import log_edition, publish
from issuance.register_rows import OFD_AND_PDF, Application, Edition, EditionKey, Plan
from issuance.replacements import newest_in_force
from issuance.sealing import load_work, make_files, record_sealed
from issuance.seals.using import usable_seals
from issuance.states import APPLICATION_STEPS, EditionState, after
from sealkit.identifiers import LicenceIdentifier, new_serial
from sealkit.log_leaf import SALT_BYTES
from sealkit.record import LicenceRecord
from sealkit.sm import sm3

CORRECTED = "04"
"""change_reasons of the code lists: 更正（纠错）."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a plan is made from."""

    source: str
    """``application:<id>`` or ``objection:<id>``."""
    application_id: str
    kind: Kind
    department: Department
    data: LicenceData
    submitted_by: str
    reviewed_by: str
    reason_code: str
    previous: Edition | None = None
    """The edition that the new one replaces."""
    forms: str = OFD_AND_PDF


@dataclass(frozen=True, slots=True)
class Resumed:
    """What became of an unfinished plan."""

    key: EditionKey
    refused: str | None
    """Code of the error that still stops it."""


def mint(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> Edition:
    """Mint the licence of an approved application; again, return the same licence.

    Commits `session` several times; nothing else may be pending in it.

    Raises:
        NotEntitledError, UnknownApplicationError: as for any step on an application.
        TransitionError: if the application is not approved.
        NumberTakenError: if another licence in force has its number.
        SealNotUsableError: if there is no seal to use now.
        RenderError: if the data cannot be printed.
        RefusedByVerifierError: if our own verifier refuses what was made.
    """
    plan = plan_application(session, services, application_id, actor=actor, at=at)
    # Durable before anything is signed: whatever happens now, this plan is continued.
    session.commit()
    return finish(session, services, plan.key, at=at)


def plan_application(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    *,
    actor: Actor,
    at: datetime,
    forms: str = OFD_AND_PDF,
) -> Plan:
    """Return the plan of an approved application, making it if there is none.

    Raises:
        NotEntitledError, UnknownApplicationError, TransitionError, NumberTakenError,
        SealNotUsableError: as `mint`.
    """
    require_role(actor, "mint", CLERK, REVIEWER, OPERATOR)
    application = find_application(session, application_id, actor=actor)
    plan = repository.plan_of_source(session, application.issuer_code, _source(application))
    return plan or _plan_application(
        session, services, application, actor=actor, at=at, forms=forms
    )


def finish(
    session: Session, services: IssuanceServices, key: EditionKey, *, at: datetime
) -> Edition:
    """Take an edition from wherever it stands to published, committing after each step.

    Raises:
        SealNotUsableError, RefusedByVerifierError, RenderError: the plan stays, and is
            finished when it is minted again, or at the next start.
    """
    if _state(session, key) is EditionState.PLANNED:
        try:
            work = load_work(session, services, key, at=at)
        except SealApprovalNeededError:
            # What was asked for stays, or nobody could ever approve it.
            session.commit()
            raise
        # Ends the reading, so that no lock is held while we sign.
        session.commit()
        made = make_files(services, work, at=at)
        if not record_sealed(session, services, work, made, at=at):
            # Somebody else finished this step; theirs counts, our files are never named.
            session.rollback()
        # What was signed is in the register before the log hears of it.
        session.commit()
    if _state(session, key) is EditionState.SEALED:
        log_edition(session, services, key, at=at)
        # The entry is in the log, once, before a checkpoint that holds it is signed.
        session.commit()
    if _state(session, key) is EditionState.LOGGED:
        publish(session, services, key, at=at)
        # The licence exists for the world.
        session.commit()
    return _edition(session, key)


def resume_plans(
    session: Session,
    services: IssuanceServices,
    *,
    at: datetime,
    planned_until: datetime | None = None,
) -> tuple[Resumed, ...]:
    """Continue every unfinished plan, as a process does when it starts.

    With `planned_until` only those planned no later: while others mint, a fresh plan is
    somebody's work under way. What a seal's hours or its certificate refused goes on so.
    """
    keys = [
        plan.key
        for plan in repository.unfinished_plans(session)
        if planned_until is None or plan.planned_at <= planned_until
    ]
    resumed = []
    for key in keys:
        try:
            finish(session, services, key, at=at)
        except IssuanceError as error:
            session.rollback()
            resumed.append(Resumed(key, error.code))
        else:
            resumed.append(Resumed(key, None))
    return tuple(resumed)


def plan_edition(
    session: Session, services: IssuanceServices, draft: Draft, *, actor: Actor, at: datetime
) -> Plan:
    """Fix everything about a new edition that must not change once something is signed.

    Raises:
        SealNotUsableError: if the issuer has no seal for this kind; nothing was stored.
        NumberTakenError: if another licence in force has the number.
        TransitionError: if the licence has 999 editions.
    """
    identifier = _identifier(draft)
    key = EditionKey(draft.department.code, identifier.serial, identifier.version)
    seals = usable_seals(session, services.keys, key.issuer_code, draft.kind, at=at)
    salt = secrets.token_bytes(SALT_BYTES)
    plan = Plan(
        key=key,
        source=draft.source,
        seal_id=seals[0].id,
        sealed_salt=sealed_salt(services.vault, key, salt),
        planned_by=actor.id,
        planned_at=at,
        forms=draft.forms,
    )
    if not repository.add_plan(session, plan):
        existing = repository.plan_of_source(session, key.issuer_code, draft.source)
        if existing is None:
            raise TransitionError(f"licence {identifier}", "changed meanwhile", "plan")
        return existing
    number, slot = status.reserve_slot(session, services, key.issuer_code, at=at)
    record = make_record(
        draft.kind,
        draft.data,
        identifier=identifier,
        department=draft.department,
        region=services.region,
        issued_on=today(at).isoformat(),
        status=status.slot_of(services, key.issuer_code, number, slot),
    )
    edition = _edition_row(services, draft, key, record, (number, slot), actor=actor, at=at)
    if not repository.take_number(session, key.issuer_code, edition.number_index, key.serial):
        raise NumberTakenError
    repository.add_edition(session, edition)
    indexes = (holder_index(services.vault, holder) for holder in record.holders)
    repository.add_holders(session, key, indexes)
    services.audit.record(
        session,
        actor=actor.id,
        act="licence.plan",
        subject=edition.identifier,
        at=at,
        detail={"source": draft.source, "record": edition.record_digest.hex()},
    )
    return plan


def _plan_application(
    session: Session,
    services: IssuanceServices,
    application: Application,
    *,
    actor: Actor,
    at: datetime,
    forms: str,
) -> Plan:
    subject = f"application {application.id}"
    state = after(APPLICATION_STEPS, "mint", application.state, subject)
    previous = None
    if application.replaces is not None:
        previous = newest_in_force(
            session, application.issuer_code, application.replaces, "replace"
        )
    draft = Draft(
        source=_source(application),
        application_id=application.id,
        kind=services.kinds[application.kind],
        department=department_of(services.departments, actor),
        data=content_of(services.vault, application),
        submitted_by=application.submitted_by,
        reviewed_by=application.reviewed_by or "",
        reason_code=application.reason_code,
        previous=previous,
        forms=forms,
    )
    plan = plan_edition(session, services, draft, actor=actor, at=at)
    repository.set_application(session, application, state)
    return plan


def _identifier(draft: Draft) -> LicenceIdentifier:
    if draft.previous is None:
        return LicenceIdentifier(draft.kind.code, draft.department.code, new_serial(), 1)
    previous = draft.previous
    # A correction keeps the code that the licence was issued with, also if the kind's changed.
    earlier = LicenceIdentifier(
        previous.kind_code, previous.issuer_code, previous.serial, previous.version
    )
    try:
        return earlier.next_version
    except ValueError as error:
        raise TransitionError(f"licence {earlier}", "at its last edition", "correct") from error


def _edition_row(
    services: IssuanceServices,
    draft: Draft,
    key: EditionKey,
    record: LicenceRecord,
    place: tuple[int, int],
    *,
    actor: Actor,
    at: datetime,
) -> Edition:
    return Edition(
        issuer_code=key.issuer_code,
        serial=key.serial,
        version=key.version,
        identifier=record.identifier,
        application_id=draft.application_id,
        kind=draft.kind.name,
        kind_code=record.kind_code,
        kind_name=record.kind_name,
        issuer_name=record.issuer_name,
        state=EditionState.PLANNED,
        disputed=False,
        reason_code=draft.reason_code,
        sealed_record=sealed_record(services.vault, key, record),
        record_digest=sm3.digest(record.to_json()),
        number_index=number_index(services.vault, draft.kind.name, record.number),
        number_masked=number_masked(draft.kind, record.number),
        holders_masked=holders_masked(record.holders),
        issued_on=record.issued_on,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        list_number=place[0],
        slot=place[1],
        submitted_by=draft.submitted_by,
        reviewed_by=draft.reviewed_by,
        minted_by=actor.id,
        planned_at=at,
    )


def _source(application: Application) -> str:
    return f"application:{application.id}"


def _edition(session: Session, key: EditionKey) -> Edition:
    found = repository.edition(session, key)
    if found is None:
        raise UnknownLicenceError
    return found


def _state(session: Session, key: EditionKey) -> EditionState:
    return _edition(session, key).state
