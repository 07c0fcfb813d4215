"""Sealing (用印): from a planned edition to its signed files, checked by our own verifier.

* OFD with the issuer's seal; PDF signed with SM2 and, where switched on, once more with
  ECDSA for ordinary viewers; the code `CL1:` and its picture.
* Nothing made here leaves before our own verifier calls it valid, with the trust material
  of this region and the status list as it will be published. Two things cannot be judged
  yet: the log, which the edition enters next, and a first day that is still ahead.
* The database is read before and written after; no transaction is open while we sign.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy.orm import Session

from issuance import repository, status
from issuance.edition_steps import step_edition
from issuance.errors import (
    RefusedByVerifierError,
    UnknownLicenceError,
    VerifierCannotSayError,
)
from issuance.licence_record import record_of
from issuance.ports import IssuanceServices
from issuance.register_rows import OFD_AND_PDF, Edition, EditionKey, Plan, StoredFile
from issuance.render.licence_page import render_ofd, render_pdf
from issuance.render.seal_picture import SealImage
from issuance.seals.permits import Permit, permit_use, require_still_permitted
from issuance.seals.register import RegisteredSeal, SealUse, add_use
from issuance.seals.using import usable_seals
from issuance.states import EditionState
from issuance.status_lists.publishing import ListForm, published_list
from sealkit.asn1.ses import parse_seal
from sealkit.formats.code.claims import CodeClaims
from sealkit.formats.code.credential import encode
from sealkit.formats.code.qr import qr_png
from sealkit.formats.ofd.signing import seal_package
from sealkit.formats.pdf.signing import sign_pdf
from sealkit.record import LicenceRecord
from sealkit.sm import sm3
from verification.report import Report, Severity
from verification.verify import verify

OFD: Final = "ofd"
PDF: Final = "pdf"
CODE_TEXT: Final = "code.txt"
CODE_PICTURE: Final = "code.png"
PROOF: Final = "proof"
SM2_FIELD: Final = "YinxinSM2"
ECDSA_FIELD: Final = "YinxinECDSA"

_NOT_YET: Final = frozenset({"licence.not_yet_valid"})
"""A licence may be issued before its first day."""
_USE_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that signing needs, read beforehand."""

    plan: Plan
    edition: Edition
    record: LicenceRecord = field(repr=False)
    permits: tuple[Permit, ...]
    """To use each seal once, in the order in which they are applied."""
    status_list: bytes
    """The list that the edition is on, as published: its slot says already what it will."""

    @property
    def seal(self) -> RegisteredSeal:
        """The seal that is applied first."""
        return self.permits[0].seal


class _OneList:
    """A status client that knows one list."""

    def __init__(self, token: bytes) -> None:
        self._token = token

    def token(self, uri: str) -> bytes:
        """Return the token; the record names no other address."""
        return self._token


def load_work(
    session: Session,
    services: IssuanceServices,
    key: EditionKey,
    *,
    at: datetime,
    pending: int = 0,
) -> Work:
    """Read what sealing an edition needs, and ask for the use of each seal.

    `pending` is how many editions are prepared already and not yet recorded.

    Raises:
        SealApprovalNeededError: if a person has to approve; the request is in `session`.
        SealNotUsableError: if neither the planned seal nor another may be used now.
    """
    plan, edition = repository.plan(session, key), repository.edition(session, key)
    if plan is None or edition is None:
        raise UnknownLicenceError
    kind = services.kinds[edition.kind]
    chosen = usable_seals(
        session, services.keys, key.issuer_code, kind, at=at, planned=plan.seal_id
    )
    permits = [
        permit_use(session, seal, edition, requested_by=plan.planned_by, at=at, pending=pending)
        for seal in chosen
    ]
    return Work(
        plan=plan,
        edition=edition,
        record=record_of(services.vault, edition),
        permits=tuple(permits),
        status_list=published_list(
            session,
            services,
            status.list_id(key.issuer_code, edition.list_number),
            ListForm.CWT,
            at=at,
        ),
    )


def make_files(services: IssuanceServices, work: Work, *, at: datetime) -> Mapping[str, bytes]:
    """Return the files of an edition by form, each of them valid to our own verifier.

    Raises:
        RefusedByVerifierError: naming the form and what was found; VerifierCannotSayError if
            nothing found speaks against it.
        RenderError: if the data cannot be printed.
    """
    signer = services.keys.signer(services.key_names.code_signer)
    code = encode(CodeClaims.from_record(work.record, at=at), signer)
    files = {OFD: _sealed_ofd(services, work, code, at), CODE_TEXT: code.encode("ascii")}
    if work.plan.forms == OFD_AND_PDF:
        files[PDF] = _signed_pdf(services, work, code, at)
    for form, document in files.items():
        beside = None if form == CODE_TEXT else code
        _check(form, _judged(services, work.status_list, document, beside, at))
    return files | {CODE_PICTURE: qr_png(code)}


