"""The licences of the people of one case: found once, verified once, each like anybody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from sealkit.errors import SealkitError
from sealkit.record import Holder
from sealkit.sm import sm3
from sealkit.tlog_proof import parse_tlog_proof
from verification.ports import HeldDocument, LogSource, VerificationServices
from verification.report import Report
from verification.verify import verify

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
    ) -> None:
        self.applicant = applicant
        self.parties = parties
        self.at = at
        self._session = session
        self._services = services
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
        sources = self._services.sources(self._session) | {"at": self.at}
        log = _SeenProofs(sources["log"]) if sources["log"] is not None else None
        report = verify(found.document, **sources | {"log": log})
        return Held(
            found.identifier,
            sm3.digest(found.document),
            report,
            log.size if log and not _log_faults(report) else None,
        )


class _SeenProofs:
    """A log source that remembers the size of the tree it last proved something of."""

    def __init__(self, log: LogSource) -> None:
        self._log = log
        self.size: int | None = None

    def proof(self, identifier: str) -> bytes | None:
        bundle = self._log.proof(identifier)
        try:
            self.size = parse_tlog_proof(bundle).checkpoint.checkpoint.size if bundle else None
        except SealkitError:
            self.size = None  # the verifier says what is wrong with it
        return bundle


def _log_faults(report: Report) -> bool:
    return any(finding.code.startswith("log.") for finding in report.findings)
