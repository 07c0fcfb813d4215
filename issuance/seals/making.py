"""Making a seal (制发) and filing it (备案): applied, reviewed, made, filed, active.

* Applicant, reviewer and maker are three persons (standards/e-licence, 10.4).
* A seal ends no later than the certificate of its key.
* The picture is drawn by us: owner in the arc, use across the foot; never an emblem.
"""

import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance.entitlement import SEAL_KEEPER, require_other_person, require_role
from issuance.errors import (
    DataProblem,
    InvalidSealError,
    NotEntitledError,
    UnknownDepartmentError,
)
from issuance.ports import Actor, Department, IssuanceServices
from issuance.render.errors import RenderError
from issuance.render.seal_picture import SealImage, draw_seal
from issuance.seals.ending import is_revoked
from issuance.seals.faces import LEGAL_NAME, NAME, OwnerKind, face_for
from issuance.seals.register import (
    IMPORTED,
    RegisteredSeal,
    add_seal,
    find_seal,
    seals_of,
    step_seal,
)
from issuance.seals.states import ENDED, SealState
from issuance.seals.using import BUSINESS_SEAL
from issuance.sentences import sentence
from sealkit.asn1.ses import SealInfo, SealPicture, build_seal
from sealkit.asn1.x509 import Certificate, parse_certificate

VENDOR_ID: Final = "YINXIN"

_CODE_PREFIX: Final = "DZYZ"
_CODE_LETTERS: Final = 6


@dataclass(frozen=True, slots=True)
class SealWish:
    """What seal is applied for; without more, the one that goes on the department's licences."""

    type: int = BUSINESS_SEAL
    label: str | None = None
    """Words across the foot; None are those of the department, or none on a legal-name seal."""
    kinds: tuple[str, ...] | None = None
    """None are all that the department issues."""
    owner_kind: OwnerKind = OwnerKind.DEPARTMENT
    second_name: str | None = None
    """The owner's name in a second script, for the outer ring."""
    police_number: str | None = None
    """13 digits (GA 241)."""
    replaces: str | None = None
    """Code of an ended seal that this one is made anew for."""


def apply_for_seal(
    session: Session,
    services: IssuanceServices,
    issuer_code: str,
    *,
    actor: Actor,
    at: datetime,
    wish: SealWish | None = None,
) -> RegisteredSeal:
    """Apply for a seal of a department, with the department's seal key.

    Raises:
        NotEntitledError: if the caller is no seal keeper of that department.
        UnknownDepartmentError: if this region has no such department.
        InvalidSealError: if such a seal cannot be made, all reasons listed.
    """
    require_role(actor, "apply for a seal", SEAL_KEEPER)
    wish = wish or SealWish()
    department = services.departments.get(issuer_code)
    if department is None:
        raise UnknownDepartmentError
    if actor.department != issuer_code:
        raise NotEntitledError("apply for another department's seal")
    certificate = parse_certificate(services.keys.signer(department.seal_key).certificate_der)
    label = department.seal_label if wish.type not in (LEGAL_NAME, NAME) else ""
    seal = RegisteredSeal(
        issuer_code=issuer_code,
        id=new_seal_code(issuer_code),
        state=SealState.APPLIED,
        name=f"{department.name}{label if wish.label is None else wish.label}",
        owner_name=department.name,
        label=label if wish.label is None else wish.label,
        kinds=department.kinds if wish.kinds is None else wish.kinds,
        key_name=department.seal_key,
        valid_from=max(certificate.not_before, at.replace(microsecond=0)),
        valid_until=certificate.not_after,
        applicant=actor.id,
        changed_at=at,
        type=wish.type,
        owner_kind=wish.owner_kind.value,
        second_name=wish.second_name,
        police_number=wish.police_number,
        replaces=wish.replaces,
    )
    problems = list(_objections(session, services, seal, department, certificate, at))
    if problems:
        raise InvalidSealError(problems)
    add_seal(session, seal)
    _record(session, services, seal, actor, "seal.apply", at)
    return seal


