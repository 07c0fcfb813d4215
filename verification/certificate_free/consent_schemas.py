"""Bodies of the routes of consents and of the use log."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from verification.certificate_free.consent_repository import Consent, ConsentUse
from verification.certificate_free.consents import MAX_USES, USUAL, Terms
from verification.certificate_free.counter import REFRESHED_AFTER, CounterQuestion
from verification.certificate_free.counter_repository import ConsentRequest, ShownCode
from verification.certificate_free.items import Item
from verification.certificate_free.schemas import FieldName

ItemCode = Annotated[str, Field(min_length=1, max_length=64)]
Organisation = Annotated[str, Field(min_length=18, max_length=18, description="USCC")]


class ConsentIn(BaseModel):
    """What a holder allows."""

    model_config = ConfigDict(extra="forbid")

    items: tuple[ItemCode, ...] = Field(min_length=1, max_length=12)
    fields: tuple[FieldName, ...] = Field((), max_length=64, description="requirement.field")
    organisations: tuple[Organisation, ...] = Field(min_length=1, max_length=20)
    valid_from: AwareDatetime | None = Field(None, description="absent: at once")
    expires_at: AwareDatetime | None = Field(None, description="absent: after 24 hours")
    uses: int = Field(1, ge=1, le=MAX_USES)

    def terms(self, at: datetime) -> Terms:
        """Return the terms, with what was left out as it is at `at`."""
        begins = self.valid_from or at
        return Terms(
            items=self.items,
            fields=self.fields,
            organisations=self.organisations,
            valid_from=begins,
            expires_at=self.expires_at or _later(begins, USUAL),
            uses=self.uses,
        )


class ConsentUseOut(BaseModel):
    """What one use was spent on."""

    organisation: str
    case_number: str
    item: str
    check_id: str
    at: datetime


class ConsentOut(BaseModel):
    """A consent as its holder sees it."""

    id: str
    items: tuple[str, ...]
    fields: tuple[str, ...]
    organisations: tuple[str, ...]
    given_at: datetime
    given_through: str
    valid_from: datetime
    expires_at: datetime
    uses: int
    uses_left: int
    withdrawn_at: datetime | None
    used_for: tuple[ConsentUseOut, ...] = ()

    @classmethod
    def of(cls, consent: Consent, uses: list[ConsentUse] | None = None) -> "ConsentOut":
        """Return a consent with what it was used for."""
        names = set(cls.model_fields) - {"used_for"}
        members = {name: getattr(consent, name) for name in names}
        return cls(
            **members,
            used_for=tuple(
                ConsentUseOut(**{name: getattr(use, name) for name in ConsentUseOut.model_fields})
                for use in uses or ()
            ),
        )


class GivenConsentOut(ConsentOut):
    """A consent that was just given."""

    code: str = Field(description="pass this on to the organisation; it is shown this once")


class ShownCodeOut(BaseModel):
    """A code for the phone's screen."""

    code: str
    refresh_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, code: str, shown: ShownCode) -> "ShownCodeOut":
        """Return the code with its times."""
        return cls(
            code=code, refresh_at=shown.shown_at + REFRESHED_AFTER, expires_at=shown.expires_at
        )


class ConsentRequestIn(BaseModel):
    """What a counter asks the holder in front of it to allow."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=200, description="as scanned from the phone")
    item: ItemCode
    fields: tuple[FieldName, ...] = Field((), max_length=32)
    case_number: str = Field(min_length=1, max_length=64)
    operator: str = Field(min_length=1, max_length=128)

    def question(self) -> CounterQuestion:
        """Return what is asked."""
        fields = tuple(dict.fromkeys(self.fields))
        return CounterQuestion(self.item, fields, self.case_number, self.operator)


class TransactionIn(BaseModel):
    """A transaction, in the body because addresses are logged."""

    model_config = ConfigDict(extra="forbid")

    transaction: str = Field(min_length=1, max_length=200)


class RequestStateOut(BaseModel):
    """How a request stands: `waiting`, `agreed`, `refused`, or `expired` undecided."""

    state: str
    expires_at: datetime

    @classmethod
    def of(cls, request: ConsentRequest, at: datetime) -> "RequestStateOut":
        """Return how the request stands at `at`."""
        lapsed = request.decided_at is None and at >= request.expires_at
        state = "expired" if lapsed else request.state.value
        return cls(state=state, expires_at=request.expires_at)


class TransactionOut(RequestStateOut):
    """A request that was just made."""

    transaction: str = Field(description="quote it as consent in the check once it is agreed")


class ConsentRequestOut(BaseModel):
    """A request as the holder sees it."""

    id: str
    organisation: str
    organisation_name: str
    operator: str
    item: str
    item_zh: str
    item_en: str
    requirements: tuple[dict[str, str], ...]
    fields: tuple[str, ...]
    case_number: str
    expires_at: datetime

    @classmethod
    def of(cls, request: ConsentRequest, item: Item, organisation_name: str) -> "ConsentRequestOut":
        """Return the request in words."""
        return cls(
            id=request.id,
            organisation=request.organisation,
            organisation_name=organisation_name,
            operator=request.operator,
            item=item.code,
            item_zh=item.name_zh,
            item_en=item.name_en,
            requirements=tuple({"zh": entry.zh, "en": entry.en} for entry in item.requirements),
            fields=request.fields,
            case_number=request.case_number,
            expires_at=request.expires_at,
        )


def _later(at: datetime, by: timedelta) -> datetime:
    """Return `at` and `by`; at the end of the calendar, its last instant."""
    try:
        return at + by
    except OverflowError:
        return datetime.max.replace(tzinfo=at.tzinfo)
