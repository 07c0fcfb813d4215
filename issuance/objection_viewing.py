"""What an objection says, beside what the licence says: for who examines it.

It is personal data, so reading it is an act of its own and recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from issuance import repository
from issuance.claims import Claim, claim_of
from issuance.entitlement import AUDITOR, CLERK, OPERATOR, REVIEWER
from issuance.errors import UnknownLicenceError
from issuance.licence_record import data_of, record_of
from issuance.objection_repository import Objection
from issuance.objections import handled_objection, record_act
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition


@dataclass(frozen=True, slots=True)
class Examined:
    """An objection with its claim and the values it disputes."""

    objection: Objection
    edition: Edition
    """The one it was lodged on."""
    claim: Claim = field(repr=False)
    present: Mapping[str, str] = field(repr=False)
    """What that edition says, by name of each field that is said to be wrong; a field without
    a value is absent."""


def examine_claim(
    session: Session, services: IssuanceServices, objection_id: str, *, actor: Actor, at: datetime
) -> Examined:
    """Return what an objection claims, to the issuer's people; this is recorded.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownObjectionError: if it is none of the caller's department.
    """
    found = handled_objection(
        session, objection_id, "read an objection", actor, CLERK, REVIEWER, OPERATOR, AUDITOR
    )
    edition = repository.edition(session, found.edition_key)
    if edition is None:
        raise UnknownLicenceError
    claim = claim_of(services.vault, found)
    fields = data_of(record_of(services.vault, edition)).fields
    present = {name: fields[name] for name in claim.values if name in fields}
    record_act(session, services, found, actor, "objection.read_claim", at)
    return Examined(found, edition, claim, present)
