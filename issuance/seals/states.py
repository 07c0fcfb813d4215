"""States of a seal: standards/e-licence, 10.4; one table of allowed steps.

    applied → reviewed → made → filed → active ⇄ frozen
    applied, reviewed → cancelled (rejected before anything was made)
    made, filed, active, frozen → cancelled | lost_key

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


STATES_ZH: Final[Mapping[SealState, str]] = {
    SealState.APPLIED: "已申请、待审核",
    SealState.REVIEWED: "已审核、待制作",
    SealState.MADE: "已制作、待备案",
    SealState.FILED: "已备案、待启用",
    SealState.ACTIVE: "在用",
    SealState.FROZEN: "已冻结",
    SealState.CANCELLED: "已注销",
    SealState.LOST_KEY: "密钥已挂失",
}

_S = SealState

SEAL_STEPS: Final[Mapping[str, Mapping[SealState, SealState]]] = {
    "review": {_S.APPLIED: _S.REVIEWED},
    "reject": {_S.APPLIED: _S.CANCELLED, _S.REVIEWED: _S.CANCELLED},
    "make": {_S.REVIEWED: _S.MADE},
    "file": {_S.MADE: _S.FILED},
    "activate": {_S.FILED: _S.ACTIVE},
    "freeze": {_S.ACTIVE: _S.FROZEN},
    "unfreeze": {_S.FROZEN: _S.ACTIVE},
    "cancel": dict.fromkeys((_S.MADE, _S.FILED, _S.ACTIVE, _S.FROZEN), _S.CANCELLED),
    "report_lost_key": dict.fromkeys((_S.MADE, _S.FILED, _S.ACTIVE, _S.FROZEN), _S.LOST_KEY),
}

ENDED: Final = frozenset({SealState.CANCELLED, SealState.LOST_KEY})
"""States that a seal never leaves."""
