"""Making the archive package of an edition.

Nothing personal is in it beyond the licence's own files. What is left out: the application's
attachments, which have their own term of keeping, and the commitment's salt once it was erased.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from sqlalchemy.orm import Session

from issuance import repository
from issuance.entitlement import CLERK, OPERATOR, REVIEWER, require_role
from issuance.errors import UnknownFileError
from issuance.lifecycle import find_licence
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Edition
from issuance.states import UNPUBLISHED
from issuance.status import list_address
from sealkit.formats import archive
from verification.trust import RegionTrust, TrustStore

README: Final = "README.txt"
EVIDENCE: Final = "evidence.json"
_ERASED: Final = (
    "本证照与透明日志的对应关系已依法销毁。\n"
    "What tied this licence to the transparency log was erased on legal ground.\n"
).encode()
_FORMS: Final = {
    "ofd": archive.OFD,
    "pdf": archive.PDF,
    "code.txt": archive.CODE,
    "proof": archive.PROOF,
}


@dataclass(frozen=True, slots=True)
class ArchiveServices:
    """What archiving needs beside issuing."""

    issuance: IssuanceServices
    trust: Callable[[], TrustStore]
    """The region's trust material of now."""
    status_token: Callable[[str], bytes | None]
    """The status list of now at an address of ours."""
    history: Callable[[Session, Sequence[str]], list[dict[str, Any]]]
    """The audit records about some subjects, oldest first."""


def make_archive(
    writing: Callable[[], AbstractContextManager[Session]],
    services: ArchiveServices,
    identifier: str,
    *,
    actor: Actor,
    at: datetime,
) -> bytes:
    """Return the package of a published edition; that it was asked for is recorded.

    It is signed and stamped while no transaction is open: that must not hold the register.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownLicenceError: if the caller's department has no such edition.
        UnknownFileError: if nothing is published yet.
    """
    require_role(actor, "export archives", CLERK, REVIEWER, OPERATOR)
    issuing = services.issuance
    with writing() as session:
        found = find_licence(session, identifier, actor=actor)
        if found.state in UNPUBLISHED:
            raise UnknownFileError
        content = _licence_files(session, issuing, found)
        erased = repository.is_opening_erased(session, found.key)
        if erased:
            content[archive.PROOF_ERASED] = _ERASED
        content[EVIDENCE] = _evidence(session, services, found, erased=erased)
        issuing.audit.record(
            session,
            actor=actor.id,
            act="licence.archive",
            subject=found.identifier,
            at=at,
            detail={"files": str(len(content))},
        )
    content[README] = _readme()
    trust = _region(services, found).to_files()
    content |= {f"{archive.TRUST}{name}": file for name, file in trust.items()}
    return archive.build_archive(
        content,
        identifier=found.identifier,
        at=at,
        signer=issuing.keys.signer("receipt"),
        stamp=lambda manifest: issuing.timestamps.token_for(manifest, at=at),
    )


def _licence_files(session: Session, issuing: IssuanceServices, found: Edition) -> dict[str, bytes]:
    stored = repository.files(session, found.key)
    return {
        name: issuing.files.get(stored[form].key) for form, name in _FORMS.items() if form in stored
    }


def _region(services: ArchiveServices, found: Edition) -> RegionTrust:
    issuing = services.issuance
    own = services.trust().region(issuing.region)
    if own is None:
        raise UnknownFileError
    address = list_address(issuing.public_url, found.issuer_code, found.list_number)
    token = services.status_token(address)
    return replace(own, status_tokens={address: token} if token else {})


def _evidence(
    session: Session, services: ArchiveServices, found: Edition, *, erased: bool
) -> bytes:
    members = {
        "identifier": found.identifier,
        "application": found.application_id,
        "record_sm3": found.record_digest.hex(),
        "submitted_by": found.submitted_by,
        "reviewed_by": found.reviewed_by,
        "minted_by": found.minted_by,
        "planned_at": found.planned_at.isoformat(),
        "published_at": found.published_at.isoformat() if found.published_at else None,
        # Where the entry is would tie it to the licence again.
        "log_index": None if erased else found.log_index,
        "state": found.state.value,
        "audit_records": services.history(session, (found.identifier, found.application_id)),
    }
    return json.dumps(members, ensure_ascii=False, indent=1).encode()


@cache
def _readme() -> bytes:
    return files("issuance").joinpath("archive", "README.txt").read_bytes()
