"""What the revocation routes take and give, as JSON."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from ca.revocation import Reason


def _written_out(given: object) -> object:
    # Pydantic also takes a count of seconds, "1" for instance, which nobody means here.
    if given is not None and not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", str(given), re.ASCII):
        raise ValueError("an instant as RFC 3339 writes it")
    return given


class ReasonName(StrEnum):
    """Why a certificate is revoked, as RFC 5280, 5.3.1 spells it."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"

    @property
    def number(self) -> Reason:
        """The number in lists and answers."""
        return Reason[self.name]


class RevocationOrder(BaseModel):
    """What an operator orders."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: ReasonName
    invalid_since: Annotated[AwareDatetime | None, BeforeValidator(_written_out)] = None
    """When the key is thought to have been lost; not after now."""


class Revoked(BaseModel):
    """What holds of the certificate now; the first order, if there were several."""

    authority: str
    serial: str
    """Hexadecimal, without leading zeros."""
    revoked_at: datetime
    reason: ReasonName
    invalid_since: datetime | None


class BuiltLists(BaseModel):
    """Which lists were built anew."""

    lists: tuple[str, ...]
    """Their paths below ``/crl/``; empty when all were fresh and complete."""
