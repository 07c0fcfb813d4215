"""Bodies of the check routes."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sealkit.record import Holder
from verification.certificate_free.answer import Answered
from verification.certificate_free.batch import MAX_QUESTIONS
from verification.certificate_free.consent import Basis, basis_of
from verification.certificate_free.questions import Question
from verification.errors import VerificationError
from verification.report import messages
from verification.repository import StoredCheck

MAX_PARTIES: Final = 4
FieldName = Annotated[str, Field(min_length=1, max_length=129)]


class HolderIn(BaseModel):
    """Who the question is about."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=256)
    code: str = Field(min_length=1, max_length=64)
    code_type: str = Field(pattern=r"^\d{3}$", description="GB/T 36903 annex A, such as 001 USCC")

    def holder(self) -> Holder:
        """Return the holder."""
        return Holder(self.name, self.code, self.code_type)


class PartyIn(BaseModel):
    """Another person or organisation that the item looks at; see `GET /v1/items`."""

    model_config = ConfigDict(extra="forbid")

    role: str = Field(min_length=1, max_length=64)
    holder: HolderIn
    consent: str | None = Field(None, max_length=200)
    signed_form: str | None = Field(None, max_length=200)


class CheckIn(BaseModel):
    """One question of one case, with its basis.

    A consent, the number of a signed form or a statutory basis must be given; the first two
    for each party too, the last holds for all.
    """

    model_config = ConfigDict(extra="forbid")

    item: str = Field(min_length=1, max_length=64)
    holder: HolderIn
    parties: tuple[PartyIn, ...] = Field((), max_length=MAX_PARTIES)
    case_number: str = Field(min_length=1, max_length=64)
    operator: str = Field(min_length=1, max_length=128)
    consent: str | None = Field(None, max_length=200, description="code of the holder's consent")
    signed_form: str | None = Field(None, max_length=200, description="number of a paper consent")
    statutory_basis: str | None = Field(None, max_length=200, description="law and article")
    fields: tuple[FieldName, ...] = Field((), max_length=32, description="requirement.field")

    @field_validator("parties")
    @classmethod
    def _once_each(cls, given: tuple[PartyIn, ...]) -> tuple[PartyIn, ...]:
        if len({party.role for party in given}) != len(given):
            raise ValueError("a party is named twice")
        return given

    def question(self) -> Question:
        """Return the question.

        Raises:
            ConsentError: if nobody says on what basis somebody's licences are looked at.
        """
        bases: dict[str, Basis] = {
            party.role: basis_of(party.consent, party.signed_form, self.statutory_basis)
            for party in self.parties
        }
        return Question(
            item=self.item,
            holder=self.holder.holder(),
            case_number=self.case_number,
            operator=self.operator,
            basis=basis_of(self.consent, self.signed_form, self.statutory_basis),
            fields=tuple(dict.fromkeys(self.fields)),
            parties={party.role: party.holder.holder() for party in self.parties},
            party_bases=bases,
        )


class CheckOut(BaseModel):
    """The answer to a check."""

    id: str
    item: str
    case_number: str
    outcome: str
    at: str
    answer: dict[str, Any]
    receipt: str = Field(description="JWS, SM2: what to archive instead of a copy")
    fields: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="values of the fields asked for, from licences that meet the item",
    )

    @classmethod
    def of(cls, check: StoredCheck) -> "CheckOut":
        """Return an answer as it is kept, without any value of a licence."""
        names = set(cls.model_fields) - {"fields"}
        return cls(**{name: getattr(check, name) for name in names})

    @classmethod
    def with_values(cls, answered: Answered) -> "CheckOut":
        """Return an answer as it goes out to the one who asked."""
        values = {name: dict(entry) for name, entry in answered.values.items()}
        return cls.of(answered.check).model_copy(update={"fields": values})


class BatchIn(BaseModel):
    """Many questions, each with its own case and basis."""

    model_config = ConfigDict(extra="forbid")

    checks: tuple[CheckIn, ...] = Field(min_length=1, max_length=MAX_QUESTIONS)


class RefusalOut(BaseModel):
    """Why one question was not answered; `code` never changes."""

    code: str
    title: str
    title_en: str


class BatchEntryOut(BaseModel):
    """What came of one question: an answer or a refusal."""

    check: CheckOut | None = None
    refusal: RefusalOut | None = None


class BatchOut(BaseModel):
    """What came of each question, in the order they were asked."""

    results: list[BatchEntryOut]

    @classmethod
    def of(cls, results: list[Answered | VerificationError]) -> "BatchOut":
        """Return what came of each question."""
        return cls(results=[_entry(result) for result in results])


def _entry(result: Answered | VerificationError) -> BatchEntryOut:
    if isinstance(result, Answered):
        return BatchEntryOut(check=CheckOut.with_values(result))
    key = result.code.removeprefix("verification.")
    sentence = messages()["verification"][key]
    return BatchEntryOut(
        refusal=RefusalOut(code=result.code, title=sentence.zh, title_en=sentence.en)
    )
