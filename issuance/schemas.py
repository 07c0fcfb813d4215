"""What goes over HTTP: requests read strictly, answers in one shape each."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from issuance.application_data import LicenceData
from issuance.applications import ApplicationView
from issuance.attachments import Attachment
from issuance.completion import MAX_REMARK_CHARACTERS, Remark
from issuance.register_rows import Application, Edition, EditionEvent
from issuance.replacements import Reason, Replacement
from issuance.review import MAX_REASON_CHARACTERS
from issuance.review import Decision as ReviewDecision

Scalar = StrictStr | StrictBool | StrictInt | StrictFloat | None
Name = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(max_length=8000)]


class Request(BaseModel):
    """Anything that is sent to us."""

    model_config = ConfigDict(extra="forbid")


class HolderMembers(BaseModel):
    """A holder (持证主体)."""

    name: str
    code: str
    code_type: str = Field(description="GB/T 36903 annex A, such as 001 USCC, 111 citizen number")


class NewApplication(Request):
    """An application for a licence. Each problem in it is told with its field."""

    kind: Name = Field(description="such as business_licence")
    holders: list[dict[str, Scalar]] | None = Field(
        None, description="may be left out where the kind's fields name the holders"
    )
    fields: dict[str, Scalar] = Field(max_length=200)
    replaces: Annotated[str, Field(max_length=128)] | None = Field(
        None, description="a licence id; asks for its next edition, with the reason beside it"
    )
    reason: Reason | None = None

    @model_validator(mode="after")
    def _reason_beside(self) -> Self:
        if (self.replaces is None) != (self.reason is None):
            raise ValueError("replaces and reason go together")
        return self

    def replacement(self) -> Replacement | None:
        """Return which licence a new edition is asked for."""
        if self.replaces is None or self.reason is None:
            return None
        return Replacement(self.replaces, self.reason)

    def data(self) -> dict[str, Any]:
        """Return the content as validation takes it."""
        members: dict[str, Any] = {"fields": self.fields}
        return members if self.holders is None else members | {"holders": self.holders}


class NewReview(Request):
    """A reviewer's decision; a reason is needed to return or reject."""

    decision: ReviewDecision
    reason: str | None = Field(None, max_length=MAX_REASON_CHARACTERS)
    remarks: dict[Name, Annotated[str, Field(max_length=MAX_REMARK_CHARACTERS)]] | None = Field(
        None, max_length=100, description="of a return: what to complete, by field"
    )


class Completion(Request):
    """The whole content of an application that was returned."""

    holders: list[dict[str, Scalar]] | None = None
    fields: dict[str, Scalar] = Field(max_length=200)

    def data(self) -> dict[str, Any]:
        """Return the content as validation takes it."""
        members: dict[str, Any] = {"fields": self.fields}
        return members if self.holders is None else members | {"holders": self.holders}


class RemarkOut(BaseModel):
    """What a reviewer wants completed."""

    round: int
    field: str
    reason: str
    at: datetime


class AttachmentOut(BaseModel):
    """A paper of an application."""

    id: str
    name: str
    type: str
    size: int
    sm3: str
    added_by: str
    added_at: datetime

    @classmethod
    def of(cls, entry: Attachment, name: str) -> "AttachmentOut":
        """Return what is told of `entry`."""
        return cls(
            id=entry.id,
            name=name,
            type=entry.type,
            size=entry.size,
            sm3=entry.digest.hex(),
            added_by=entry.added_by,
            added_at=entry.added_at,
        )


class NewStateChange(Request):
    """Why a licence is suspended or resumed."""

    legal_basis: str = Field(min_length=1, max_length=400)


class NewRefusal(Request):
    """Why an objection is not examined."""

    reasons: str = Field(min_length=1, max_length=2000)


