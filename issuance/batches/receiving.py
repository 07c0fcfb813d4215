"""Receiving a batch: its file is stored as it arrives, part by part, then the batch exists.

* The same file with the same key again is the same batch; another file is refused.
* A department has a bounded number of batches under way; further ones must wait.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance.batches import repository
from issuance.batches.rows import Batch, BatchState, Form
from issuance.entitlement import CLERK, department_of, require_role
from issuance.errors import (
    IdempotencyConflictError,
    NotEntitledError,
    TooManyBatchesError,
    UnknownKindError,
)
from issuance.ports import Actor, IssuanceServices
from issuance.register_rows import OFD_AND_PDF
from sealkit.sm import sm3

PART_BYTES: Final = 1024 * 1024
MAX_MOVING: Final = 20
"""Batches of one department that may be under way at a time."""

_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of lines in the store."""

    batch_id: str
    parts: int
    digest: bytes
    """SM3 over the whole."""


def part_key(batch_id: str, part: int) -> str:
    """Return the key of one part, counted from 1, in the file store."""
    return f"batches/{batch_id}/{part}"


async def store_upload(
    chunks: AsyncIterator[bytes],
    put: Callable[[str, bytes], Awaitable[None]],
    *,
    forget: Callable[[str], None] | None = None,
) -> Upload:
    """Store what arrives in parts; never more than one part and one chunk are in memory.

    Parts of an upload that breaks off are forgotten: nobody would ever find them again.
    """
    batch_id = f"B{secrets.token_hex(_ID_BYTES)}"
    hasher, pending, parts, whole = sm3.hasher(), bytearray(), 0, False
    try:
        async for chunk in chunks:
            hasher.update(chunk)
            pending += chunk
            while len(pending) >= PART_BYTES:
                parts += 1
                await put(part_key(batch_id, parts), bytes(pending[:PART_BYTES]))
                del pending[:PART_BYTES]
        if pending:
            parts += 1
            await put(part_key(batch_id, parts), bytes(pending))
        whole = True
    finally:
        # Not an `except`: who hangs up ends us by cancelling.
        if not whole and forget is not None:
            _forget(batch_id, parts, forget)
    return Upload(batch_id, parts, hasher.digest())


def require_may_send(services: IssuanceServices, kind_name: str, *, actor: Actor) -> None:
    """Refuse a batch before its file is read.

    Raises:
        NotEntitledError: if the caller is no clerk, or the department does not issue this.
        UnknownKindError: if there is no such kind.
    """
    require_role(actor, "submit a batch", CLERK)
    department = department_of(services.departments, actor)
    if kind_name not in services.kinds:
        raise UnknownKindError
    if kind_name not in department.kinds:
        raise NotEntitledError("submit this kind")


def require_room(session: Session, issuer_code: str, idempotency_key: str) -> None:
    """Refuse a further batch before its file is read; one that is known may come again.

    Raises:
        TooManyBatchesError: if as many are under way as may be.
    """
    known = repository.batch_by_key(session, issuer_code, idempotency_key)
    if known is None and repository.count_moving(session, issuer_code) >= MAX_MOVING:
        raise TooManyBatchesError(MAX_MOVING)


def receive(
    session: Session,
    services: IssuanceServices,
    upload: Upload,
    *,
    kind_name: str,
    form: Form,
    idempotency_key: str,
    actor: Actor,
    at: datetime,
    forms: str = OFD_AND_PDF,
) -> Batch:
    """Take a stored file as a batch of the caller's department.

    Parts that no batch comes to own, because it is refused or was sent before, are removed.

    Raises:
        NotEntitledError, UnknownKindError: as `require_may_send`.
        IdempotencyConflictError: if the key was used for another file.
        TooManyBatchesError: if as many are under way as may be.
    """
    taken: Batch | None = None
    try:
        taken = _taken(
            session,
            services,
            upload,
            kind_name=kind_name,
            form=form,
            idempotency_key=idempotency_key,
            actor=actor,
            at=at,
            forms=forms,
        )
    finally:
        if taken is None or taken.id != upload.batch_id:
            _forget(upload.batch_id, upload.parts, services.files.remove)
    return taken


def _forget(batch_id: str, parts: int, forget: Callable[[str], None]) -> None:
    for part in range(parts):
        forget(part_key(batch_id, part + 1))


def _taken(
    session: Session,
    services: IssuanceServices,
    upload: Upload,
    *,
    kind_name: str,
    form: Form,
    idempotency_key: str,
    actor: Actor,
    at: datetime,
    forms: str,
) -> Batch:
    require_may_send(services, kind_name, actor=actor)
    issuer_code = actor.department
    # Batches of before there was a choice keep the digest that they have.
    asked = "" if forms == OFD_AND_PDF else f":{forms}"
    index = services.vault.blind_index(f"batch:{kind_name}:{form}:{upload.digest.hex()}{asked}")
    found = repository.batch_by_key(session, issuer_code, idempotency_key)
    if found is None:
        require_room(session, issuer_code, idempotency_key)
        batch = Batch(
            issuer_code=issuer_code,
            id=upload.batch_id,
            state=BatchState.RECEIVED,
            kind=kind_name,
            form=form,
            idempotency_key=idempotency_key,
            content_index=index,
            parts=upload.parts,
            submitted_by=actor.id,
            submitted_at=at,
            advanced_at=at,
            forms=forms,
        )
        if repository.add_batch(session, batch):
            _record(session, services, batch, actor, at)
            return batch
        found = repository.batch_by_key(session, issuer_code, idempotency_key)
    if found is None or found.content_index != index:
        raise IdempotencyConflictError
    return found


def _record(
    session: Session, services: IssuanceServices, batch: Batch, actor: Actor, at: datetime
) -> None:
    services.audit.record(
        session,
        actor=actor.id,
        act="batch.submit",
        subject=batch.id,
        at=at,
        detail={"kind": batch.kind, "issuer": batch.issuer_code},
    )