def record_sealed(
    session: Session,
    services: IssuanceServices,
    work: Work,
    made: Mapping[str, bytes],
    *,
    at: datetime,
) -> bool:
    """Store the files and note the result; False when somebody else was faster.

    Raises:
        SealNotUsableError: if a seal was stopped, or its day used up, while we signed.
    """
    edition = work.edition
    current = repository.edition(session, edition.key)
    if current is None or current.state is not EditionState.PLANNED:
        return False
    for permit in work.permits:
        require_still_permitted(session, services.keys, permit, edition, at=at)
    step_edition(session, services, edition, "seal", actor=work.plan.planned_by, at=at)
    repository.add_files(session, edition.key, store_files(services, edition, made))
    for permit in work.permits:
        _record_use(session, services, work, permit, sm3.digest(made[OFD]), at)
    return True


def store_files(
    services: IssuanceServices, edition: Edition, made: Mapping[str, bytes]
) -> list[StoredFile]:
    """Put files into the store, under keys that hold their digest, and return what they are."""
    stored = []
    for form, document in made.items():
        digest = sm3.digest(document)
        file = StoredFile(
            form, f"{edition.identifier}/{form}/{digest.hex()}", digest, len(document)
        )
        services.files.put(file.key, document)
        stored.append(file)
    return stored


def seal_image(seal: RegisteredSeal) -> SealImage:
    """Return the picture of a made seal.

    Raises:
        MalformedError: if it was never made.
    """
    return _image(seal.der or b"", seal.picture_svg or "")


@lru_cache(maxsize=64)
def _image(der: bytes, svg: str) -> SealImage:
    """Return the picture of a seal, which is read once for all that it seals."""
    picture = parse_seal(der).info.picture
    return SealImage(svg, picture.image, picture.width_mm, picture.height_mm)


def _record_use(
    session: Session,
    services: IssuanceServices,
    work: Work,
    permit: Permit,
    digest: bytes,
    at: datetime,
) -> None:
    edition = work.edition
    use = SealUse(
        issuer_code=edition.issuer_code,
        id=f"U{secrets.token_hex(_USE_ID_BYTES)}",
        seal_id=permit.seal.id,
        serial=edition.serial,
        version=edition.version,
        form=OFD,
        document_digest=digest,
        operator=work.plan.planned_by,
        approver=permit.approver,
        at=at,
        policy_version=permit.policy_version,
        request_id=permit.request_id,
    )
    add_use(session, use)
    services.audit.record(
        session,
        actor=use.operator,
        act="seal.use",
        subject=use.seal_id,
        at=at,
        detail={
            "licence": edition.identifier,
            "document": use.document_digest.hex(),
            "approver": use.approver,
            "policy": str(use.policy_version),
        },
    )


def _sealed_ofd(services: IssuanceServices, work: Work, code: str, at: datetime) -> bytes:
    kind = services.kinds[work.edition.kind]
    images = [seal_image(permit.seal) for permit in work.permits]
    page = render_ofd(
        work.record,
        code,
        demonstration=services.demonstration,
        seal_sizes_mm=[(image.width_mm, image.height_mm) for image in images],
        seam=kind.seam,
    )
    document = page.document
    for number, (permit, stamps) in enumerate(zip(work.permits, page.stamps, strict=True), 1):
        document = seal_package(
            document,
            seal_der=permit.seal.der or b"",
            signer=services.keys.signer(permit.seal.key_name),
            at=at,
            stamp=stamps,
            timestamp=lambda value: services.timestamps.token_for(value, at=at),
            lock=kind.lock and number == len(work.permits),
        )
    return document


def _signed_pdf(services: IssuanceServices, work: Work, code: str, at: datetime) -> bytes:
    first, *further = (seal_image(permit.seal) for permit in work.permits)
    page = render_pdf(
        work.record,
        code,
        seal=first,
        demonstration=services.demonstration,
        further=further,
        seam=services.kinds[work.edition.kind].seam,
    )
    names = services.key_names
    signed = sign_pdf(
        page.document,
        signer=services.keys.signer(names.pdf_signer),
        chain=services.chain,
        at=at,
        field=SM2_FIELD,
        timestamp=lambda value: services.timestamps.token_for(value, at=at),
        name=work.record.issuer_name,
    )
    if names.pdf_signer_ecdsa is None:
        return signed
    return sign_pdf(
        signed,
        signer=services.keys.signer(names.pdf_signer_ecdsa),
        chain=(),
        at=at,
        field=ECDSA_FIELD,
        timestamp=lambda value: services.ecdsa_timestamps.token_for(value, at=at),
        name=work.record.issuer_name,
    )


def _judged(
    services: IssuanceServices, listed: bytes, document: bytes, code: str | None, at: datetime
) -> Report:
    """Return what our own verifier finds; a file is judged with its code beside it."""
    return verify(
        document,
        trust=services.trust(),
        status=_OneList(listed),
        log=None,
        register=None,
        at=at,
        code=code,
    )


def _check(form: str, report: Report) -> None:
    findings = [
        finding
        for finding in report.findings
        if finding.severity in (Severity.ERROR, Severity.UNKNOWN) and finding.code not in _NOT_YET
    ]
    if not findings:
        return
    against = any(finding.severity is Severity.ERROR for finding in findings)
    refusal = RefusedByVerifierError if against else VerifierCannotSayError
    raise refusal(form, [finding.code for finding in findings])
