"""States of applications and editions: one table of allowed steps each.

    application: submitted → approved | returned | rejected | withdrawn; approved → minted;
                 returned → submitted | withdrawn
    edition:     planned → sealed → logged → active ⇄ suspended
                 active, suspended → superseded | cancelled | revoked | forfeited

*Expired* is derived from time, never stored. An ended state never returns; a mistaken one
is repaired by a new edition. *Disputed* is a flag beside the state.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from issuance.errors import TransitionError
from sealkit import status_list


class ApplicationState(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MINTED = "minted"


class EditionState(StrEnum):
    """Where an edition stands."""

    PLANNED = "planned"
    """Number, identifier and slot are fixed; nothing is signed."""
    SEALED = "sealed"
    LOGGED = "logged"
    ACTIVE = "active"
    """Published and in force."""
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    """Replaced by a later edition."""
    CANCELLED = "cancelled"
    """注销: ended without fault."""
    REVOKED = "revoked"
    """撤销: the grant was unlawful."""
    FORFEITED = "forfeited"
    """吊销: a penalty."""


IN_FORCE: Final = frozenset({EditionState.ACTIVE, EditionState.SUSPENDED})
"""States of a published edition that has not ended."""
UNPUBLISHED: Final = frozenset({EditionState.PLANNED, EditionState.SEALED, EditionState.LOGGED})
ENDED: Final = frozenset({EditionState.CANCELLED, EditionState.REVOKED, EditionState.FORFEITED})

_A, _E = ApplicationState, EditionState

APPLICATION_STEPS: Final[Mapping[str, Mapping[ApplicationState, ApplicationState]]] = {
    "approve": {_A.SUBMITTED: _A.APPROVED},
    "return": {_A.SUBMITTED: _A.RETURNED},
    "reject": {_A.SUBMITTED: _A.REJECTED},
    "complete": {_A.RETURNED: _A.SUBMITTED},
    "withdraw": {_A.SUBMITTED: _A.WITHDRAWN, _A.RETURNED: _A.WITHDRAWN},
    "mint": {_A.APPROVED: _A.MINTED},
}

EDITION_STEPS: Final[Mapping[str, Mapping[EditionState, EditionState]]] = {
    "seal": {_E.PLANNED: _E.SEALED},
    "log": {_E.SEALED: _E.LOGGED},
    "publish": {_E.LOGGED: _E.ACTIVE},
    "suspend": {_E.ACTIVE: _E.SUSPENDED},
    "resume": {_E.SUSPENDED: _E.ACTIVE},
    "supersede": {_E.ACTIVE: _E.SUPERSEDED, _E.SUSPENDED: _E.SUPERSEDED},
    "cancel": {_E.ACTIVE: _E.CANCELLED, _E.SUSPENDED: _E.CANCELLED},
    "revoke": {_E.ACTIVE: _E.REVOKED, _E.SUSPENDED: _E.REVOKED},
    "forfeit": {_E.ACTIVE: _E.FORFEITED, _E.SUSPENDED: _E.FORFEITED},
}

S = TypeVar("S", bound=StrEnum)


def after(steps: Mapping[str, Mapping[S, S]], step: str, state: S, subject: str) -> S:
    """Return the state that `step` leads to from `state`.

    `subject` names what is stepped, for the refusal, such as ``licence 1.2.156…``.

    Raises:
        TransitionError: if `steps` does not allow it, naming the state.
    """
    following = steps[step].get(state)
    if following is None:
        raise TransitionError(subject, state.value, step)
    return following


def slot_value(state: EditionState, *, disputed: bool) -> int:
    """Return what a status list says of an edition (4-bit token status list).

    A suspended edition under objection is one whose effect is stayed.
    """
    if state in ENDED:
        return status_list.ENDED
    if state is EditionState.SUPERSEDED:
        return status_list.SUPERSEDED
    if state is EditionState.SUSPENDED:
        return status_list.DISPUTED_STAYED if disputed else status_list.SUSPENDED
    return status_list.DISPUTED if disputed else status_list.ACTIVE
