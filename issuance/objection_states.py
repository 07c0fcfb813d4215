"""States of an objection (异议): standards/e-licence, 11.2; one table of allowed steps.

    submitted → (need_more →) accepted | rejected_intake
    accepted → verifying (→ transferred →) → upheld | partly_upheld | dismissed
    upheld, partly_upheld → correcting → corrected → closed; dismissed → closed
    dismissed, corrected → review_requested → reviewed → closed
    withdrawn at any time before the decision

Time runs in every open state but need_more; overdue never decides by itself.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ObjectionState(StrEnum):
    """Where an objection stands."""

    SUBMITTED = "submitted"
    NEED_MORE = "need_more"
    ACCEPTED = "accepted"
    REJECTED_INTAKE = "rejected_intake"
    VERIFYING = "verifying"
    TRANSFERRED = "transferred"
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    DISMISSED = "dismissed"
    CORRECTING = "correcting"
    CORRECTED = "corrected"
    CLOSED = "closed"
    REVIEW_REQUESTED = "review_requested"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"


class ObjectionType(StrEnum):
    """What the objection says is wrong (objection_types of the code lists)."""

    MISSING = "MISSING"
    WRONG = "WRONG"
    STATE = "STATE"
    LOAD_FAIL = "LOAD_FAIL"
    SEAL = "SEAL"
    IMPERSONATION = "IMPERSONATION"
    UNAUTHORISED_USE = "UNAUTHORISED_USE"
    DUPLICATE = "DUPLICATE"
    NAME_CHAR = "NAME_CHAR"
    RECOGNITION = "RECOGNITION"
    OTHER = "OTHER"


class Capacity(StrEnum):
    """In what capacity somebody lodges an objection."""

    HOLDER = "holder"
    GUARDIAN = "guardian"
    DELEGATE = "delegate"
    COUNTER = "counter"
    """A service counter (窗口), for the holder."""
    ORGANISATION = "organisation"
    """One that uses the licence."""
    ISSUER = "issuer"


_O = ObjectionState
_BEFORE_DECISION: Final = (_O.SUBMITTED, _O.NEED_MORE, _O.ACCEPTED, _O.VERIFYING, _O.TRANSFERRED)
OPEN: Final = frozenset({*_BEFORE_DECISION, _O.UPHELD, _O.PARTLY_UPHELD, _O.CORRECTING})
"""Somebody still has to act, and a clock runs."""
MARKED: Final = frozenset(OPEN - {_O.SUBMITTED, _O.NEED_MORE})
"""While in these, the licence carries the flag `disputed`."""

OBJECTION_STEPS: Final[Mapping[str, Mapping[ObjectionState, ObjectionState]]] = {
    "ask_more": {_O.SUBMITTED: _O.NEED_MORE},
    "supply": {_O.NEED_MORE: _O.SUBMITTED},
    "accept": {_O.SUBMITTED: _O.ACCEPTED},
    "refuse_intake": {_O.SUBMITTED: _O.REJECTED_INTAKE},
    "examine": {_O.ACCEPTED: _O.VERIFYING, _O.TRANSFERRED: _O.VERIFYING},
    "transfer": {_O.VERIFYING: _O.TRANSFERRED},
    "uphold": {_O.VERIFYING: _O.UPHELD},
    "uphold_in_part": {_O.VERIFYING: _O.PARTLY_UPHELD},
    "dismiss": {_O.VERIFYING: _O.DISMISSED},
    "begin_correction": {_O.UPHELD: _O.CORRECTING, _O.PARTLY_UPHELD: _O.CORRECTING},
    "finish_correction": {_O.CORRECTING: _O.CORRECTED},
    "close": {_O.CORRECTED: _O.CLOSED, _O.DISMISSED: _O.CLOSED, _O.REVIEWED: _O.CLOSED},
    "request_review": {_O.DISMISSED: _O.REVIEW_REQUESTED, _O.CORRECTED: _O.REVIEW_REQUESTED},
    "review": {_O.REVIEW_REQUESTED: _O.REVIEWED},
    "withdraw": dict.fromkeys(_BEFORE_DECISION, _O.WITHDRAWN),
}
