"""Files of our own editions, as verification is given them."""

from sqlalchemy.orm import Session

from issuance import repository
from issuance.ports import FileStore
from sealkit.errors import MalformedError
from verification.errors import SourceUnavailableError
from yinxin.files import FileNotStoredError


class OwnDocuments:
    """`verification.ports.DocumentSource` over the register and the file store."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    def document(self, session: Session, identifier: str) -> bytes | None:
        """Return the OFD of a published edition, or None.

        Raises:
            SourceUnavailableError: if its file cannot be read.
        """
        found = repository.edition_by_identifier(session, identifier)
        if found is None or found.published_at is None:
            return None
        try:
            return self._files.get(repository.files(session, found.key)["ofd"].key)
        except (FileNotStoredError, MalformedError, KeyError) as error:
            raise SourceUnavailableError("a licence file cannot be read") from error
