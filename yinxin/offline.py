"""Verification without a service: files, a trust directory, and a time."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from sealkit.asn1.x509 import pem_to_certificates
from sealkit.errors import MalformedError, SealkitError
from sealkit.identifiers import parse_identifier
from sealkit.status_day import FrozenDay, parse_date, parse_day
from verification.bundle import MAX_BUNDLE_BYTES, Bundle, read_bundle
from verification.report import Finding, Report, Severity
from verification.trust import MAX_TRUST_BYTES, RegionTrust, SnapshotStatus, TrustStore
from verification.verify import verify

Answer = dict[str, Any]

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_DAY_BYTES: Final = 2 * 1024 * 1024
_ORDER: Final = ("valid", "cannot_say", "invalid")


class UsageError(Exception):
    """The command was called with something that cannot be used."""


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 time or a date; without a zone it is UTC.

    Raises:
        UsageError: if it is neither.
    """
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--at {text}: not a time such as 2026-11-23T08:00:00Z") from error


def load_trust(directories: list[Path]) -> TrustStore:
    """Read trust directories, one region each; a folder of such directories counts as all.

    Raises:
        UsageError: if one is missing or cannot be read as trust material.
    """
    return TrustStore(
        tuple(
            _read_region(region)
            for directory in directories
            for region in _region_directories(directory)
        )
    )


def load_bundle(file: Path, root: Path | None, at: datetime) -> Bundle:
    """Read a trust bundle; `root` holds the certificates of roots, one of which must have made it.

    Raises:
        UsageError: if it cannot be read, is not signed as it must be, or has another root.
    """
    try:
        if file.stat().st_size > MAX_BUNDLE_BYTES:
            raise UsageError(f"--offline {file}: too large")
        bundle = read_bundle(file.read_bytes(), at=at)
        wanted = {entry.der for entry in pem_to_certificates(root.read_bytes())} if root else None
    except (SealkitError, OSError) as error:
        raise UsageError(f"--offline {file}: {error}") from error
    if wanted is not None and bundle.root not in wanted:
        raise UsageError(f"--offline {file}: not made under {root}")
    return bundle


class FrozenDays:
    """A `StatusDaySource` over files: each frozen list, its proof beside it as ``….proof``."""

    def __init__(self, files: list[Path]) -> None:
        """Read the files.

        Raises:
            UsageError: if one cannot be read as a frozen list.
        """
        self._frozen: dict[tuple[str, date], FrozenDay] = {}
        for file in files:
            try:
                frozen = FrozenDay(_bounded(file), _bounded(file.with_name(f"{file.name}.proof")))
                found = parse_day(frozen.token)
            except (SealkitError, OSError) as error:
                raise UsageError(f"--day {file}: {error}") from error
            self._frozen[found.uri, found.day] = frozen

    def day(self, uri: str, day: date) -> FrozenDay | None:
        """Return the frozen list of `day` at `uri`."""
        return self._frozen.get((uri, day))


@dataclass(frozen=True, slots=True)
class GivenProof:
    """A `LogSource` over the one proof that was given beside a document."""

    content: bytes

    def proof(self, _identifier: str) -> bytes:
        """Return it; whether it is of this edition, the rules say."""
        return self.content


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every document."""

    trust: TrustStore
    at: datetime
    bundle: Bundle | None = None
    """Whose trust this is; what its age allows to be said counts too."""
    valid_on: date | None = None
    days: FrozenDays | None = None
    slip: str | None = None
    """A status slip shown beside the document."""
    proof: GivenProof | None = None
    """The log proof that lies beside the document."""


def load_proof(file: Path) -> GivenProof:
    """Read a log proof as the service hands it out.

    Raises:
        UsageError: if it cannot be read.
    """
    try:
        return GivenProof(_bounded(file))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def parse_day_asked(text: str) -> date:
    """Read a day as YYYY-MM-DD.

    Raises:
        UsageError: if it is none.
    """
    try:
        return parse_date(text)
    except MalformedError as error:
        raise UsageError(f"--on {text}: not a day such as 2026-11-23") from error


def verify_one(name: str, trust: TrustStore, at: datetime, bundle: Bundle | None = None) -> Answer:
    """Verify the file `name`, or `name` itself when it is a code or an identifier."""
    return answered(name, Question(trust, at, bundle))


def answered(name: str, question: Question) -> Answer:
    """Verify the file `name`, or `name` itself when it is a code or an identifier."""
    path = Path(name)
    # os.path, because a code is too long for a file name and Path.is_file raises then.
    if name.startswith(("CL1:", "1.2.156.")) and not os.path.isfile(name):
        report = _verify(name.encode(), question)
    else:
        report = _verify_file(path, question)
    if question.bundle is not None:
        report = question.bundle.judged(report, _kind_code(report))
    return {"file": name, **report.to_dict()}


def worse(first: str, second: str) -> str:
    """Return the worse of two verdicts: invalid, then cannot_say, then valid."""
    return max(first, second, key=_ORDER.index)


def _verify_file(path: Path, question: Question) -> Report:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return _refusal("document.too_large", question.at)
        document = path.read_bytes()
    except OSError:
        return _refusal("document.unreadable", question.at)
    # A text file from an editor ends in a line break; spaces may belong to the code.
    text = document.strip(b"\r\n\t")
    return _verify(text if text.startswith((b"CL1:", b"1.2.156.")) else document, question)


def _verify(document: bytes, question: Question) -> Report:
    return verify(
        document,
        trust=question.trust,
        status=SnapshotStatus(question.trust),
        log=question.proof,
        register=None,
        at=question.at,
        days=question.days,
        valid_on=question.valid_on,
        slip=question.slip,
    )


def _bounded(file: Path) -> bytes:
    with file.open("rb") as content:
        read = content.read(MAX_DAY_BYTES + 1)
    if len(read) > MAX_DAY_BYTES:
        raise MalformedError("too large")
    return read


def _kind_code(report: Report) -> str:
    """Return the kind's code, as the licence's identifier repeats it."""
    try:
        named = parse_identifier(report.licence.identifier if report.licence else "")
    except MalformedError:
        return ""
    return named.identifier.type_code


def _refusal(code: str, at: datetime) -> Report:
    return Report("unknown", (Finding(code, Severity.UNKNOWN),), (), at)


def _region_directories(directory: Path) -> list[Path]:
    if (directory / "root.pem").is_file():
        return [directory]
    inner = sorted(file.parent for file in directory.glob("*/root.pem"))
    if not inner:
        raise UsageError(f"--trust {directory}: no root.pem there")
    return inner


def _read_region(directory: Path) -> RegionTrust:
    try:
        files = [file for file in sorted(directory.iterdir()) if file.is_file()]
        if sum(file.stat().st_size for file in files) > MAX_TRUST_BYTES:
            raise UsageError(f"--trust {directory}: too large")
        return RegionTrust.from_files({file.name: file.read_bytes() for file in files})
    except (MalformedError, OSError) as error:
        raise UsageError(f"--trust {directory}: {error}") from error