def reject_seal(
    session: Session,
    services: IssuanceServices,
    issuer_code: str,
    seal_id: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> RegisteredSeal:
    """Reject an application for a seal with a reason, before anything is made.

    Raises:
        SeparationOfDutiesError: if the caller applied for it.
        TransitionError: if it is made already, or ended.
    """
    require_role(actor, "reject a seal", SEAL_KEEPER)
    found = find_seal(session, issuer_code, seal_id)
    require_other_person(actor, "reject the seal", {"apply for it": found.applicant})
    seal = step_seal(session, found, "reject", at=at, reviewer=actor.id, reason=reason)
    _record(session, services, seal, actor, "seal.reject", at)
    return seal


def review_seal(
    session: Session,
    services: IssuanceServices,
    issuer_code: str,
    seal_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> RegisteredSeal:
    """Approve an application for a seal, as another person than the applicant.

    Raises:
        SeparationOfDutiesError: if the caller applied for it.
        TransitionError: if it is not waiting for review.
    """
    require_role(actor, "review a seal", SEAL_KEEPER)
    found = find_seal(session, issuer_code, seal_id)
    require_other_person(actor, "review the seal", {"apply for it": found.applicant})
    seal = step_seal(session, found, "review", at=at, reviewer=actor.id)
    _record(session, services, seal, actor, "seal.review", at)
    return seal


def make_seal(
    session: Session,
    services: IssuanceServices,
    issuer_code: str,
    seal_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> RegisteredSeal:
    """Make a reviewed seal: draw it and have the seal maker's key certify it.

    Raises:
        SeparationOfDutiesError: if the caller applied for it or reviewed it.
        TransitionError: if it is not reviewed, or made already.
    """
    require_role(actor, "make a seal", SEAL_KEEPER)
    found = find_seal(session, issuer_code, seal_id)
    earlier = {"apply for it": found.applicant, "review it": found.reviewer}
    require_other_person(actor, "make the seal", earlier)
    image = face_of(found, demonstration=services.demonstration)
    info = SealInfo(
        seal_id=found.id,
        name=found.name,
        type=found.type,
        vendor_id=VENDOR_ID,
        certificates=(services.keys.signer(found.key_name).certificate_der,),
        created_at=at.replace(microsecond=0),
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        picture=SealPicture("PNG", image.png, image.width_mm, image.height_mm),
    )
    der = build_seal(info, services.keys.signer(services.key_names.seal_maker))
    seal = step_seal(session, found, "make", at=at, maker=actor.id, der=der, picture_svg=image.svg)
    _record(session, services, seal, actor, "seal.make", at)
    return seal


def put_into_service(
    session: Session,
    services: IssuanceServices,
    issuer_code: str,
    seal_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> RegisteredSeal:
    """File a made seal (备案) and make it active; an imported one by another than who imported.

    Raises:
        TransitionError: if it is not made, or in service already.
        InvalidSealError: if it was imported and cannot be used.
    """
    require_role(actor, "file a seal", SEAL_KEEPER)
    found = find_seal(session, issuer_code, seal_id)
    if found.origin == IMPORTED:
        require_other_person(actor, "file the seal", {"import it": found.applicant})
        if not found.key_name:
            raise InvalidSealError([_problem("seal", "data.seal.import_refused")])
    filed = step_seal(session, found, "file", at=at)
    _record(session, services, filed, actor, "seal.file", at)
    seal = step_seal(session, filed, "activate", at=at)
    _record(session, services, seal, actor, "seal.activate", at)
    return seal


def face_of(seal: RegisteredSeal, *, demonstration: bool) -> SealImage:
    """Return the picture of a seal, marked 样章 in a demonstration."""
    return draw_seal(face_for(seal, specimen=demonstration))


def new_seal_code(issuer_code: str) -> str:
    """Return an e-seal code of 19 characters, random in its last six."""
    organisation_code = issuer_code[8:17]
    letters = (secrets.choice(string.ascii_letters) for _ in range(_CODE_LETTERS))
    return f"{_CODE_PREFIX}{organisation_code}{''.join(letters)}"


def _objections(
    session: Session,
    services: IssuanceServices,
    seal: RegisteredSeal,
    department: Department,
    certificate: Certificate,
    at: datetime,
) -> Iterator[DataProblem]:
    if not set(seal.kinds) <= set(department.kinds):
        yield _problem("kinds", "data.seal.kinds")
    others = seals_of(session, seal.issuer_code)
    living = (entry for entry in others if entry.state not in ENDED)
    if seal.type == LEGAL_NAME and any(e.type == LEGAL_NAME for e in living):
        yield _problem("type", "data.seal.one_legal_name")
    if seal.replaces is not None:
        earlier = next((entry for entry in others if entry.id == seal.replaces), None)
        if earlier is None or earlier.state not in ENDED or earlier.type != seal.type:
            yield _problem("replaces", "data.seal.replaces")
    if not certificate.valid_at(at) or is_revoked(session, services, certificate):
        yield _problem("key", "data.seal.key")
    try:
        draw_seal(face_for(seal, specimen=services.demonstration))
    except (ValueError, RenderError):
        yield _problem("label", "data.seal.face")


def _problem(field: str, code: str) -> DataProblem:
    zh, en = sentence(code, {}, {})
    return DataProblem(field, code, zh, en)


def _record(
    session: Session,
    services: IssuanceServices,
    seal: RegisteredSeal,
    actor: Actor,
    act: str,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=seal.id,
        at=at,
        detail={"issuer": seal.issuer_code, "name": seal.name, "reason": seal.reason or ""},
    )
