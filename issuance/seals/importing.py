"""Taking over seals of other makers (导入): checked first, kept as they came, trusted last.

* Read: SESeal V4 (GB/T 38540) and V1 (GM/T 0031), the content of an ``.esl`` file, as DER or
  in base64. Nothing is ever encoded anew: the bytes that came are the bytes that are kept.
* Checked: maker's signature, maker's chain and region, dates, picture, type, who may use it.
  Every finding is stored and shown; none is decided about by silence.
* Usable only if it is V4, nothing was found against it, and its list names the certificate of
  the department's own key. Any other is in the register to be seen, and cannot be filed.
"""

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from PIL import Image
from sqlalchemy.orm import Session

from issuance.entitlement import SEAL_KEEPER, department_of, require_role
from issuance.errors import DataProblem, InvalidSealError
from issuance.ports import Actor, Department, IssuanceServices
from issuance.seals.register import IMPORTED, RegisteredSeal, add_seal, seals_of
from issuance.seals.states import SealState
from issuance.sentences import sentence
from sealkit.asn1.ses import V4, Seal, SealPicture, parse_seal
from sealkit.errors import MalformedError
from verification.checks.chain import SigningTime, footing_of
from verification.checks.seals import check_maker, check_seal, check_used_in_time
from verification.checks.sources import Sources
from verification.report import Finding, Severity, messages

MAX_UPLOAD_BYTES: Final = 3 * 1024 * 1024
"""Of a seal as it is sent; a seal itself has at most 2 MB."""
MAX_SIDE_MM: Final = 60
MAX_PICTURE_PIXELS: Final = 4096 * 4096
TYPES: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 99})
"""seal_types of the code lists; others are met in the field, and are other makers' own."""
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_PEM_LINE: Final = re.compile(rb"-----[A-Z0-9 ]+-----")
_RASTER: Final = frozenset({"png", "jpg", "jpeg", "gif", "bmp"})


def import_seal(
    session: Session,
    services: IssuanceServices,
    upload: bytes,
    *,
    actor: Actor,
    at: datetime,
) -> RegisteredSeal:
    """Check a seal of another maker and register it with what was found.

    Raises:
        NotEntitledError, UnknownDepartmentError: if the caller keeps no seals here.
        InvalidSealError: if it is no seal, or one of its code is registered already.
    """
    require_role(actor, "import a seal", SEAL_KEEPER)
    department = department_of(services.departments, actor)
    try:
        seal = parse_seal(der_of(upload))
    except MalformedError as error:
        raise InvalidSealError([_problem("seal", "data.seal.malformed", str(error))]) from error
    info = seal.info
    if not _IDENTIFIER.fullmatch(info.seal_id) or len(info.name) > 200:
        raise InvalidSealError([_problem("seal", "data.seal.import_id")])
    if any(entry.id == info.seal_id for entry in seals_of(session, department.code)):
        raise InvalidSealError([_problem("seal", "data.seal.known")])
    findings = list(examine(seal, services, department, at=at))
    usable = all(finding.severity is not Severity.ERROR for finding in findings) and (
        seal.version == V4
    )
    usable = usable and not any(f.severity is Severity.UNKNOWN for f in findings)
    key = department.seal_key if usable and _is_ours(seal, services, department) else ""
    registered = RegisteredSeal(
        issuer_code=department.code,
        id=info.seal_id,
        state=SealState.MADE,
        name=info.name,
        owner_name=department.name,
        label="",
        kinds=department.kinds,
        key_name=key,
        valid_from=info.valid_from,
        valid_until=info.valid_until,
        applicant=actor.id,
        changed_at=at,
        der=seal.der,
        type=info.type,
        origin=IMPORTED,
        findings=json.dumps([_stored(f) for f in findings], ensure_ascii=False),
    )
    add_seal(session, registered)
    services.audit.record(
        session,
        actor=actor.id,
        act="seal.import",
        subject=registered.id,
        at=at,
        detail={
            "issuer": department.code,
            "version": str(seal.version),
            "findings": ", ".join(finding.code for finding in findings)[:400],
            "usable": "yes" if key else "no",
        },
    )
    return registered


def der_of(upload: bytes) -> bytes:
    """Return the DER of a seal that was sent as DER, or in base64 with or without PEM lines.

    Raises:
        MalformedError: if it is too large, or neither.
    """
    if len(upload) > MAX_UPLOAD_BYTES:
        raise MalformedError("a seal has at most 2 MB")
    if upload[:1] == b"\x30":
        return upload
    text = b"".join(_PEM_LINE.sub(b"", upload).split())
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("neither DER nor base64") from error


def examine(
    seal: Seal, services: IssuanceServices, department: Department, *, at: datetime
) -> Iterator[Finding]:
    """Yield what the check of a seal finds (standards/ofd-and-seal, 2.9, and its picture)."""
    trust = services.trust()
    sources = Sources(trust, None, None, None, at)
    signing = SigningTime(at, proven=False)
    yield from check_seal(seal, trust)
    footing = footing_of(trust, seal.maker_certificate_der, at=at, purpose="sign")
    for outcome in (
        *check_maker(seal, footing, signing, sources),
        *check_used_in_time(seal, signing),
    ):
        if isinstance(outcome, Finding):
            yield outcome
    evidence = {"seal": seal.info.seal_id}
    yield from _examine_picture(seal.info.picture, evidence)
    if seal.info.type not in TYPES:
        yield Finding("import.type_unknown", Severity.WARNING, evidence)
    if seal.version != V4:
        yield Finding("import.not_v4", Severity.WARNING, evidence)
    if department.name not in seal.info.name:
        yield Finding("import.other_name", Severity.WARNING, evidence)
    if not _is_ours(seal, services, department):
        yield Finding("import.key_not_ours", Severity.WARNING, evidence)


def findings_of(seal: RegisteredSeal) -> list[dict[str, str]]:
    """Return what was found of an imported seal, with its sentences in both languages."""
    found: Sequence[dict[str, Any]] = json.loads(seal.findings or "[]")
    return [{**entry, **_told(entry["code"])} for entry in found]


def _examine_picture(picture: SealPicture, evidence: dict[str, str]) -> Iterator[Finding]:
    if not (0 < picture.width_mm <= MAX_SIDE_MM and 0 < picture.height_mm <= MAX_SIDE_MM):
        yield Finding("import.picture_size", Severity.ERROR, evidence)
    if picture.type.lower() not in _RASTER:
        if not picture.is_of_its_type:
            yield Finding("import.picture_unreadable", Severity.ERROR, evidence)
        return
    try:
        with Image.open(io.BytesIO(picture.image), formats=("PNG", "JPEG", "GIF", "BMP")) as image:
            if image.width * image.height > MAX_PICTURE_PIXELS:
                yield Finding("import.picture_size", Severity.ERROR, evidence)
                return
            image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        yield Finding("import.picture_unreadable", Severity.ERROR, evidence)


def _is_ours(seal: Seal, services: IssuanceServices, department: Department) -> bool:
    return seal.lists(services.keys.signer(department.seal_key).certificate_der)


def _stored(finding: Finding) -> dict[str, str]:
    return {"code": finding.code, "severity": finding.severity.value}


def _told(code: str) -> dict[str, str]:
    if code.startswith("import."):
        zh, en = sentence(f"seal.{code}", {}, {})
        return {"zh": zh, "en": en}
    said = messages()["findings"][code]
    return {"zh": said.zh, "en": said.en}


def _problem(field: str, code: str, reason: str = "") -> DataProblem:
    zh, en = sentence(code, {"reason": reason}, {"reason": reason})
    return DataProblem(field, code, zh, en)
