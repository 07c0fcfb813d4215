"""Signed forms of status lists that may be handed out again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

SIGNED_ANEW_AFTER: Final = timedelta(minutes=5)
MAX_KEPT: Final = 512

Name = tuple[str, int, str]
"""Issuer, number of the list, and which form of it."""


@dataclass(frozen=True, slots=True)
class SignedLists:
    """What was signed not long ago; bounded."""

    _kept: dict[Name, tuple[int, datetime, bytes]] = field(default_factory=dict, repr=False)

    def current(self, name: Name, version: int, at: datetime, sign: Callable[[], bytes]) -> bytes:
        """Return what was signed as `name` for this version of the list, or sign it now."""
        kept = self._kept.get(name)
        if kept and kept[0] == version and timedelta(0) <= at - kept[1] < SIGNED_ANEW_AFTER:
            return kept[2]
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        signed = sign()
        self._kept[name] = (version, at, signed)
        return signed
