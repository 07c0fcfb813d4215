"""What every route of the authority that needs a person hands to a rule.

Knows nothing of HTTP: routes give what their framework keeps for the request.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import StringConstraints
from sqlalchemy.orm import Session

from ca.enrolment.entitlement import signed_in
from ca.enrolment.ports import Person

Services = TypeVar("Services")

AuthorityName = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,64}$")]
"""Name of an authority in the register, as a part of an address."""
EntryId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{1,32}$")]
"""Identifier of an enrolment or a recovery, as a part of an address."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Services]):
    """Transaction, collaborators, caller and instant of one request."""

    session: Session
    services: Services
    person: Person
    at: datetime


def signed_in_call(state: Any, services: Services) -> Call[Services]:
    """Return the call of somebody who has signed in.

    Args:
        state: what the roof keeps for the request: `session`, `actor` and `at`.
        services: what the rules of this room are given.

    Raises:
        IdentityRequiredError: if nobody has signed in.
    """
    return Call(state.session, services, signed_in(state.actor), state.at)
