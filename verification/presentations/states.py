"""Where one showing of a licence stands, and what may follow; one table.

shown → scanned → agreed → read; scanned → refused; shown → closed when the phone shows anew.
That its time has run out is derived from the clock and never stored.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class PresentationState(StrEnum):
    """Where a presentation stands."""

    SHOWN = "shown"
    """The phone shows its codes; nobody has scanned one."""
    SCANNED = "scanned"
    """One was scanned; the holder has not decided."""
    AGREED = "agreed"
    REFUSED = "refused"
    READ = "read"
    """The fields agreed to went out."""
    CLOSED = "closed"
    """The phone began to show anew before anybody scanned."""


_S = PresentationState
ALLOWED: Final[Mapping[PresentationState, frozenset[PresentationState]]] = MappingProxyType(
    {
        _S.SHOWN: frozenset({_S.SCANNED, _S.CLOSED}),
        _S.SCANNED: frozenset({_S.AGREED, _S.REFUSED}),
        _S.AGREED: frozenset({_S.READ}),
        _S.REFUSED: frozenset(),
        _S.READ: frozenset(),
        _S.CLOSED: frozenset(),
    }
)
