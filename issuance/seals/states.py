"""States of a seal: standards/e-licence, 10.4; one table of allowed steps.

    applied → reviewed → made → filed → active ⇄ frozen
    active, frozen → cancelled | lost_key

Applicant, reviewer and maker are three persons. An ended seal never returns: a change is
a cancellation and a new application.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class SealState(StrEnum):
    """Where a seal stands."""

    APPLIED = "applied"
    REVIEWED = "reviewed"
    MADE = "made"
    FILED = "filed"
    ACTIVE = "active"
    FROZEN = "frozen"
    CANCELLED = "cancelled"
    LOST_KEY = "lost_key"


_S = SealState

SEAL_STEPS: Final[Mapping[str, Mapping[SealState, SealState]]] = {
    "review": {_S.APPLIED: _S.REVIEWED},
    "make": {_S.REVIEWED: _S.MADE},
    "file": {_S.MADE: _S.FILED},
    "activate": {_S.FILED: _S.ACTIVE},
    "freeze": {_S.ACTIVE: _S.FROZEN},
    "unfreeze": {_S.FROZEN: _S.ACTIVE},
    "cancel": {_S.ACTIVE: _S.CANCELLED, _S.FROZEN: _S.CANCELLED},
    "report_lost_key": {_S.ACTIVE: _S.LOST_KEY, _S.FROZEN: _S.LOST_KEY},
}
