"""What a ceremony needs of the room it is held in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ca.keystores.secret import Secret
from ca.keystores.shares import ShareSet


class Room(Protocol):
    """The people, their clock, and what lies on the table."""

    def now(self) -> datetime:
        """Return the time of the room's clock, aware UTC."""

    def connections(self) -> tuple[str, ...]:
        """Return the names of network interfaces that are up, the loopback left out."""

    def confirm(self, step: str, people: Sequence[str], told: Mapping[str, str]) -> None:
        """Show what is to be done and have each of `people` agree.

        Raises:
            CeremonyAbortedError: if one of them does not.
        """

    def tell(self, step: str, told: Mapping[str, str]) -> None:
        """Show what was done."""

    def hand_out(self, key: str, holder: str, number: int, share: str) -> None:
        """Give one share of the key `key` to its holder, and to nobody else."""

    def shares_of(self, key: str, known: ShareSet) -> Secret:
        """Have enough holders bring their shares of the key `key`; return what they open.

        Raises:
            ShareError: if one is wrong, or they are too few.
        """
