"""What stands in the menu, and for whom. Hiding is a courtesy: the rules are issuance's."""

from dataclasses import dataclass
from typing import Final

from issuance.entitlement import AUDITOR, CLERK, OPERATOR, REVIEWER, SEAL_KEEPER
from issuance.ports import Actor

ISSUING: Final = frozenset({CLERK, REVIEWER, OPERATOR, AUDITOR})
DEPARTMENT: Final = ISSUING | {SEAL_KEEPER}
"""Roles that have something to do in the console."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    key: str
    """Words are at ``console.nav.<key>``."""
    path: str
    roles: frozenset[str]


ENTRIES: Final = (
    Entry("home", "/console", DEPARTMENT),
    Entry("applications", "/console/applications", ISSUING),
    Entry("batches", "/console/batches", ISSUING),
    Entry("licences", "/console/licences", ISSUING),
    Entry("objections", "/console/objections", ISSUING),
    Entry("seals", "/console/seals", frozenset({SEAL_KEEPER, AUDITOR})),
)


def menu(actor: Actor) -> tuple[Entry, ...]:
    """Return what `actor` has to do with."""
    return tuple(entry for entry in ENTRIES if not entry.roles.isdisjoint(actor.roles))


def current(entries: tuple[Entry, ...], path: str) -> str:
    """Return the key of the entry that `path` is below, the longest path first."""
    for entry in sorted(entries, key=lambda entry: -len(entry.path)):
        if path == entry.path or path.startswith(f"{entry.path}/"):
            return entry.key
    return ""
