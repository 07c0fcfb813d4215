"""States of an enrolment: one table of allowed steps.

    submitted → approved → issued
    submitted → rejected | withdrawn

*Approved* means that all the persons its profile wants have agreed, and that what will be
signed is planned. Ended states never return: whoever was rejected asks again.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ca.errors import EnrolmentTransitionError


class EnrolmentState(StrEnum):
    """Where an enrolment stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    """Planned in the register; signed as soon as somebody can."""
    ISSUED = "issued"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What changes the state."""

    APPROVE = "approve"
    ISSUE = "issue"
    REJECT = "reject"
    WITHDRAW = "withdraw"


_S = EnrolmentState

STEPS: Final[Mapping[Step, Mapping[EnrolmentState, EnrolmentState]]] = {
    Step.APPROVE: {_S.SUBMITTED: _S.APPROVED},
    Step.ISSUE: {_S.APPROVED: _S.ISSUED},
    Step.REJECT: {_S.SUBMITTED: _S.REJECTED},
    Step.WITHDRAW: {_S.SUBMITTED: _S.WITHDRAWN},
}
OPEN: Final = frozenset({_S.SUBMITTED, _S.APPROVED})
"""States from which a certificate may still come."""


def after(step: Step, state: EnrolmentState, enrolment: str) -> EnrolmentState:
    """Return the state that `step` leads to.

    Raises:
        EnrolmentTransitionError: if the table has no such step.
    """
    following = STEPS[step].get(state)
    if following is None:
        raise EnrolmentTransitionError(enrolment, state.value, step.value)
    return following
