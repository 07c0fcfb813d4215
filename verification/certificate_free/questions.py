"""What a case system asks, and by what its holder is found again without being named."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sealkit.record import Holder
from verification.certificate_free.consent import Basis
from verification.errors import NotEntitledError
from verification.ports import Actor, VerificationServices

ASKERS: Final = frozenset({"case_officer", "case_system"})


@dataclass(frozen=True, slots=True)
class Question:
    """One question of one case."""

    item: str
    holder: Holder
    """The applicant, or who else the item is about in the first place."""
    case_number: str
    operator: str
    """Who asks, within the organisation of the caller."""
    basis: Basis
    """Why the applicant's licences may be looked at."""
    fields: tuple[str, ...] = ()
    """``requirement.field`` wanted beside the answer; the item must list each."""
    parties: Mapping[str, Holder] = field(default_factory=dict)
    """The others, by role."""
    party_bases: Mapping[str, Basis] = field(default_factory=dict)
    """Why the licences of each of them may be looked at."""

    def people(self) -> tuple[tuple[str | None, Holder, Basis], ...]:
        """Return everybody whose licences are looked at: role, who it is, on what basis."""
        others = ((role, person, self.party_bases[role]) for role, person in self.parties.items())
        return ((None, self.holder, self.basis), *others)


def require_asker(actor: Actor) -> None:
    """Refuse whoever is neither case officer nor case system.

    Raises:
        NotEntitledError: for everybody else.
    """
    if not ASKERS & actor.roles:
        raise NotEntitledError


def index_of(holder: Holder, services: VerificationServices) -> bytes:
    """Return the keyed digest under which a holder's consents and use log are kept."""
    return services.holders.blind_index(f"holder:{holder.code_type}:{holder.code.upper()}")


def question_digest(question: Question, services: VerificationServices) -> bytes:
    """Return the keyed digest by which a repeated question is told from another."""
    members = ["check", *_person(question.holder), *question.fields]
    for role, person in sorted(question.parties.items()):
        members += [role, *_person(person)]
    return services.holders.blind_index(json.dumps(members, ensure_ascii=False))


def _person(holder: Holder) -> list[str]:
    return [holder.code_type, holder.code.upper(), holder.name]
