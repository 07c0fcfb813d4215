"""What an objection claims, and what its decision says: checked, sealed, digested."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from issuance.errors import DataProblem, InvalidObjectionError
from issuance.kind import Kind
from issuance.objection_repository import Objection
from issuance.objection_states import ObjectionType
from issuance.personal_data import seal_members, unseal_members
from issuance.ports import Vault
from issuance.sentences import sentence

MAX_STATEMENT_CHARACTERS: Final = 512
"""problemRemark of the deployed precedent, standards/e-licence 11.1."""
MAX_VALUE_CHARACTERS: Final = 8000
_FIELD_TYPES: Final = frozenset({ObjectionType.WRONG, ObjectionType.NAME_CHAR})
"""Types that are about the values of fields, so that they must name some."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said to be wrong, and what would be right."""

    type: ObjectionType
    statement: str
    values: Mapping[str, str]
    """The right value by name of the field, as claimed; empty where there is none."""


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """What was decided, with the values that the licence shall have."""

    reasons: str
    fields: Mapping[str, str | None]
    """New values by name of the field; None removes one."""
    holders: tuple[Mapping[str, str], ...] | None
    """New holders, None to keep them."""


def check_claim(kind: Kind, claim: Claim) -> None:
    """Refuse a claim that nobody could examine.

    Raises:
        InvalidObjectionError: listing every problem.
    """
    problems = []
    if not claim.statement.strip() or len(claim.statement) > MAX_STATEMENT_CHARACTERS:
        problems.append(_problem("statement", "data.objection.statement"))
    if not _is_text(claim.statement):
        problems.append(_problem("statement", "data.field.characters"))
    if claim.type in _FIELD_TYPES and not claim.values:
        problems.append(_problem("items", "data.objection.fields"))
    for name, value in claim.values.items():
        if kind.field(name) is None:
            problems.append(_problem(name[:64], "data.field.unknown"))
        elif len(value) > MAX_VALUE_CHARACTERS or not _is_text(value):
            problems.append(_problem(name, "data.field.characters"))
    if problems:
        raise InvalidObjectionError(problems)


def require_reasons(reasons: str) -> None:
    """Refuse a decision without reasons.

    Raises:
        InvalidObjectionError: if there are none.
    """
    if not reasons.strip() or not _is_text(reasons):
        raise InvalidObjectionError([_problem("reasons", "data.reason.required")])


def sealed_claim(vault: Vault, issuer_code: str, objection_id: str, claim: Claim) -> bytes:
    """Return a claim as the register keeps it."""
    members = {
        "type": claim.type.value,
        "statement": claim.statement,
        "values": dict(claim.values),
    }
    return seal_members(vault, members, f"objections.claim:{issuer_code}:{objection_id}")


def claim_of(vault: Vault, objection: Objection) -> Claim:
    """Return what an objection claims."""
    context = f"objections.claim:{objection.issuer_code}:{objection.id}"
    members = unseal_members(vault, objection.sealed_claim, context)
    return Claim(ObjectionType(members["type"]), members["statement"], members["values"])


def sealed_decision(vault: Vault, objection: Objection, decision: StoredDecision) -> bytes:
    """Return a decision as the register keeps it."""
    members: dict[str, Any] = {
        "reasons": decision.reasons,
        "fields": dict(decision.fields),
        "holders": None if decision.holders is None else [dict(h) for h in decision.holders],
    }
    return seal_members(vault, members, _decision_context(objection))


def decision_of(vault: Vault, objection: Objection) -> StoredDecision | None:
    """Return what was decided on an objection, None before the decision."""
    if objection.sealed_decision is None:
        return None
    members = unseal_members(vault, objection.sealed_decision, _decision_context(objection))
    holders = members["holders"]
    return StoredDecision(
        members["reasons"], members["fields"], None if holders is None else tuple(holders)
    )


def _decision_context(objection: Objection) -> str:
    return f"objections.decision:{objection.issuer_code}:{objection.id}"


def _is_text(text: str) -> bool:
    """Whether `text` can be stored and shown: no surrogates, no control but line breaks."""
    return not any(
        unicodedata.category(character) in ("Cs", "Cc") and character != "\n" for character in text
    )


def _problem(place: str, code: str) -> DataProblem:
    zh, en = sentence(code, {"label": place}, {"label": place})
    return DataProblem(place, code, zh, en)
