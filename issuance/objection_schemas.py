"""What goes over HTTP about objections: requests read strictly, answers in one shape each."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from issuance.claims import Claim
from issuance.decisions import Decision, Outcome
from issuance.objection_repository import Objection, ObjectionEvent
from issuance.objection_states import Capacity, ObjectionType
from issuance.schemas import HolderMembers, Name, Request, Text


class ClaimedValue(Request):
    """One field that is wrong, and what would be right."""

    field: Name
    claimed_value: Text


class NewObjection(Request):
    """An objection on a licence (异议)."""

    type: ObjectionType = ObjectionType.WRONG
    statement: str = Field(min_length=1, max_length=512)
    items: list[ClaimedValue] = Field(default_factory=list, max_length=50)
    capacity: Capacity = Capacity.COUNTER

    def claim(self) -> Claim:
        """Return what is claimed."""
        values = {item.field: item.claimed_value for item in self.items}
        return Claim(self.type, self.statement, values)


class ClaimedValueOut(BaseModel):
    """A value said to be wrong, and what would be right."""

    field: str
    present_value: str | None
    claimed_value: str


class ClaimOut(BaseModel):
    """What an objection claims."""

    type: str
    statement: str
    items: list[ClaimedValueOut]

    @classmethod
    def of(cls, claim: Claim, present: Mapping[str, str]) -> "ClaimOut":
        """Return what is told of `claim` beside what the licence says."""
        return cls(
            type=claim.type.value,
            statement=claim.statement,
            items=[
                ClaimedValueOut(field=name, present_value=present.get(name), claimed_value=value)
                for name, value in claim.values.items()
            ],
        )


class NewDecision(Request):
    """A decision on an objection. Without `fields` the claimed values are taken."""

    outcome: Outcome
    reasons: str = Field(min_length=1, max_length=2000)
    fields: dict[Name, Text | None] | None = Field(None, max_length=50)
    holders: list[HolderMembers] | None = Field(None, max_length=100)

    def decision(self) -> Decision:
        """Return what is decided."""
        holders = None if self.holders is None else tuple(h.model_dump() for h in self.holders)
        return Decision(self.outcome, self.reasons, self.fields, holders)


class ObjectionStepOut(BaseModel):
    """One step in the handling of an objection."""

    at: datetime
    step: str
    state_after: str

    @classmethod
    def of(cls, event: ObjectionEvent) -> "ObjectionStepOut":
        """Return the answer for `event`."""
        return cls(at=event.at, step=event.step, state_after=event.state_after)


class ObjectionOut(BaseModel):
    """An objection, where it stands, and by when the next step is due."""

    id: str
    type: str
    state: str
    licence_id: str
    fields: list[str]
    capacity: str
    lodged_at: datetime
    due_at: datetime | None
    due_provisional: bool
    overdue: bool
    decided_at: datetime | None
    reasons: str | None = Field(description="of the decision")
    corrected_licence_id: str | None
    steps: list[ObjectionStepOut]

    @classmethod
    def of(
        cls,
        objection: Objection,
        events: list[ObjectionEvent],
        *,
        licence_id: str,
        corrected_licence_id: str | None,
        reasons: str | None,
        at: datetime,
    ) -> "ObjectionOut":
        """Return the answer for `objection` as of `at`."""
        copied = ("id", "lodged_at", "due_at", "due_provisional", "decided_at")
        return cls(
            **{name: getattr(objection, name) for name in copied},
            type=objection.type.value,
            state=objection.state.value,
            licence_id=licence_id,
            fields=list(objection.fields),
            capacity=objection.capacity.value,
            overdue=objection.is_overdue(at),
            reasons=reasons,
            corrected_licence_id=corrected_licence_id,
            steps=[ObjectionStepOut.of(event) for event in events],
        )
