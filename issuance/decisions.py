"""Deciding an objection: by somebody who had no part in the licence, with reasons.

* Who decides neither submitted, reviewed nor minted any edition of the licence, nor lodged
  or accepted the objection.
* Upholding states the values that the licence shall have; they are validated and tried on
  the page at once, so that the correction does not fail on them later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import Session

from issuance import objection_repository, repository
from issuance.application_data import LicenceData, validate_application_data
from issuance.claims import StoredDecision, claim_of, require_reasons, sealed_decision
from issuance.entitlement import REVIEWER, require_other_person
from issuance.errors import TransitionError
from issuance.licence_record import data_of, record_of
from issuance.objection_repository import Objection, step_objection
from issuance.objection_states import ObjectionState
from issuance.objections import handled_objection, mark_dispute, record_act
from issuance.ports import Actor, IssuanceServices
from issuance.printable import require_printable
from issuance.register_rows import Edition
from issuance.states import IN_FORCE
from issuance.working_days import deadline

CORRECTION_DAYS: Final = 1
_STEPS: Final = {"upheld": "uphold", "partly_upheld": "uphold_in_part", "dismissed": "dismiss"}


class Outcome(StrEnum):
    """How an objection is decided."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decider says."""

    outcome: Outcome
    reasons: str
    fields: Mapping[str, str | None] | None = None
    """Values that the licence shall have; None takes those that were claimed."""
    holders: tuple[Mapping[str, str], ...] | None = None


def decide_objection(
    session: Session,
    services: IssuanceServices,
    objection_id: str,
    decision: Decision,
    *,
    actor: Actor,
    at: datetime,
) -> Objection:
    """Decide an accepted objection, as somebody who had no part in the licence.

    Raises:
        NotEntitledError: if the caller is no reviewer of the issuer.
        SeparationOfDutiesError: if the caller had a part in the licence or the objection.
        TransitionError: if it is not accepted, or decided already.
        InvalidObjectionError: without reasons.
        InvalidDataError: if the licence would not be valid with the values decided.
    """
    found = handled_objection(session, objection_id, "decide an objection", actor, REVIEWER)
    _require_no_part(session, found, actor)
    require_reasons(decision.reasons)
    examined = found
    if found.state is ObjectionState.ACCEPTED:
        examined = step_objection(session, found, "examine", actor=actor.id, at=at)
    upheld = decision.outcome is not Outcome.DISMISSED
    stored = _to_store(services, found, decision) if upheld else _dismissal(decision)
    due = deadline(at, CORRECTION_DAYS) if upheld else None
    if upheld:
        corrected_data(session, services, found, stored, at=at)
    decided = step_objection(
        session,
        examined,
        _STEPS[decision.outcome.value],
        actor=actor.id,
        at=at,
        decided_by=actor.id,
        decided_at=at,
        sealed_decision=sealed_decision(services.vault, found, stored),
        due_at=due.at if due else None,
        due_provisional=due.provisional if due else False,
    )
    mark_dispute(session, decided, at=at)
    record_act(session, services, decided, actor, f"objection.{decision.outcome}", at)
    return decided


def edition_to_correct(session: Session, objection: Objection) -> Edition:
    """Return the edition in force of the licence that an objection is about.

    It may be a later one than the objection was lodged on.

    Raises:
        TransitionError: if the licence has ended.
    """
    newest = repository.edition_chain(session, objection.issuer_code, objection.serial)[-1]
    if newest.state not in IN_FORCE:
        subject = f"licence {newest.identifier}"
        raise TransitionError(subject, newest.state.value, "correct it")
    return newest


def corrected_data(
    session: Session,
    services: IssuanceServices,
    objection: Objection,
    decision: StoredDecision,
    *,
    at: datetime,
) -> LicenceData:
    """Return the data of the licence with the values decided.

    Raises:
        InvalidDataError: if they would not be valid.
    """
    edition = edition_to_correct(session, objection)
    present = data_of(record_of(services.vault, edition))
    members: dict[str, Any] = present.to_members()
    members["fields"] = {
        name: value
        for name, value in (members["fields"] | dict(decision.fields)).items()
        if value is not None
    }
    kind = services.kinds[edition.kind]
    if decision.holders is not None:
        members["holders"] = [dict(holder) for holder in decision.holders]
    elif kind.holders.source:
        # The fields name the holders; only the types of their documents are kept.
        members["holders"] = [
            {
                "name": members["fields"].get(source.name, ""),
                "code": members["fields"].get(source.code, ""),
                "code_type": holder.code_type,
            }
            for source, holder in zip(kind.holders.source, present.holders, strict=False)
        ]
    data = validate_application_data(kind, members, at)
    require_printable(
        kind,
        data,
        department=services.departments[edition.issuer_code],
        region=services.region,
        public_url=services.public_url,
        at=at,
    )
    return data


def _require_no_part(session: Session, objection: Objection, actor: Actor) -> None:
    """Refuse a decider who took part in any edition of the licence, or in the objection."""
    earlier: dict[str, str | None] = {"lodge the objection": objection.lodged_by}
    for edition in repository.edition_chain(session, objection.issuer_code, objection.serial):
        earlier |= {
            f"submit edition {edition.version}": edition.submitted_by,
            f"review edition {edition.version}": edition.reviewed_by,
            f"mint edition {edition.version}": edition.minted_by,
        }
    for event in objection_repository.events_of(session, objection):
        if event.step == "accept":
            earlier["accept the objection"] = event.actor
    require_other_person(actor, "decide the objection", earlier)


def _to_store(
    services: IssuanceServices, objection: Objection, decision: Decision
) -> StoredDecision:
    claimed = claim_of(services.vault, objection).values
    fields = claimed if decision.fields is None else decision.fields
    return StoredDecision(decision.reasons, dict(fields), decision.holders)


def _dismissal(decision: Decision) -> StoredDecision:
    return StoredDecision(decision.reasons, {}, None)
