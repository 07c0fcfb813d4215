"""The plan of a ceremony (仪式方案): a TOML file that is agreed and printed beforehand.

Who is there, what is made, for how long. Nothing secret is in it; its digest is the first
thing that the transcript records.
"""

import tomllib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ca.errors import CeremonyPlanError
from ca.revocation import Reason

MAX_PLAN_BYTES: Final = 64 * 1024
Person = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
NAME_PARTS: Final = ("C", "ST", "L", "O", "OU", "CN")


class Kind(StrEnum):
    """What is done."""

    ROOT = "root"
    """Make the root key, its certificate and its first list."""
    SUB_CA = "sub_ca"
    """Certify an issuing authority, its key made here or brought as a request."""
    LIST = "list"
    """Sign the next list of the root."""
    REVOCATION = "revocation"
    """Revoke an issuing authority, in the next list of the root."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Revoked(_Strict):
    """Which certificate is revoked."""

    serial: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{1,40}$")]
    reason: str
    invalid_since: datetime | None = None


class Plan(_Strict):
    """What is to be done, and by whom."""

    kind: Kind
    region: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    rehearsal: bool = False
    leader: Person
    witnesses: Annotated[list[Person], Field(min_length=2, max_length=16)]
    """Whoever confirms; none of them is the leader."""
    holders: Annotated[list[Person], Field(max_length=16)] = []
    """Who gets a share of the key that is made here, in this order."""
    threshold: Annotated[int, Field(ge=2, le=16)] | None = None
    """How many shares open it."""
    subject: dict[str, str] = {}
    years: Annotated[int, Field(ge=1, le=30)] = 20
    list_days: Annotated[int, Field(ge=1, le=400)] = 400
    """Until the root's next list is due."""
    list_address: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,256}$")] | None = (
        None
    )
    """Where the root's list is served, written into what the root certifies."""
    root_keystore: FilePath | None = None
    previous_list: FilePath | None = None
    request: FilePath | None = None
    """PKCS#10 of the issuing authority; absent when its key is made here."""
    revoke: Revoked | None = None

    @property
    def makes_key(self) -> bool:
        """Whether a key is made that has to be sealed and shared."""
        return self.kind is Kind.ROOT or (self.kind is Kind.SUB_CA and self.request is None)

    @property
    def people(self) -> tuple[str, ...]:
        """Leader and witnesses."""
        return (self.leader, *self.witnesses)

    def require_whole(self) -> Self:
        """Return the plan if it says all that its kind needs.

        Raises:
            CeremonyPlanError: naming the member that is missing, wrong or of no use.
        """
        if len(set(self.people)) != len(self.people):
            raise CeremonyPlanError("witnesses", "leader and witnesses are different persons")
        for member in ("holders", "threshold"):
            if bool(getattr(self, member)) is not self.makes_key:
                raise CeremonyPlanError(
                    member, "belongs to a plan that makes a key, and only there"
                )
        if self.makes_key and not (self.threshold or 0) <= len(set(self.holders)):
            raise CeremonyPlanError("holders", "fewer different persons than shares are needed")
        self._require("subject", self.kind in (Kind.ROOT, Kind.SUB_CA) and self.request is None)
        self._require("root_keystore", self.kind is not Kind.ROOT)
        self._require("previous_list", self.kind in (Kind.LIST, Kind.REVOCATION))
        self._require("revoke", self.kind is Kind.REVOCATION)
        if self.request is not None and self.kind is not Kind.SUB_CA:
            raise CeremonyPlanError("request", "belongs to a plan for an issuing authority")
        if self.subject and not {"C", "O", "CN"} <= set(self.subject) <= set(NAME_PARTS):
            raise CeremonyPlanError("subject", "has C, O and CN, perhaps ST, L, OU, and no other")
        if self.revoke is not None and self.revoke.reason.upper() not in Reason.__members__:
            known = ", ".join(reason.name.lower() for reason in Reason)
            raise CeremonyPlanError("revoke.reason", f"one of {known}")
        return self

    def _require(self, member: str, needed: bool) -> None:
        if bool(getattr(self, member)) is not needed:
            raise CeremonyPlanError(member, "is missing" if needed else "has no place in this plan")


def parse_plan(content: bytes) -> Plan:
    """Read a plan.

    Raises:
        CeremonyPlanError: naming the member that is missing, wrong or of no use.
    """
    if len(content) > MAX_PLAN_BYTES:
        raise CeremonyPlanError("plan", "it is too large")
    try:
        members = tomllib.loads(content.decode())
        return Plan.model_validate(members).require_whole()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "plan"
        raise CeremonyPlanError(place, first["msg"]) from error
    except (ValueError, RecursionError) as error:
        raise CeremonyPlanError("plan", f"no TOML: {error}") from error
