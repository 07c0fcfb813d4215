"""What revocation answers need from outside; the roof plugs it in."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from ca.revocation_answers.responder import Responder


class AuditTrail(Protocol):
    """Where acts are recorded, in the transaction of the act."""

    def record(
        self,
        session: Session,
        *,
        actor: str,
        act: str,
        subject: str,
        at: datetime,
        detail: Mapping[str, str],
    ) -> None:
        """Append one act; `detail` holds no personal data."""


@dataclass(frozen=True, slots=True)
class RevocationServices:
    """The collaborators of the routes."""

    responder: Responder
    audit: AuditTrail
    reading: Callable[[], AbstractContextManager[Session]]
    """Open a session that only reads."""
    clock: Callable[[], datetime]
    build_lists: Callable[[Session, str, datetime], tuple[str, ...]]
    """Sign the lists of an authority that are due and return their names; none may be due."""
