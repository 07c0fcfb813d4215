"""On what grounds each person's licences are looked at in one check, and what that spends."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from verification.certificate_free.consent import Basis, BasisKind
from verification.certificate_free.consent_repository import Consent
from verification.certificate_free.consents import Use, require_usable, spend
from verification.certificate_free.items import Item
from verification.certificate_free.questions import Question, index_of
from verification.ports import Actor, VerificationServices


@dataclass(frozen=True, slots=True)
class Grounds:
    """The consents that a check uses, by the role of who gave them; None is the applicant."""

    consents: Mapping[str | None, tuple[Consent, Use]]

    def named(self, question: Question) -> Question:
        """Return the question with each consent named by its id: its code is kept nowhere."""
        return replace(
            question,
            basis=self._named(None, question.basis),
            party_bases={
                role: self._named(role, basis) for role, basis in question.party_bases.items()
            },
        )

    def spend(self, session: Session, *, check_id: str, at: datetime) -> None:
        """Spend one use of each consent.

        Raises:
            SpentConsentError: if another check took the last use meanwhile.
        """
        for consent, use in self.consents.values():
            spend(session, consent, use, check_id=check_id, at=at)

    def _named(self, role: str | None, basis: Basis) -> Basis:
        return Basis(basis.kind, self.consents[role][0].id) if role in self.consents else basis


def found_grounds(
    session: Session,
    question: Question,
    item: Item,
    *,
    actor: Actor,
    services: VerificationServices,
    at: datetime,
) -> Grounds:
    """Return the grounds of a question after each consent was found to allow it.

    Raises:
        ConsentRefusedError: if one does not, with the reason as its class.
    """
    consents: dict[str | None, tuple[Consent, Use]] = {}
    for role, person, basis in question.people():
        if basis.kind is BasisKind.HOLDER_CONSENT:
            use = Use(
                holder=index_of(person, services),
                organisation=actor.department,
                item=item.code,
                fields=_fields_of(role, question, item),
                case_number=question.case_number,
            )
            code = basis.reference
            consents[role] = require_usable(session, code, use, services=services, at=at), use
    return Grounds(consents)


def _fields_of(role: str | None, question: Question, item: Item) -> tuple[str, ...]:
    """Return the fields asked for that stand on licences of the person with this role."""
    own = {requirement.id for requirement in item.requirements if requirement.party == role}
    return tuple(name for name in question.fields if name.partition(".")[0] in own)
