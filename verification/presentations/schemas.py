"""Bodies of the presentation routes."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from verification.presentations.dynamic_code import GOOD_FOR, REFRESHED_AFTER
from verification.presentations.repository import Presentation
from verification.presentations.scanning import Shown, Wanted

FieldName = Annotated[str, Field(min_length=1, max_length=64)]
Reference = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class LicenceIn(BaseModel):
    """Which licence the caller shows."""

    model_config = ConfigDict(extra="forbid")

    licence: str = Field(min_length=1, max_length=128, description="identifier of the edition")


class PhoneIn(LicenceIn):
    """A presentation on the caller's phone."""

    reference: Reference


class DecisionIn(PhoneIn):
    """What the holder agrees to; no fields at all is still a yes to being shown."""

    fields: tuple[FieldName, ...] = Field((), max_length=32)


class ScanIn(BaseModel):
    """A scanned code, and what is asked of whoever shows it."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=128)
    fields: tuple[FieldName, ...] = Field((), max_length=32, description="holders, number, …")
    purpose: str = Field(min_length=1, max_length=200, description="what for; the holder reads it")
    operator: str = Field(min_length=1, max_length=128)

    def wanted(self) -> Wanted:
        """Return what is asked."""
        return Wanted(tuple(dict.fromkeys(self.fields)), self.purpose, self.operator)


class TransactionIn(BaseModel):
    """A transaction, in the body because addresses are logged."""

    model_config = ConfigDict(extra="forbid")

    transaction: str = Field(min_length=1, max_length=64)


class AskedOut(BaseModel):
    """Who asks what for, as the holder reads it."""

    organisation: str
    organisation_name: str
    operator: str
    purpose: str
    fields: dict[str, str] = Field(description="name and label")


class PhoneOut(BaseModel):
    """What the phone shows: a code, or who asks."""

    reference: str
    state: str
    code: str | None = Field(description="to be drawn as QR; None once one was scanned")
    code_expires_at: datetime | None
    refresh_after_seconds: int = int(REFRESHED_AFTER.total_seconds())
    expires_at: datetime
    asked: AskedOut | None = None

    @classmethod
    def of(cls, reference: str, code: str | None, found: Presentation, at: datetime) -> "PhoneOut":
        """Return what is shown from `at` on."""
        return cls(
            reference=reference,
            state=found.state.value,
            code=code,
            code_expires_at=at + GOOD_FOR if code else None,
            expires_at=found.expires_at,
        )


class TransactionStateOut(BaseModel):
    """How a transaction stands: `scanned`, `agreed`, `refused`, `read`, or `expired`."""

    state: str
    expires_at: datetime

    @classmethod
    def of(cls, found: Presentation, at: datetime) -> "TransactionStateOut":
        """Return how it stands at `at`."""
        over = at >= found.expires_at
        return cls(state="expired" if over else found.state.value, expires_at=found.expires_at)


class ScanOut(TransactionStateOut):
    """A transaction that was just begun. It names the kind of licence, and nobody."""

    transaction: str
    kind_name: str
    fields: dict[str, str] = Field(description="asked for: name and label")


class ShownOut(BaseModel):
    """What the holder agreed to hand out, and the verdict on the licence."""

    verdict: str
    zh: str
    en: str
    kind_name: str
    issuer_name: str
    valid_until: str
    state: int | None
    fields: dict[str, dict[str, str]]

    @classmethod
    def of(cls, shown: Shown) -> "ShownOut":
        """Return it as it goes out."""
        report, record = shown.licence.report, shown.licence.record
        return cls(
            verdict=report.verdict.value,
            zh=report.message.zh,
            en=report.message.en,
            kind_name=record.kind_name,
            issuer_name=record.issuer_name,
            valid_until=record.valid_until,
            state=report.state,
            fields=shown.values,
        )
