"""What one package asks of another, plugged in here, because neither may know the other."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from issuance import personal_data, repository
from issuance.errors import UnknownFileError
from issuance.model import Kind, kind_of_code
from issuance.ports import Department, FileStore
from issuance.register_rows import Edition
from issuance.seals.register import seals_on
from issuance.states import slot_value
from sealkit.errors import MalformedError
from sealkit.identifiers import parse_identifier
from sealkit.record import Holder
from verification import repository as verification_repository
from verification.errors import (
    KindElsewhereError,
    LicenceElsewhereError,
    OpeningErasedError,
    SourceUnavailableError,
)
from verification.ports import HeldDocument, RegisterEntry
from yinxin.db import Database
from yinxin.files import FileNotStoredError
from yinxin.vault import Vault


class Register:
    """The issuers' register as verification asks it, in one transaction."""

    def __init__(
        self, session: Session, departments: Mapping[str, Department], region: str
    ) -> None:
        self._session = session
        self._departments = departments
        self._region = region

    def entry(self, identifier: str) -> RegisterEntry | None:
        """Return the entry of a published edition of ours, or None when there is none.

        Raises:
            LicenceElsewhereError: if another region's register is the one to ask.
        """
        try:
            issuer = parse_identifier(identifier).identifier.issuer_code
        except MalformedError:
            return None
        if issuer not in self._departments:
            raise LicenceElsewhereError("another register knows this issuer")
        found = repository.edition_by_identifier(self._session, identifier)
        if found is None or found.published_at is None:
            return None
        seals = seals_on(self._session, found.issuer_code, found.serial, found.version)
        return _entry(found, self._region, seals)


class Licences:
    """A holder's licences, for certificate-free checks."""

    def __init__(self, vault: Vault, files: FileStore, kinds: Mapping[str, Kind]) -> None:
        self._vault = vault
        self._files = files
        self._kinds = kinds

    def codes(self, kind_code: str) -> frozenset[str]:
        """Return every code of the kind that has `kind_code`, now or earlier."""
        kind = kind_of_code(self._kinds, kind_code)
        return frozenset((kind.code, *kind.aliases)) if kind else frozenset((kind_code,))

    def held(self, session: Session, *, kind_code: str, holder: Holder) -> tuple[HeldDocument, ...]:
        """Return the newest edition of each licence that `holder` has of the kind of this code.

        Raises:
            SourceUnavailableError: if a file cannot be read.
            KindElsewhereError: if the kind is not issued here: another register would have to
                be asked.
        """
        kind = kind_of_code(self._kinds, kind_code)
        if kind is None:
            raise KindElsewhereError(f"no register here has licences of kind {kind_code}")
        index = personal_data.holder_index(self._vault, holder)
        return tuple(
            HeldDocument(edition.identifier, self._file(session, edition))
            for edition in repository.newest_editions_of(session, kind.name, index)
        )

    def _file(self, session: Session, edition: Edition) -> bytes:
        try:
            return self._files.get(repository.files(session, edition.key)["ofd"].key)
        except (FileNotStoredError, MalformedError, KeyError) as error:
            raise SourceUnavailableError("a licence file cannot be read") from error


class Reliances:
    """Who relied on an edition, as verification's use log has it."""

    def organisations(self, session: Session, identifier: str) -> tuple[str, ...]:
        """Return the USCC of each organisation whose checks used this edition."""
        return verification_repository.organisations_using(session, identifier)


class LogProofs:
    """Inclusion proofs as they were published with each edition."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self._database = database
        self._files = files

    def proof(self, identifier: str) -> bytes | None:
        """Return the proof of an edition of ours, None when the log has none.

        Raises:
            LicenceElsewhereError: if it is not ours.
            SourceUnavailableError: if its file cannot be read.
            OpeningErasedError: if it was erased.
        """
        with self._database.reading() as session:
            found = repository.edition_by_identifier(session, identifier)
            if found is None:
                raise LicenceElsewhereError("another log knows this licence")
            if repository.is_opening_erased(session, found.key):
                raise OpeningErasedError
            stored = repository.files(session, found.key).get("proof")
        try:
            return self._files.get(stored.key) if stored else None
        except (FileNotStoredError, UnknownFileError, MalformedError) as error:
            raise SourceUnavailableError("the proof cannot be read") from error


def _entry(found: Edition, region: str, seals: int) -> RegisterEntry:
    return RegisterEntry(
        identifier=found.identifier,
        kind=found.kind,
        kind_code=found.kind_code,
        kind_name=found.kind_name,
        edition=found.version,
        region=region,
        issuer_code=found.issuer_code,
        issuer_name=found.issuer_name,
        issued_on=found.issued_on,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        status=slot_value(found.state, disputed=found.disputed),
        record_digest=found.record_digest,
        seal_count=seals,
    )
