"""Applications: what a department asks to have minted.

* Sending the same application again with the same key returns the first one; the same key
  with other content is refused.
* Content is validated against its kind before anything is stored, and stored sealed.
* An application belongs to the department of who sent it; nobody else's exists for others.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from issuance import personal_data, repository
from issuance.application_data import LicenceData, validate_application_data
from issuance.entitlement import (
    AUDITOR,
    CLERK,
    OPERATOR,
    REVIEWER,
    department_of,
    require_role,
)
from issuance.errors import (
    IdempotencyConflictError,
    NotEntitledError,
    TransitionError,
    UnknownApplicationError,
    UnknownKindError,
)
from issuance.kind import Kind
from issuance.ports import Actor, IssuanceServices, Vault
from issuance.printable import require_printable
from issuance.register_rows import Application
from issuance.replacements import (
    NEW,
    REASON_CODES,
    Replacement,
    licence_to_replace,
    require_same_holders,
)
from issuance.states import APPLICATION_STEPS, ApplicationState, after
from sealkit.sm import sm3

_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application as one caller may see it."""

    application: Application
    data: LicenceData
    """Masked for whoever has no need of the values."""


def submit(
    session: Session,
    services: IssuanceServices,
    *,
    kind_name: str,
    data: Mapping[str, Any],
    idempotency_key: str,
    actor: Actor,
    at: datetime,
    replaces: Replacement | None = None,
    batch_id: str | None = None,
) -> Application:
    """Store an application for a licence of the caller's department and return it.

    With `replaces` it is for a new edition of that licence; with `batch_id`, a line of it.

    Raises:
        NotEntitledError: if the caller is no clerk, or the department does not issue this.
        UnknownKindError: if there is no such kind.
        InvalidDataError: listing every problem in `data`, or what cannot be printed.
        UnknownLicenceError, TransitionError: if what it would replace is not there or active.
        IdempotencyConflictError: if the key was used for other content.
    """
    require_role(actor, "submit", CLERK)
    department = department_of(services.departments, actor)
    kind = services.kinds.get(kind_name)
    if kind is None:
        raise UnknownKindError
    if kind.name not in department.kinds:
        raise NotEntitledError("submit this kind")
    index = _request_index(services.vault, kind, data, replaces)
    found = repository.application_by_key(session, department.code, idempotency_key)
    if found:
        return _same_request(found, index)
    valid = validate_application_data(kind, data, at)
    previous = None
    if replaces is not None:
        previous = licence_to_replace(
            session, services.vault, replaces, issuer_code=department.code, kind=kind.name
        )
        require_same_holders(services.vault, previous, valid)
    require_printable(
        kind,
        valid,
        department=department,
        region=services.region,
        public_url=services.public_url,
        at=at,
    )
    application = _new_application(
        services.vault,
        kind,
        valid,
        issuer_code=department.code,
        idempotency_key=idempotency_key,
        request_index=index,
        submitted_by=actor.id,
        submitted_at=at,
        reason_code=REASON_CODES[replaces.reason] if replaces else NEW,
        replaces=previous.serial if previous else None,
        batch_id=batch_id,
    )
    if not repository.add_application(session, application):
        # Another request with this key was faster.
        return submit(
            session,
            services,
            kind_name=kind_name,
            data=data,
            idempotency_key=idempotency_key,
            actor=actor,
            at=at,
            replaces=replaces,
            batch_id=batch_id,
        )
    _record(session, services, application, actor, "application.submit", at)
    return application


def find_application(session: Session, application_id: str, *, actor: Actor) -> Application:
    """Return an application of the caller's department.

    Raises:
        UnknownApplicationError: if there is none.
    """
    found = repository.application(session, actor.department, application_id)
    if found is None:
        raise UnknownApplicationError
    return found


def view_application(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> ApplicationView:
    """Return an application with its content; reading values is recorded.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownApplicationError: if there is none in the caller's department.
    """
    require_role(actor, "read applications", CLERK, REVIEWER, OPERATOR, AUDITOR)
    found = find_application(session, application_id, actor=actor)
    data = content_of(services.vault, found)
    if actor.roles.isdisjoint((CLERK, REVIEWER)):
        return ApplicationView(found, masked(services.kinds[found.kind], data))
    _record(session, services, found, actor, "application.read", at)
    return ApplicationView(found, data)


def withdraw(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> Application:
    """Take an application back before it is reviewed.

    Raises:
        NotEntitledError: if the caller is no clerk.
        TransitionError: if it was reviewed or withdrawn already.
    """
    require_role(actor, "withdraw", CLERK)
    found = find_application(session, application_id, actor=actor)
    state = after(APPLICATION_STEPS, "withdraw", found.state, f"application {found.id}")
    if not repository.set_application(session, found, state):
        raise TransitionError(f"application {found.id}", "changed meanwhile", "withdraw")
    _record(session, services, found, actor, "application.withdraw", at)
    return find_application(session, application_id, actor=actor)


def content_of(vault: Vault, application: Application) -> LicenceData:
    """Return the content of an application."""
    box = application.sealed_data
    return LicenceData.from_members(
        personal_data.unseal_members(vault, box, _context(application.issuer_code, application.id))
    )


def sealed_content(vault: Vault, application: Application, data: LicenceData) -> tuple[bytes, str]:
    """Return content as an application keeps it: the box, and the holders as lists show them."""
    context = _context(application.issuer_code, application.id)
    box = personal_data.seal_members(vault, data.to_members(), context)
    return box, personal_data.holders_masked(data.holders)


def masked(kind: Kind, data: LicenceData) -> LicenceData:
    """Return `data` with personal values masked, for whoever need not know them."""
    fields = {}
    for field in kind.fields:
        if field.name in data.fields:
            value = data.fields[field.name]
            fields[field.name] = field.masked(value) if field.sensitive else value
    return LicenceData(tuple(personal_data.masked_holder(h) for h in data.holders), fields)


def _new_application(
    vault: Vault, kind: Kind, data: LicenceData, *, issuer_code: str, **members: Any
) -> Application:
    application_id = f"A{secrets.token_hex(_ID_BYTES)}"
    return Application(
        issuer_code=issuer_code,
        id=application_id,
        kind=kind.name,
        state=ApplicationState.SUBMITTED,
        sealed_data=personal_data.seal_members(
            vault, data.to_members(), _context(issuer_code, application_id)
        ),
        holders_masked=personal_data.holders_masked(data.holders),
        **members,
    )


def _same_request(found: Application, index: bytes) -> Application:
    if found.request_index != index:
        raise IdempotencyConflictError
    return found


def _request_index(
    vault: Vault, kind: Kind, data: Mapping[str, Any], replaces: Replacement | None
) -> bytes:
    # Not validated yet: it may hold anything that JSON can say, lone surrogates too.
    asked = [data, replaces.identifier, replaces.reason] if replaces else data
    content = json.dumps(asked, sort_keys=True).encode("ascii")
    return vault.blind_index(f"application:{kind.name}:{sm3.digest(content).hex()}")


def _context(issuer_code: str, application_id: str) -> str:
    return f"applications.data:{issuer_code}:{application_id}"


def _record(
    session: Session,
    services: IssuanceServices,
    application: Application,
    actor: Actor,
    act: str,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=application.id,
        at=at,
        detail={"kind": application.kind, "issuer": application.issuer_code},
    )
