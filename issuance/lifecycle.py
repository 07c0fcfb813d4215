"""Life of a published licence: read, suspended and resumed. Every step by table.

What ends a licence for good takes two persons: `issuance.endings`.

Each step has a reason code of the code lists and the legal basis in words. What the status
list says changes in the same transaction.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance import notices, repository, status
from issuance.application_data import LicenceData
from issuance.applications import masked
from issuance.change_entries import sign_changes
from issuance.edition_steps import step_edition
from issuance.entitlement import AUDITOR, CLERK, OPERATOR, REVIEWER, require_role
from issuance.errors import OpeningErasedError, UnknownFileError, UnknownLicenceError
from issuance.licence_record import data_of, record_of
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition
from issuance.sealing import PROOF
from issuance.states import UNPUBLISHED

SUSPENDED: Final = "11"
RESUMED: Final = "12"
"""change_reasons of the code lists: 暂停, 恢复."""


def find_licence(session: Session, identifier: str, *, actor: Actor) -> Edition:
    """Return the edition `identifier` of the caller's department.

    Raises:
        UnknownLicenceError: if there is none.
    """
    found = repository.edition_by_identifier(session, identifier)
    if found is None or found.issuer_code != actor.department:
        raise UnknownLicenceError
    return found


def read_licence(
    session: Session, services: IssuanceServices, found: Edition, *, actor: Actor, at: datetime
) -> LicenceData:
    """Return holders and fields of an edition; reading values is recorded.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
    """
    require_role(actor, "read licences", CLERK, REVIEWER, OPERATOR, AUDITOR)
    data = data_of(record_of(services.vault, found))
    if actor.roles.isdisjoint((CLERK, REVIEWER)):
        return masked(services.kinds[found.kind], data)
    _record_reading(session, services, found, actor, "licence.read", at)
    return data


def read_file(
    session: Session,
    services: IssuanceServices,
    found: Edition,
    form: str,
    *,
    actor: Actor,
    at: datetime,
) -> bytes:
    """Return a file of a published edition; reading it is recorded.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownFileError: if there is none of that form, or nothing is published yet.
        OpeningErasedError: if it is the log proof, and that was erased.
    """
    require_role(actor, "read licence files", CLERK, REVIEWER, OPERATOR)
    if form == PROOF and repository.is_opening_erased(session, found.key):
        raise OpeningErasedError
    stored = repository.files(session, found.key).get(form)
    if stored is None or found.state in UNPUBLISHED:
        raise UnknownFileError
    _record_reading(session, services, found, actor, f"licence.file.{form}", at)
    return services.files.get(stored.key)


def suspend(
    session: Session,
    services: IssuanceServices,
    identifier: str,
    *,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Edition:
    """Suspend a licence: it may not be used until it is resumed.

    Raises:
        NotEntitledError: if the caller is no reviewer.
        UnknownLicenceError: if the caller's department has no such licence.
        TransitionError: if it is not active.
    """
    changed = suspend_one_of_many(
        session, services, identifier, legal_basis=legal_basis, actor=actor, at=at
    )
    sign_changes(session, services, at=at)
    return changed


def suspend_one_of_many(
    session: Session,
    services: IssuanceServices,
    identifier: str,
    *,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Edition:
    """Suspend as `suspend` does; the caller signs one checkpoint over all (`sign_changes`).

    Raises:
        NotEntitledError, UnknownLicenceError, TransitionError: as `suspend`.
    """
    return _change(session, services, identifier, "suspend", SUSPENDED, legal_basis, actor, at)


def resume(
    session: Session,
    services: IssuanceServices,
    identifier: str,
    *,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Edition:
    """End a suspension.

    Raises:
        NotEntitledError, UnknownLicenceError: as `suspend`.
        TransitionError: if it is not suspended.
    """
    changed = _change(session, services, identifier, "resume", RESUMED, legal_basis, actor, at)
    sign_changes(session, services, at=at)
    return changed


def _change(
    session: Session,
    services: IssuanceServices,
    identifier: str,
    step: str,
    reason_code: str,
    legal_basis: str,
    actor: Actor,
    at: datetime,
) -> Edition:
    require_role(actor, step, REVIEWER)
    changed = step_edition(
        session,
        services,
        find_licence(session, identifier, actor=actor),
        step,
        actor=actor.id,
        at=at,
        reason_code=reason_code,
        legal_basis=legal_basis,
    )
    status.publish_state(session, changed, changed.state, disputed=changed.disputed, at=at)
    notices.tell_holders(session, changed, f"licence.{step}", at=at)
    return changed


def _record_reading(
    session: Session,
    services: IssuanceServices,
    found: Edition,
    actor: Actor,
    act: str,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=found.identifier,
        at=at,
        detail={"kind": found.kind},
    )
