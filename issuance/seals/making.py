"""Making a seal (制发) and filing it (备案): applied, reviewed, made, filed, active.

* Applicant, reviewer and maker are three persons (standards/e-licence, 10.4).
* A seal ends no later than the certificate of its key.
* The picture is drawn by us: owner in the arc, use across the foot; never an emblem.
"""

import secrets
import string
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance.entitlement import SEAL_KEEPER, require_other_person, require_role
from issuance.errors import NotEntitledError, UnknownDepartmentError
from issuance.ports import Actor, IssuanceServices
from issuance.render.seal_picture import SealFace, SealImage, draw_seal
from issuance.seals.register import RegisteredSeal, add_seal, find_seal, step_seal
from issuance.seals.states import SealState
from sealkit.asn1.ses import SealInfo, SealPicture, build_seal
from sealkit.asn1.x509 import parse_certificate

VENDOR_ID: Final = "YINXIN"
BUSINESS_SEAL: Final = 6
"""业务专用章, the type used on licences: seal_types ``06`` of the code lists."""
SEAL_DIAMETER_MM: Final = 42
"""Usual for departments of a government, 国发〔1999〕25号 practice."""

_CODE_PREFIX: Final = "DZYZ"
_CODE_LETTERS: Final = 6


def apply_for_seal(
    session: Session, services: IssuanceServices, issuer_code: str, *, actor: Actor, at: datetime
) -> RegisteredSeal:
    """Apply for the licence seal of a department: for all kinds it issues, with its own key.

    Raises:
        NotEntitledError: if the caller is no seal keeper of that department.
        UnknownDepartmentError: if this region has no such department.
    """
    require_role(actor, "apply for a seal", SEAL_KEEPER)
    department = services.departments.get(issuer_code)
    if department is None:
        raise UnknownDepartmentError
    if actor.department != issuer_code:
        raise NotEntitledError("apply for another department's seal")
    certificate = parse_certificate(services.keys.signer(department.seal_key).certificate_der)
    seal = RegisteredSeal(
        issuer_code=issuer_code,
        id=new_seal_code(issuer_code),
        state=SealState.APPLIED,
        name=f"{department.name}{department.seal_label}",
        owner_name=department.name,
        label=department.seal_label,
        kinds=department.kinds,
        key_name=department.seal_key,
        valid_from=max(certificate.not_before, at.replace(microsecond=0)),
        valid_until=certificate.not_after,
        applicant=actor.id,
        changed_at=at,
    )
    add_seal(session, seal)
    _record(session, services, seal, actor, "seal.apply", at)
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
        type=BUSINESS_SEAL,
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
    """File a made seal (备案) and make it active.

    Raises:
        TransitionError: if it is not made, or in service already.
    """
    require_role(actor, "file a seal", SEAL_KEEPER)
    filed = step_seal(session, find_seal(session, issuer_code, seal_id), "file", at=at)
    _record(session, services, filed, actor, "seal.file", at)
    seal = step_seal(session, filed, "activate", at=at)
    _record(session, services, seal, actor, "seal.activate", at)
    return seal


def face_of(seal: RegisteredSeal, *, demonstration: bool) -> SealImage:
    """Return the picture of a seal, marked 样章 in a demonstration."""
    return draw_seal(SealFace(seal.owner_name, seal.label, SEAL_DIAMETER_MM, demonstration))


def new_seal_code(issuer_code: str) -> str:
    """Return an e-seal code of 19 characters, random in its last six."""
    organisation_code = issuer_code[8:17]
    letters = (secrets.choice(string.ascii_letters) for _ in range(_CODE_LETTERS))
    return f"{_CODE_PREFIX}{organisation_code}{''.join(letters)}"


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
        detail={"issuer": seal.issuer_code, "name": seal.name},
    )
