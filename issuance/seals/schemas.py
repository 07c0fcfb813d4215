"""What goes over HTTP about seals."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from issuance.schemas import Name, Request
from issuance.seals.ending import Cause
from issuance.seals.faces import OwnerKind
from issuance.seals.importing import findings_of
from issuance.seals.making import SealWish
from issuance.seals.policy import MAX_DAILY_LIMIT, Approval, SealPolicy, Terms, UseWindow
from issuance.seals.policy_register import SealRequest
from issuance.seals.reconciliation import Reconciliation
from issuance.seals.register import RegisteredSeal, SealUse
from issuance.seals.states import STATES_ZH

SealType = Literal[1, 2, 3, 4, 5, 6, 7, 8, 99]
Reason = Annotated[str, Field(min_length=1, max_length=390)]


class NewSeal(Request):
    """An application for a seal; what is left out is what the department usually has."""

    type: SealType = Field(6, description="seal_types: 1 法定名称章, 6 业务专用章, 7 内设机构章 …")
    label: Annotated[str, Field(max_length=16)] | None = None
    kinds: list[Name] | None = Field(None, max_length=100)
    owner_kind: OwnerKind = OwnerKind.DEPARTMENT
    second_name: Annotated[str, Field(min_length=1, max_length=120)] | None = Field(
        None, description="the owner's name in a second script, such as Uyghur"
    )
    police_number: Annotated[str, Field(pattern=r"^[0-9]{13}$")] | None = None
    replaces: Annotated[str, Field(max_length=40)] | None = None

    def wish(self) -> SealWish:
        """Return what is applied for."""
        members = self.model_dump()
        members["kinds"] = None if self.kinds is None else tuple(self.kinds)
        return SealWish(**members)


class NewReason(Request):
    """Why a step is taken."""

    reason: Reason


class NewCancellation(NewReason):
    """Why a seal is cancelled."""

    cause: Cause


class NewLoss(NewReason):
    """That the key of a seal was lost, and since when, if that is known."""

    lost_since: AwareDatetime | None = None


class WindowMembers(Request):
    """Hours in which a seal may be used, Beijing time."""

    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(max_length=7)
    opens: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    closes: str = Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")


class TermsMembers(Request):
    """What a policy allows; what is left out is not limited."""

    kinds: list[Name] = Field(default_factory=list, max_length=100)
    windows: list[WindowMembers] = Field(default_factory=list, max_length=50)
    daily_limit: Annotated[int, Field(ge=0, le=MAX_DAILY_LIMIT)] | None = None
    approval: Approval = Approval.CASE

    def terms(self) -> Terms:
        """Return the terms."""
        windows = (UseWindow(tuple(w.weekdays), w.opens, w.closes) for w in self.windows)
        return Terms(tuple(self.kinds), tuple(windows), self.daily_limit, self.approval)


class NewPolicy(TermsMembers):
    """A proposed version of a seal's policy."""

    reason: Reason


class NewApproval(Request):
    """Requests that are approved together."""

    requests: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=1000)


class NewDeclination(NewApproval):
    """Requests that are declined together, and why."""

    reasons: Reason


class FindingOut(BaseModel):
    """Something that the check of an imported seal found."""

    code: str
    severity: str
    zh: str
    en: str


class SealOut(BaseModel):
    """A seal and where it stands."""

    id: str
    name: str
    type: int
    owner_name: str
    second_name: str | None
    label: str
    kinds: list[str]
    state: str
    state_zh: str
    reason: str | None
    valid_from: datetime
    valid_until: datetime
    changed_at: datetime
    applicant: str
    reviewer: str | None
    maker: str | None
    police_number: str | None
    replaces: str | None
    origin: str
    has_key: bool = Field(description="whether this service can seal with it")
    findings: list[FindingOut] = Field(description="of the check of an imported seal")

    @classmethod
    def of(cls, seal: RegisteredSeal) -> "SealOut":
        """Return what is told of `seal`."""
        members: dict[str, Any] = {
            name: getattr(seal, name) for name in cls.model_fields if hasattr(seal, name)
        }
        members |= {"kinds": list(seal.kinds), "state_zh": STATES_ZH[seal.state]}
        members["findings"] = [FindingOut(**entry) for entry in findings_of(seal)]
        return cls(**members, has_key=bool(seal.key_name))


class PolicyOut(BaseModel):
    """One version of a policy."""

    seal_id: str
    version: int
    state: str
    in_force: bool
    terms: TermsMembers
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, policy: SealPolicy, in_force: SealPolicy | None) -> "PolicyOut":
        """Return what is told of `policy`, given which version is in force."""
        names = ("reason", "proposed_by", "proposed_at", "decided_by", "decided_at")
        terms = policy.terms
        return cls(
            seal_id=policy.seal_id,
            version=policy.version,
            state=policy.state.value,
            in_force=in_force is not None and in_force.version == policy.version,
            terms=TermsMembers(
                kinds=list(terms.kinds),
                windows=[
                    WindowMembers(weekdays=list(w.weekdays), opens=w.opens, closes=w.closes)
                    for w in terms.windows
                ],
                daily_limit=terms.daily_limit,
                approval=terms.approval,
            ),
            **{name: getattr(policy, name) for name in names},
        )


class RequestOut(BaseModel):
    """A request to use a seal."""

    id: str
    seal_id: str
    licence_id: str
    kind: str
    state: str
    policy_version: int
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reasons: str | None

    @classmethod
    def of(cls, request: SealRequest) -> "RequestOut":
        """Return what is told of `request`."""
        members: dict[str, Any] = {
            name: getattr(request, name) for name in cls.model_fields if hasattr(request, name)
        }
        members |= {"state": request.state.value, "licence_id": request.identifier}
        return cls(**members)


class UseOut(BaseModel):
    """One use of a seal (用印记录)."""

    id: str
    seal_id: str
    serial: str
    version: int
    form: str
    document_digest: str = Field(description="SM3 of the sealed file, hexadecimal")
    operator: str
    approver: str
    at: datetime
    policy_version: int
    request_id: str | None

    @classmethod
    def of(cls, use: SealUse) -> "UseOut":
        """Return what is told of `use`."""
        members: dict[str, Any] = {name: getattr(use, name) for name in cls.model_fields}
        return cls(**members | {"document_digest": use.document_digest.hex()})


class UsesOut(BaseModel):
    """A page of uses, oldest first."""

    uses: list[UseOut]
    total: int
    next: str | None = Field(description="give it as `after` for the next page; null at the end")


class MismatchOut(BaseModel):
    """One difference between uses and files."""

    difference: str
    licence: str
    seal_id: str
    use_id: str


class ReconciliationOut(BaseModel):
    """Uses of seals compared with sealed files."""

    issuer_code: str
    agrees: bool
    uses: int
    documents: int
    differences: int
    named: list[MismatchOut] = Field(description="the first 1,000 differences")

    @classmethod
    def of(cls, found: Reconciliation) -> "ReconciliationOut":
        """Return what is told of `found`."""
        return cls(
            issuer_code=found.issuer_code,
            agrees=found.agrees,
            uses=found.uses,
            documents=found.documents,
            differences=found.differences,
            named=[
                MismatchOut(
                    difference=entry.difference.value,
                    licence=entry.licence,
                    seal_id=entry.seal_id,
                    use_id=entry.use_id,
                )
                for entry in found.named
            ],
        )