class ApplicationOut(BaseModel):
    """An application and where it stands."""

    id: str
    kind: str
    state: str
    issuer_code: str
    holders_masked: str
    submitted_by: str
    submitted_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_reason: str | None
    licence_id: str | None = Field(description="identifier of the licence once it is minted")

    @classmethod
    def of(cls, application: Application, licence_id: str | None) -> "ApplicationOut":
        """Return the answer for `application`."""
        names = cls.model_fields.keys() - {"licence_id", "holders", "fields"}
        members = {name: getattr(application, name) for name in names}
        return cls(**members | {"state": application.state.value, "licence_id": licence_id})


class ApplicationDetailOut(ApplicationOut):
    """An application with its content, masked for whoever need not know it."""

    holders: list[HolderMembers]
    fields: dict[str, str]
    remarks: list[RemarkOut]

    @classmethod
    def of_view(
        cls, view: ApplicationView, licence_id: str | None, remarks: Iterable[Remark]
    ) -> "ApplicationDetailOut":
        """Return the answer for `view`."""
        head = ApplicationOut.of(view.application, licence_id).model_dump()
        told = [RemarkOut(**asdict(remark)) for remark in remarks]
        return cls(**head, **view.data.to_members(), remarks=told)


class EditionOut(BaseModel):
    """One edition in a licence's chain."""

    id: str
    edition: int
    state: str
    disputed: bool
    reason_code: str
    issued_on: str
    published_at: datetime | None

    @classmethod
    def of(cls, edition: Edition) -> "EditionOut":
        """Return the answer for `edition`."""
        return cls(
            id=edition.identifier,
            edition=edition.version,
            state=edition.state.value,
            disputed=edition.disputed,
            reason_code=edition.reason_code,
            issued_on=edition.issued_on,
            published_at=edition.published_at,
        )


class StatusOut(BaseModel):
    """Where the state of an edition is published."""

    uri: str
    index: int


class EventOut(BaseModel):
    """One step in the life of an edition."""

    at: datetime
    step: str
    state_after: str
    reason_code: str | None
    legal_basis: str | None
    log_index: int | None
    """Where the transparency log has the step: suspended, resumed or ended."""

    @classmethod
    def of(cls, event: EditionEvent) -> "EventOut":
        """Return the answer for `event`."""
        return cls(**{name: getattr(event, name) for name in cls.model_fields})


class LicenceOut(EditionOut):
    """One edition of a licence without its content."""

    kind: str
    kind_name: str
    number_masked: str
    holders_masked: str
    issuer_code: str
    issuer_name: str
    valid_from: str
    valid_until: str
    application_id: str
    status: StatusOut
    log_index: int | None
    files: dict[str, str] = Field(description="form → address")
    editions: list[EditionOut] = Field(description="all editions of the licence, first to last")

    @classmethod
    def of_licence(
        cls, edition: Edition, status: StatusOut, forms: list[str], chain: list[Edition]
    ) -> "LicenceOut":
        """Return the answer for `edition`."""
        copied = (
            "kind", "kind_name", "number_masked", "holders_masked", "issuer_code",
            "issuer_name", "valid_from", "valid_until", "application_id", "log_index",
        )  # fmt: skip
        root = f"/v1/licences/{edition.identifier}/files/"
        return cls(
            **EditionOut.of(edition).model_dump(),
            **{name: getattr(edition, name) for name in copied},
            status=status,
            files={form: root + form for form in sorted(forms)},
            editions=[EditionOut.of(entry) for entry in chain],
        )


class LicenceDetailOut(LicenceOut):
    """One edition with holders and fields, masked for whoever need not know them."""

    holders: list[HolderMembers]
    fields: dict[str, str]
    events: list[EventOut]

    @classmethod
    def of_detail(
        cls, licence: LicenceOut, data: LicenceData, events: list[EditionEvent]
    ) -> "LicenceDetailOut":
        """Return the answer for a licence with its content."""
        steps = [EventOut.of(event) for event in events]
        return cls(**licence.model_dump(), **data.to_members(), events=steps)
