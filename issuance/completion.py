"""Returning an application for completion (补正), and completing it.

    submitted → returned, with a reason for each field → submitted again, by a clerk

The application stays the same one, with its number, attachments and key. Every return is kept;
what was sent before is replaced. Who completes it counts as who submitted it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from issuance import applications, repository
from issuance.application_data import validate_application_data
from issuance.entitlement import CLERK, department_of, require_role
from issuance.errors import DataProblem, InvalidDataError, TransitionError
from issuance.ports import Actor, IssuanceServices
from issuance.printable import require_printable
from issuance.register_rows import Application
from issuance.replacements import require_same_holders
from issuance.sentences import sentence
from issuance.states import APPLICATION_STEPS, ApplicationState, after
from issuance.tables import application_remarks

MAX_REMARK_CHARACTERS: Final = 200
HOLDERS: Final = "holders"
"""What a remark may be about besides the fields of the kind."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer wants completed in one field."""

    round: int
    """Which return it belongs to, from 1."""
    field: str
    reason: str
    at: datetime


def note_remarks(
    session: Session,
    services: IssuanceServices,
    found: Application,
    remarks: Mapping[str, str],
    *,
    at: datetime,
) -> None:
    """Keep what is to be completed, by field.

    Raises:
        InvalidDataError: for a field that the kind does not have, or an empty reason.
    """
    kind = services.kinds[found.kind]
    known = {field.name for field in kind.fields} | {HOLDERS}
    problems = [
        *(_problem(name, "data.field.unknown") for name in remarks if name not in known),
        *(_problem(name, "data.reason.required") for name in remarks if not remarks[name].strip()),
    ]
    if problems:
        raise InvalidDataError(problems)
    number = 1 + session.execute(_last_round(found)).scalar_one()
    rows = [
        {
            "issuer_code": found.issuer_code,
            "application_id": found.id,
            "round": number,
            "field": name,
            "reason": reason,
            "at": at.isoformat(),
        }
        for name, reason in remarks.items()
    ]
    if rows:
        session.execute(insert(application_remarks), rows)


def remarks_on(session: Session, found: Application) -> tuple[Remark, ...]:
    """Return every remark on an application, the latest return last."""
    query = (
        select(application_remarks)
        .where(
            application_remarks.c.issuer_code == found.issuer_code,
            application_remarks.c.application_id == found.id,
        )
        .order_by(application_remarks.c.round, application_remarks.c.field)
    )
    return tuple(
        Remark(row["round"], row["field"], row["reason"], datetime.fromisoformat(row["at"]))
        for row in session.execute(query).mappings()
    )


def complete(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> Application:
    """Send a returned application again with its whole content; the same content twice is once.

    Raises:
        NotEntitledError: if the caller is no clerk.
        UnknownApplicationError: if there is none in the caller's department.
        TransitionError: if it was not returned.
        InvalidDataError: listing every problem in `data`.
        UnknownLicenceError: if the licence that it would replace is not there any more.
    """
    require_role(actor, "complete", CLERK)
    department = department_of(services.departments, actor)
    found = applications.find_application(session, application_id, actor=actor)
    kind = services.kinds[found.kind]
    valid = validate_application_data(kind, data, at)
    if found.state is ApplicationState.SUBMITTED:
        if found.submitted_by == actor.id and remarks_on(session, found):
            kept = applications.content_of(services.vault, found)
            if kept.to_members() == valid.to_members():
                return found
    state = after(APPLICATION_STEPS, "complete", found.state, f"application {found.id}")
    if found.replaces is not None:
        chain = repository.edition_chain(session, found.issuer_code, found.replaces)
        require_same_holders(services.vault, chain[-1], valid)
    require_printable(
        kind,
        valid,
        department=department,
        region=services.region,
        public_url=services.public_url,
        at=at,
    )
    sealed, masked = applications.sealed_content(services.vault, found, valid)
    done = repository.set_application(
        session,
        found,
        state,
        sealed_data=sealed,
        holders_masked=masked,
        submitted_by=actor.id,
        submitted_at=at,
        reviewed_by=None,
        reviewed_at=None,
        review_reason=None,
    )
    if not done:
        raise TransitionError(f"application {found.id}", "changed meanwhile", "complete")
    services.audit.record(
        session,
        actor=actor.id,
        act="application.complete",
        subject=found.id,
        at=at,
        detail={"kind": found.kind, "issuer": found.issuer_code},
    )
    return applications.find_application(session, application_id, actor=actor)


def _last_round(found: Application) -> Any:
    return select(func.coalesce(func.max(application_remarks.c.round), 0)).where(
        application_remarks.c.issuer_code == found.issuer_code,
        application_remarks.c.application_id == found.id,
    )


def _problem(place: str, code: str) -> DataProblem:
    zh, en = sentence(code, {"label": place}, {"label": place})
    return DataProblem(place[:64], code, zh, en)
