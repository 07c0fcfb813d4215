"""Papers that come with an application (附件): kept sealed, listed by digest, never shown inline.

PDF, JPEG and PNG, told by their content and not by name; up to ten, ten megabytes each. They
are not opened here, and given back only as a file to store, so what is in them runs nowhere.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.orm import Session

from issuance.applications import find_application
from issuance.entitlement import AUDITOR, CLERK, OPERATOR, REVIEWER, require_role
from issuance.errors import AttachmentError, TransitionError, UnknownFileError
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import Application
from issuance.states import ApplicationState
from issuance.tables import application_attachments
from sealkit.sm import sm3

MAX_BYTES: Final = 10 * 1024 * 1024
MOST: Final = 10
"""Of one application."""
MAX_NAME: Final = 100
_BEGINNINGS: Final = {
    b"%PDF-": "pdf",
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
}
_OPEN: Final = (ApplicationState.SUBMITTED, ApplicationState.RETURNED)
_ID_BYTES: Final = 10


@dataclass(frozen=True, slots=True)
class Attachment:
    """One paper."""

    issuer_code: str
    application_id: str
    id: str
    type: str
    """``pdf``, ``jpg`` or ``png``."""
    size: int
    """Bytes."""
    digest: bytes
    """SM3 of the content."""
    added_by: str
    added_at: datetime
    sealed_name: bytes

    @property
    def file_key(self) -> str:
        """Return the key of the sealed content in the file store."""
        return f"attachments/{self.application_id}/{self.id}"


def attach(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    name: str,
    content: bytes,
    *,
    actor: Actor,
    at: datetime,
) -> Attachment:
    """Add a paper to an application that is not decided; the same one again changes nothing.

    Raises:
        NotEntitledError: if the caller is no clerk.
        UnknownApplicationError: if there is none in the caller's department.
        TransitionError: if it is decided.
        AttachmentError: if the content is of another type, empty, too large, or one too many.
    """
    require_role(actor, "attach", CLERK)
    found = find_application(session, application_id, actor=actor)
    if found.state not in _OPEN:
        raise TransitionError(f"application {found.id}", found.state.value, "attach to it")
    kind = type_of(content)
    digest = sm3.digest(content)
    there = attachments_of(session, found)
    same = next((entry for entry in there if entry.digest == digest), None)
    if same is not None:
        return same
    if len(there) >= MOST:
        raise AttachmentError("too_many")
    attachment_id = f"D{secrets.token_hex(_ID_BYTES)}"
    added = Attachment(
        issuer_code=found.issuer_code,
        application_id=found.id,
        id=attachment_id,
        type=kind,
        size=len(content),
        digest=digest,
        added_by=actor.id,
        added_at=at,
        sealed_name=services.vault.seal(
            _plain_name(name).encode(), _context(found, attachment_id, "name")
        ),
    )
    services.files.put(
        added.file_key, services.vault.seal(content, _context(found, attachment_id, "content"))
    )
    row = asdict(added) | {"added_at": at.isoformat()}
    session.execute(insert(application_attachments).values(**row))
    _record(session, services, added, actor, "attachment.add", at)
    return added


def attachments_of(session: Session, found: Application) -> tuple[Attachment, ...]:
    """Return the papers of an application in the order in which they came."""
    query = (
        select(application_attachments)
        .where(
            application_attachments.c.issuer_code == found.issuer_code,
            application_attachments.c.application_id == found.id,
        )
        .order_by(application_attachments.c.added_at, application_attachments.c.id)
    )
    return tuple(_attachment(row) for row in session.execute(query).mappings())


def list_attachments(
    session: Session, services: IssuanceServices, application_id: str, *, actor: Actor
) -> tuple[tuple[Attachment, str], ...]:
    """Return the papers of an application with their names.

    Raises:
        NotEntitledError: if the caller has no role in issuing.
        UnknownApplicationError: if there is none in the caller's department.
    """
    require_role(actor, "read attachments", CLERK, REVIEWER, OPERATOR, AUDITOR)
    found = find_application(session, application_id, actor=actor)
    return tuple(
        (entry, name_of(services, found, entry)) for entry in attachments_of(session, found)
    )


def name_of(services: IssuanceServices, found: Application, entry: Attachment) -> str:
    """Return what a paper was called."""
    return services.vault.unseal(entry.sealed_name, _context(found, entry.id, "name")).decode()


def read_attachment(
    session: Session,
    services: IssuanceServices,
    application_id: str,
    attachment_id: str,
    *,
    actor: Actor,
    at: datetime,
) -> tuple[Attachment, bytes]:
    """Return a paper and its content; reading it is recorded.

    Raises:
        NotEntitledError: if the caller is neither clerk nor reviewer.
        UnknownApplicationError, UnknownFileError: if there is none such.
    """
    require_role(actor, "read attachments", CLERK, REVIEWER)
    found = find_application(session, application_id, actor=actor)
    for entry in attachments_of(session, found):
        if entry.id == attachment_id:
            _record(session, services, entry, actor, "attachment.read", at)
            box = services.files.get(entry.file_key)
            return entry, services.vault.unseal(box, _context(found, entry.id, "content"))
    raise UnknownFileError


def type_of(content: bytes) -> str:
    """Return the type that `content` begins like.

    Raises:
        AttachmentError: if it is none that is taken, empty or too large.
    """
    if len(content) > MAX_BYTES:
        raise AttachmentError("too_large")
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    raise AttachmentError("type")


def _plain_name(name: str) -> str:
    """Return the last part of a file's name, printable and short."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:MAX_NAME] or "-"


def _context(found: Application, attachment_id: str, part: str) -> str:
    return f"application_attachments.{part}:{found.issuer_code}:{found.id}:{attachment_id}"


def _attachment(row: RowMapping) -> Attachment:
    members = {name: row[name] for name in Attachment.__slots__}
    return Attachment(**members | {"added_at": datetime.fromisoformat(row["added_at"])})


def _record(
    session: Session,
    services: IssuanceServices,
    entry: Attachment,
    actor: Actor,
    act: str,
    at: datetime,
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act=act,
        subject=entry.application_id,
        at=at,
        detail={"attachment": entry.id, "document": entry.digest.hex(), "type": entry.type},
    )
