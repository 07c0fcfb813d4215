"""What the enrolment routes take and give, as JSON."""

import base64
import binascii
import ipaddress
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from ca.enrolment.model import Decision, Enrolment, Submission, Way
from ca.enrolment.states import EnrolmentState
from sealkit.asn1 import certificate_builder
from sealkit.asn1.particulars import Particulars
from sealkit.asn1.x509 import name_parts, pem_to_der
from sealkit.sm import sm3

MAX_PEM_CHARACTERS: Final = 100_000
_REQUEST_LABEL: Final = "CERTIFICATE REQUEST"
_CERTIFICATE_LABEL: Final = "CERTIFICATE"


def _address(given: str) -> str:
    return str(ipaddress.ip_address(given))


def _base64(given: str) -> str:
    try:
        base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    return given


_Pem = Annotated[str, StringConstraints(max_length=MAX_PEM_CHARACTERS, pattern="^[\\x00-\\x7f]+$")]
_Serial = Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{1,40}$")]
_Ascii = Annotated[str, StringConstraints(max_length=253, pattern="^[!-~]+$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=128)]
_IPAddress = Annotated[str, StringConstraints(max_length=45), AfterValidator(_address)]
_Signature = Annotated[str, StringConstraints(max_length=256), AfterValidator(_base64)]


class PermittedName(BaseModel):
    """The beginning of a name that another authority may certify."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    C: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = "CN"
    ST: _Text | None = None
    L: _Text | None = None
    O: _Text | None = None  # noqa: E741  # the name's own word
    OU: _Text | None = None
    CN: _Text | None = None

    def encoded(self) -> bytes:
        """Return the DER Name."""
        return certificate_builder.name(self.model_dump(exclude_none=True))


class NewEnrolment(BaseModel):
    """A request as it is brought."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: Annotated[str, StringConstraints(pattern="^[a-z_]{1,32}$")]
    request: _Pem
    """PEM: PKCS#10; with profile ``cross_ca`` the other authority's certificate."""
    renews: _Serial | None = None
    """Serial number of the certificate of the same key that this one follows."""
    rekeys: _Serial | None = None
    """Serial number of the certificate whose holder has a new key."""
    old_key_signature: _Signature | None = None
    """Base64: DER signature of the old key, SM2 with SM3, over the DER of the request."""
    not_after: AwareDatetime | None = None
    dns_names: tuple[_Ascii, ...] = Field(default=(), max_length=16)
    ip_addresses: tuple[_IPAddress, ...] = Field(default=(), max_length=16)
    organisation_code: Annotated[str, StringConstraints(pattern="^[0-9A-Z]{18}$")] | None = None
    permitted_names: tuple[PermittedName, ...] = Field(default=(), max_length=16)
    crl_addresses: tuple[_Ascii, ...] = Field(default=(), max_length=4)

    @model_validator(mode="after")
    def _one_way(self) -> "NewEnrolment":
        if sum(map(bool, (self.renews, self.rekeys, self.profile == "cross_ca"))) > 1:
            raise ValueError("renews, rekeys and a cross-certificate exclude each other")
        return self

    def submission(self) -> Submission:
        """Return what it says.

        Raises:
            MalformedError: if `request` is no PEM block of its kind.
        """
        way = Way.NEW
        if self.profile == "cross_ca":
            way = Way.CROSS
        elif self.renews:
            way = Way.RENEWAL
        elif self.rekeys:
            way = Way.REKEY
        label = _CERTIFICATE_LABEL if way is Way.CROSS else _REQUEST_LABEL
        predecessor = self.renews or self.rekeys
        signature = self.old_key_signature
        not_after = self.not_after
        return Submission(
            purpose=self.profile,
            request=pem_to_der(self.request.encode(), label),
            way=way,
            predecessor=int(predecessor, 16) if predecessor else None,
            old_key_signature=base64.b64decode(signature) if signature else None,
            not_after=not_after.astimezone(UTC).replace(microsecond=0) if not_after else None,
            particulars=Particulars(
                dns_names=self.dns_names,
                ip_addresses=self.ip_addresses,
                permitted_names=tuple(name.encoded() for name in self.permitted_names),
                organisation_code=self.organisation_code,
                crl_addresses=self.crl_addresses,
            ),
        )


class NewApproval(BaseModel):
    """An approver's yes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Annotated[str, StringConstraints(max_length=512)] = ""
    fingerprint: Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$")] | None = None
    """Of a cross-certificate: SM3 of the other region's certificate, as had from there."""


class NewRefusal(BaseModel):
    """Why a request is rejected or withdrawn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Annotated[str, StringConstraints(min_length=1, max_length=512)]


class DecisionOut(BaseModel):
    """What one person decided."""

    person: str
    decision: str
    note: str
    at: datetime

    @classmethod
    def of(cls, found: Decision) -> "DecisionOut":
        """Return `found` as it is shown."""
        return cls(person=found.person, decision=found.decision, note=found.note, at=found.at)


class EnrolmentOut(BaseModel):
    """An enrolment as approvers and submitters see it."""

    authority: str
    id: str
    state: EnrolmentState
    way: Way
    profile: str
    subject: dict[str, str]
    dns_names: tuple[str, ...]
    ip_addresses: tuple[str, ...]
    permitted_names: tuple[str, ...]
    organisation_code: str | None
    not_after: datetime | None
    predecessor: str | None
    key_digest: str
    """SM3 of the SubjectPublicKeyInfo."""
    request_digest: str
    """SM3 of the request's DER; of a cross-certificate the other certificate's fingerprint."""
    submitted_by: str
    department: str
    submitted_at: datetime
    approvals_needed: int
    decisions: tuple[DecisionOut, ...]
    serial: str | None
    issued_at: datetime | None
    certificate: str | None
    """Where the certificate is."""

    @classmethod
    def of(cls, found: Enrolment) -> "EnrolmentOut":
        """Return `found` as it is shown."""
        issued = found.state is EnrolmentState.ISSUED
        said = found.particulars
        return cls(
            authority=found.key.authority,
            id=found.key.id,
            state=found.state,
            way=found.way,
            profile=found.purpose,
            subject=dict(found.subject),
            dns_names=said.dns_names,
            ip_addresses=said.ip_addresses,
            permitted_names=tuple(map(_name_text, said.permitted_names)),
            organisation_code=said.organisation_code,
            not_after=found.not_after,
            predecessor=_serial_text(found.predecessor),
            key_digest=sm3.digest(found.spki).hex(),
            request_digest=sm3.digest(found.request).hex(),
            submitted_by=found.submitted_by,
            department=found.department,
            submitted_at=found.submitted_at,
            approvals_needed=found.approvals_needed,
            decisions=tuple(map(DecisionOut.of, found.decisions)),
            serial=_serial_text(found.serial),
            issued_at=found.issued_at,
            certificate=f"/v1/ca/enrolments/{found.key}/certificate.pem" if issued else None,
        )


class EnrolmentPage(BaseModel):
    """A part of a list; ask again with `after` set to the last id for more."""

    enrolments: tuple[EnrolmentOut, ...]


def _serial_text(serial: int | None) -> str | None:
    return None if serial is None else f"{serial:x}"


def _name_text(name: bytes) -> str:
    return ",".join(f"{kind}={text}" for kind, text in name_parts(name))
