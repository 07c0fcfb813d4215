"""The licence that is shown: its file, verified like anybody's, and the fields it can give.

Fields are asked for by their names in the licence's kind; `holders` and `number` belong to
every licence. Values leave only what the holder agreed to.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from sealkit.record import LicenceRecord, printed_form
from verification.errors import UnknownPresentationFieldError, UnknownShownLicenceError
from verification.ports import VerificationServices
from verification.report import Report
from verification.verify import verify

HOLDERS: Final = "holders"
NUMBER: Final = "number"
_LABELS: Final = {HOLDERS: "持证主体", NUMBER: "证照编号"}


@dataclass(frozen=True, slots=True)
class ShownLicence:
    """A licence and what the verifier says of it."""

    report: Report
    record: LicenceRecord

    def labels(self) -> dict[str, str]:
        """Return the fields that can be asked for: name, and label for people."""
        return _LABELS | {field.name: field.label for field in self.record.fields}

    def require(self, names: tuple[str, ...]) -> None:
        """Refuse fields that the licence does not have.

        Raises:
            UnknownPresentationFieldError: naming those that can be asked for.
        """
        known = self.labels()
        unknown = [name for name in names if name not in known]
        if unknown:
            raise UnknownPresentationFieldError(unknown, known)

    def values(self, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
        """Return label and value of exactly these fields."""
        values = {field.name: field.value for field in self.record.fields}
        values[HOLDERS] = "、".join(holder.name for holder in self.record.holders)
        values[NUMBER] = self.record.number
        labels = self.labels()
        return {
            name: {"label": labels[name], "value": values[name], "text": printed_form(values[name])}
            for name in names
        }


def shown_licence(
    session: Session, identifier: str, services: VerificationServices
) -> ShownLicence:
    """Return the licence behind a presentation.

    Raises:
        UnknownShownLicenceError: if there is none, or its file carries no record.
    """
    source = services.documents
    document = source.document(session, identifier) if source else None
    if document is None:
        raise UnknownShownLicenceError
    report = verify(document, **services.sources(session))
    if report.record is None:
        raise UnknownShownLicenceError
    return ShownLicence(report, report.record)
