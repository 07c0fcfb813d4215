"""A licence's verdict with everything it rests on, so that it can be known to stand still.

Verifying is a function of the file, the trust material, the time, and what status, log and
register answer. A verdict formed before the writer's turn is used in it only if each question,
asked again then, has the same answer (ADR 0024).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sealkit.tlog_proof import parse_tlog_proof
from verification.errors import VerificationError
from verification.ports import RegisterEntry
from verification.report import Report
from verification.trust import TrustStore
from verification.verify import verify

SOURCES: Final = ("status", "log", "register")
"""Keyword arguments of `verify` that answer questions. Days that are over are not asked about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a source, and its answer."""

    source: str
    method: str
    arguments: tuple[Any, ...]
    answer: Any
    """What was returned, or the error that was raised."""

    def is_answered_alike(self, sources: Mapping[str, Any]) -> bool:
        """Ask again. What was no answer then is never the same answer."""
        if isinstance(self.answer, VerificationError):
            return False
        try:
            again = getattr(sources[self.source], self.method)(*self.arguments)
        except VerificationError:
            return False
        return bool(again == self.answer)


@dataclass(frozen=True, slots=True)
class Verified:
    """What verification said of one file at one time."""

    report: Report
    log_size: int | None
    """Size of the transparency log that it was shown to be in; None when it was not."""
    trust: TrustStore
    at: datetime
    present: frozenset[str]
    """Which of `SOURCES` there were."""
    asked: tuple[Asked, ...]

    def stands(self, sources: Mapping[str, Any]) -> bool:
        """Tell whether verifying the file anew from these sources would say the same."""
        return (
            sources["trust"] is self.trust
            and sources["at"] == self.at
            and _present(sources) == self.present
            and all(asked.is_answered_alike(sources) for asked in self.asked)
        )


def verified(document: bytes, sources: Mapping[str, Any]) -> Verified:
    """Verify a file from the keyword arguments of `verify`, and note what was asked for it."""
    asked: list[Asked] = []
    noted = {name: _Noted(name, sources[name], asked) for name in _present(sources)}
    report = verify(document, **{**sources, **noted, "days": None})
    return Verified(
        report,
        _log_size(report, asked),
        sources["trust"],
        sources["at"],
        _present(sources),
        tuple(asked),
    )


def _present(sources: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in SOURCES if sources[name] is not None)


class _Noted:
    """A source of any kind that notes each question with its answer."""

    def __init__(self, name: str, source: Any, asked: list[Asked]) -> None:
        self._name, self._source, self._asked = name, source, asked

    def token(self, uri: str) -> bytes:
        token: bytes = self._ask("token", uri)
        return token

    def proof(self, identifier: str) -> bytes | None:
        proof: bytes | None = self._ask("proof", identifier)
        return proof

    def entry(self, identifier: str) -> RegisterEntry | None:
        entry: RegisterEntry | None = self._ask("entry", identifier)
        return entry

    def _ask(self, method: str, *arguments: Any) -> Any:
        try:
            answer = getattr(self._source, method)(*arguments)
        except VerificationError as error:
            self._asked.append(Asked(self._name, method, arguments, error))
            raise
        self._asked.append(Asked(self._name, method, arguments, answer))
        return answer


def _log_size(report: Report, asked: list[Asked]) -> int | None:
    """Return the size of the tree of the last proof that was had, unless it was faulty."""
    if any(finding.code.startswith("log.") for finding in report.findings):
        return None
    proofs = [entry.answer for entry in asked if entry.method == "proof"]
    if not proofs or not isinstance(proofs[-1], bytes):
        return None
    # What a verifier had nothing to say against can be read.
    return parse_tlog_proof(proofs[-1]).checkpoint.checkpoint.size
