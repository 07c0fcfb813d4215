"""Reconciling uses of seals with sealed files (用印核对): neither may be without the other.

* Every use has its file, in the register and in the store, with the digest that was recorded.
* Every sealed edition has a use of each seal that its file bears, and no other.
* A difference is named by licence, seal and kind of difference; nothing is repaired here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Final

from sqlalchemy import RowMapping, and_, select, tuple_
from sqlalchemy.orm import Session

from issuance.ports import FileStore
from issuance.states import EditionState
from issuance.tables import edition_files, editions, seal_uses
from sealkit.errors import SealkitError
from sealkit.formats.ofd.model import read_document
from sealkit.formats.ofd.signatures import read_signatures
from sealkit.sm import sm3

MAX_NAMED: Final = 1000
"""Differences that a report names; it counts all of them."""
_PAGE: Final = 500
_OFD: Final = "ofd"


class Difference(StrEnum):
    """What does not agree."""

    USE_WITHOUT_EDITION = "use_without_edition"
    """A use of an edition that the register does not have, or has not sealed."""
    USE_WITHOUT_FILE = "use_without_file"
    """A use whose edition has no file in the register."""
    FILE_NOT_STORED = "file_not_stored"
    """The register names a file that the store cannot give."""
    FILE_CHANGED = "file_changed"
    """The stored file has not the digest that the register has."""
    OTHER_DIGEST = "other_digest"
    """The use was recorded for a file of another digest."""
    USE_MISSING = "use_missing"
    """The file bears a seal whose use was never recorded, or the record is gone."""
    SEAL_NOT_IN_FILE = "seal_not_in_file"
    """A use was recorded of a seal that the file does not bear."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference."""

    difference: Difference
    licence: str
    """Identifier of the edition; serial and version where the register has none."""
    seal_id: str
    """Empty where it is not about one seal."""
    use_id: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared, and what did not agree."""

    issuer_code: str
    uses: int
    documents: int
    differences: int
    named: tuple[Mismatch, ...]
    """The first `MAX_NAMED` of them."""

    @property
    def agrees(self) -> bool:
        """Whether every use has its file, and every file its uses."""
        return self.differences == 0


class _Counts:
    def __init__(self) -> None:
        self.uses = 0
        self.documents = 0


def reconcile(session: Session, files: FileStore, issuer_code: str) -> Reconciliation:
    """Compare every use of an issuer's seals with every sealed file of it.

    Reads every file; memory does not grow with their number.
    """
    counts = _Counts()
    found = chain(
        _per_edition(session, files, issuer_code, counts), _homeless(session, issuer_code, counts)
    )
    named: list[Mismatch] = []
    differences = 0
    for mismatch in found:
        differences += 1
        if len(named) < MAX_NAMED:
            named.append(mismatch)
    return Reconciliation(issuer_code, counts.uses, counts.documents, differences, tuple(named))


def _per_edition(
    session: Session, files: FileStore, issuer_code: str, counts: _Counts
) -> Iterator[Mismatch]:
    after = ("", 0)
    while page := _editions_after(session, issuer_code, after):
        keys = [(row["serial"], row["version"]) for row in page]
        uses = _uses_of(session, issuer_code, keys)
        for row in page:
            own = uses.get((row["serial"], row["version"]), [])
            counts.documents += 1
            counts.uses += len(own)
            yield from _compare(files, row, own)
        after = keys[-1]


def _compare(files: FileStore, row: RowMapping, uses: list[RowMapping]) -> Iterator[Mismatch]:
    licence = row["identifier"]
    if row["key"] is None:
        for use in uses:
            yield Mismatch(Difference.USE_WITHOUT_FILE, licence, use["seal_id"], use["id"])
        if not uses:
            yield Mismatch(Difference.USE_MISSING, licence, "")
        return
    for use in uses:
        if use["document_digest"] != row["digest"]:
            yield Mismatch(Difference.OTHER_DIGEST, licence, use["seal_id"], use["id"])
    try:
        document = files.get(row["key"])
    except (LookupError, SealkitError):
        yield Mismatch(Difference.FILE_NOT_STORED, licence, "")
        return
    if sm3.digest(document) != row["digest"]:
        yield Mismatch(Difference.FILE_CHANGED, licence, "")
        return
    borne = _seals_in(document)
    recorded = {use["seal_id"]: use["id"] for use in uses}
    for seal_id in sorted(borne - recorded.keys()):
        yield Mismatch(Difference.USE_MISSING, licence, seal_id)
    for seal_id in sorted(recorded.keys() - borne):
        yield Mismatch(Difference.SEAL_NOT_IN_FILE, licence, seal_id, recorded[seal_id])


def _seals_in(document: bytes) -> set[str]:
    """Return the codes of the seals that a document bears, by what its signatures say."""
    try:
        applied = read_signatures(read_document(document)).seals
    except SealkitError:
        return set()
    return {entry.signature.seal.info.seal_id for entry in applied if entry.signature is not None}


def _editions_after(session: Session, issuer_code: str, after: tuple[str, int]) -> list[RowMapping]:
    columns = editions.c
    query = (
        select(
            columns.serial,
            columns.version,
            columns.identifier,
            edition_files.c.key,
            edition_files.c.digest,
        )
        .select_from(
            editions.outerjoin(
                edition_files,
                and_(
                    edition_files.c.issuer_code == columns.issuer_code,
                    edition_files.c.serial == columns.serial,
                    edition_files.c.version == columns.version,
                    edition_files.c.form == _OFD,
                ),
            )
        )
        .where(
            columns.issuer_code == issuer_code,
            columns.state != EditionState.PLANNED.value,
            tuple_(columns.serial, columns.version) > after,
        )
        .order_by(columns.serial, columns.version)
        .limit(_PAGE)
    )
    return list(session.execute(query).mappings())


def _uses_of(
    session: Session, issuer_code: str, keys: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], list[RowMapping]]:
    serials = {serial for serial, _version in keys}
    query = select(seal_uses).where(
        seal_uses.c.issuer_code == issuer_code, seal_uses.c.serial.in_(serials)
    )
    found: dict[tuple[str, int], list[RowMapping]] = {}
    for row in session.execute(query).mappings():
        found.setdefault((row["serial"], row["version"]), []).append(row)
    return found


def _homeless(session: Session, issuer_code: str, counts: _Counts) -> Iterator[Mismatch]:
    """Yield the uses of editions that are not there, or were never sealed."""
    columns = seal_uses.c
    query = (
        select(columns.id, columns.seal_id, columns.serial, columns.version)
        .select_from(
            seal_uses.outerjoin(
                editions,
                and_(
                    editions.c.issuer_code == columns.issuer_code,
                    editions.c.serial == columns.serial,
                    editions.c.version == columns.version,
                    editions.c.state != EditionState.PLANNED.value,
                ),
            )
        )
        .where(columns.issuer_code == issuer_code, editions.c.serial.is_(None))
        .order_by(columns.id)
    )
    for row in session.execute(query.execution_options(yield_per=_PAGE)).mappings():
        counts.uses += 1
        licence = f"{row['serial']}:{row['version']:03}"
        yield Mismatch(Difference.USE_WITHOUT_EDITION, licence, row["seal_id"], row["id"])
