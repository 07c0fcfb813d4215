"""One step in the life of an edition: allowed by the table, stored with who, when and why.

What befalls a published licence is an entry of the transparency log too (`change_entries`).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from issuance import repository
from issuance.change_entries import log_change, with_index
from issuance.errors import TransitionError
from issuance.ports import IssuanceServices
from issuance.register_rows import Edition, EditionEvent
from issuance.states import EDITION_STEPS, after


def step_edition(
    session: Session,
    services: IssuanceServices,
    found: Edition,
    step: str,
    *,
    actor: str,
    at: datetime,
    reason_code: str | None = None,
    legal_basis: str | None = None,
    **changes: Any,
) -> Edition:
    """Take an edition one step further, record it, and return it.

    Raises:
        TransitionError: if its state does not allow the step, naming the state.
    """
    subject = f"licence {found.identifier}"
    state = after(EDITION_STEPS, step, found.state, subject)
    if not repository.set_edition(session, found, state, **changes):
        raise TransitionError(subject, "changed meanwhile", step)
    event = EditionEvent(
        sequence=repository.count_events(session, found.key) + 1,
        at=at,
        actor=actor,
        step=step,
        state_before=found.state.value,
        state_after=state.value,
        reason_code=reason_code,
        legal_basis=legal_basis,
    )
    event = with_index(event, log_change(session, services, found, event))
    repository.add_event(session, found.key, event)
    services.audit.record(
        session,
        actor=actor,
        act=f"licence.{step}",
        subject=found.identifier,
        at=at,
        detail={"before": found.state.value, "reason": reason_code or ""},
    )
    return replace(found, state=state, **changes)
