"""The licences of the people of one case: found once, verified once, each like anybody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from sealkit.record import Holder
from sealkit.sm import sm3
from verification.certificate_free.verified import Verified, verified
from verification.ports import HeldDocument, VerificationServices
from verification.report import Report

MAX_LICENCES: Final = 32  # of one kind and one holder that are looked at


@dataclass(frozen=True, slots=True)
class Held:
    """A licence found for a person, with what verification said of it."""

    identifier: str
    document_digest: bytes
    """SM3 of the file that was verified."""
    report: Report
    log_size: int | None = None
    """Size of the transparency log that it was shown to be in; None when it was not."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a person holds of one kind."""

    licences: tuple[Held, ...]
    complete: bool
    """Whether there are no more than were looked at."""


class Holdings:
    """What the people of one case hold, as the register and the verifier say at one instant."""

    def __init__(
        self,
        session: Session,
        services: VerificationServices,
        applicant: Holder,
        parties: Mapping[str, Holder],
        at: datetime,
        rehearsed: Mapping[bytes, Verified] = MappingProxyType({}),
    ) -> None:
        """`rehearsed` are verdicts that may stand, by SM3 of their files; see `verified`."""
        self.applicant = applicant
        self.parties = parties
        self.at = at
        self._session = session
        self._services = services
        self._rehearsed = rehearsed
        self.verified: dict[bytes, Verified] = {}
        """Verdicts that this case rests on, by SM3 of the file."""
        self._found: dict[tuple[str, Holder], Holding] = {}

    def of(self, kind_code: str, person: Holder) -> Holding:
        """Return what `person` holds of the kind.

        Raises:
            SourceUnavailableError: if the register gave no answer.
        """
        key = (kind_code, person)
        if key not in self._found:
            documents = self._services.licences.held(
                self._session, kind_code=kind_code, holder=person
            )
            looked_at = tuple(map(self._verified, documents[:MAX_LICENCES]))
            self._found[key] = Holding(looked_at, complete=len(documents) <= MAX_LICENCES)
        return self._found[key]

    def is_of_kind(self, held: Held, kind_code: str) -> bool:
        """Tell whether a licence says itself to be of the kind."""
        record = held.report.record
        return record is not None and record.kind_code in self._services.licences.codes(kind_code)

    def _verified(self, found: HeldDocument) -> Held:
        digest = sm3.digest(found.document)
        sources = self._services.sources(self._session) | {"at": self.at}
        known = self._rehearsed.get(digest)
        if known is None or not known.stands(sources):
            known = verified(found.document, sources)
        self.verified[digest] = known
        return Held(found.identifier, digest, known.report, known.log_size)
