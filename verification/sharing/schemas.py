"""Bodies of the sharing interfaces, named as deployed systems name them (e-licence sheet, 8)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from sealkit.record import Holder, printed_form
from verification.certificate_free.consent import basis_of
from verification.sharing.searching import Fetched, Found, Search
from verification.sharing.use_codes import UseCode
from verification.sharing.verifying import ShownData, state_text

Text = Annotated[str, Field(min_length=1, max_length=128)]
FieldName = Annotated[str, Field(min_length=1, max_length=129)]
MAX_FILE_CHARACTERS = 28 * 1024 * 1024


class UseCause(BaseModel):
    """Who uses the data for what; all of it is required wherever personal data are in play."""

    model_config = ConfigDict(extra="forbid")

    certificateSystemName: Text
    orgName: Text
    username: Text = Field(description="operator; a use code is bound to it")
    itemCode: Text
    itemName: Text
    businessCode: Annotated[str, Field(min_length=1, max_length=64)]
    certificateCopyCause: Annotated[str, Field(min_length=1, max_length=200)]
    consent: str | None = Field(None, max_length=200)
    signedForm: str | None = Field(None, max_length=200)
    statutoryBasis: str | None = Field(None, max_length=200)


class SearchData(BaseModel):
    """Search by holder."""

    model_config = ConfigDict(extra="forbid")

    holderName: Annotated[str, Field(min_length=1, max_length=256)]
    holderCode: Annotated[str, Field(min_length=1, max_length=64)]
    holderTypeCode: Annotated[str, Field(pattern=r"^\d{3}$")]
    certTypeCode: Annotated[str, Field(min_length=1, max_length=64)]
    fields: tuple[FieldName, ...] = Field((), max_length=32, description="requirement.field")
    original: bool = Field(False, description="fetch the sealed file; statutory duty only")
    useCause: UseCause

    def search(self) -> Search:
        """Return what is searched for.

        Raises:
            ConsentError: if no basis is given.
        """
        cause = self.useCause
        return Search(
            holder=Holder(self.holderName, self.holderCode, self.holderTypeCode),
            kind_code=self.certTypeCode,
            item=cause.itemCode,
            fields=tuple(dict.fromkeys(self.fields)),
            case_number=cause.businessCode,
            operator=cause.username,
            purpose=cause.certificateCopyCause,
            basis=basis_of(cause.consent, cause.signedForm, cause.statutoryBasis),
            original=self.original,
        )


class FetchData(BaseModel):
    """A use code, spent by the operator it was made for."""

    model_config = ConfigDict(extra="forbid")

    authCode: Annotated[str, Field(min_length=1, max_length=64)]
    username: Text


class VerifyData(BaseModel):
    """What is said that a licence says; an empty value is answered with 4."""

    model_config = ConfigDict(extra="forbid")

    certTypeCode: Annotated[str, Field(max_length=64)] = ""
    certNo: Annotated[str, Field(max_length=128)] = ""
    holder: Annotated[str, Field(max_length=256)] = ""
    holderCode: Annotated[str, Field(max_length=64)] = ""
    holderTypeCode: Annotated[str, Field(pattern=r"^\d{3}$")]
    fields: dict[FieldName, Annotated[str, Field(max_length=4096)]] = Field(
        default_factory=dict, max_length=32
    )

    def shown(self) -> ShownData:
        """Return what is to be compared."""
        holder = Holder(self.holder, self.holderCode, self.holderTypeCode)
        return ShownData(self.certTypeCode, self.certNo, holder, self.fields)


class FileData(BaseModel):
    """A file in base64."""

    model_config = ConfigDict(extra="forbid")

    fileContent: Annotated[str, Field(min_length=1, max_length=MAX_FILE_CHARACTERS)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    head: dict[str, Any] = Field(default_factory=dict, description="passed over: see Authorization")


class SearchIn(_Request):
    """Envelope of a search."""

    data: SearchData


class FetchIn(_Request):
    """Envelope of a retrieval."""

    data: FetchData


class VerifyIn(_Request):
    """Envelope of a verification of data."""

    data: VerifyData


class FileIn(_Request):
    """Envelope of a verification of a file."""

    data: FileData


class Envelope(BaseModel):
    """How every answer of these interfaces looks; refusals are problems (RFC 9457)."""

    head: dict[str, Any]
    data: Any = None

    @classmethod
    def of(cls, data: Any, status: int = 0, message: str = "接口调用成功") -> "Envelope":
        """Return the envelope of an answer; status 10 says that nothing was found."""
        return cls(head={"status": status, "message": message}, data=data)


def found_members(found: Found) -> dict[str, Any]:
    """Return one licence found: no number, no holder, no value."""
    licence = found.report.licence
    return {
        "certificateIdentifier": licence.identifier if licence else "",
        "certificateTypeName": licence.kind_name if licence else "",
        "certificateIssuingAuthorityName": licence.issuer_name if licence else "",
        "verdict": found.report.verdict.value,
        "state": state_text(found.report),
        "authCode": found.use_code,
    }


def fetched_members(fetched: Fetched) -> dict[str, Any]:
    """Return exactly the fields of the code, with what the verifier says."""
    report, record = fetched.report, fetched.report.record
    values = {entry.name: entry for entry in record.fields} if record else {}
    chosen = [values[name] for name in fetched.code.fields if name in values]
    return {
        "certificateIdentifier": fetched.code.licence,
        "verdict": report.verdict.value,
        "state": state_text(report),
        "fields": {
            entry.name: {
                "label": entry.label,
                "value": entry.value,
                "text": printed_form(entry.value),
            }
            for entry in chosen
        },
    }


class UseCodeOut(BaseModel):
    """A use code as the holder sees it; the code itself is nowhere."""

    id: str
    licence: str
    organisation: str
    operator: str
    item: str
    purpose: str
    fields: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, code: UseCode) -> "UseCodeOut":
        """Return the code for its holder."""
        return cls(**{name: getattr(code, name) for name in cls.model_fields})
