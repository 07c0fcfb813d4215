"""Working through batches, one chunk at a time, so that each can be cut short anywhere.

* Any number of workers, in one process or many, on one machine or many. One reads the file of
  a batch; each mints lines that it holds, for `HELD_FOR`. A worker that dies lets go when that
  is over, or at once when it comes back under its name (docs/adr/0022-workers-hold-lines.md).
* Who holds what saves work and nothing else: a plan is made, an edition stepped and a line
  settled once, whoever tries.
* The batch that was worked on least recently comes first, so a small one never waits for a
  large one to end.
* Whatever is wrong with one line is that line's outcome. Whatever would stop every line
  stops the batch where it is, and is tried again later (`Batch.stopped_by`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from ca.errors import CAError
from issuance import applications
from issuance.batches import repository
from issuance.batches.minting import mint_lines
from issuance.batches.reading import RawLine, read_lines
from issuance.batches.receiving import part_key
from issuance.batches.rows import Batch, BatchLine, BatchState, Hold, LineState
from issuance.entitlement import CLERK
from issuance.errors import (
    DataProblem,
    InvalidDataError,
    IssuanceError,
    TransitionError,
    UnknownLicenceError,
)
from issuance.ports import Actor, IssuanceServices
from issuance.schemas import NewApplication
from issuance.sentences import sentence

CHECKED_AT_ONCE: Final = 50
"""Lines; so that the register is never locked for long."""
MINTED_AT_ONCE: Final = 50
HELD_FOR: Final = timedelta(minutes=2)
"""A chunk takes some ten seconds; what its worker holds longer, others take over."""
TRY_AGAIN_AFTER: Final = timedelta(seconds=30)
"""How long a batch rests that could not go on."""


@dataclass
class BatchRunner:
    """Works through the batches of every department of this service."""

    services: IssuanceServices
    writing: Callable[[], AbstractContextManager[Session]]
    """Opens a transaction that is committed at its end."""
    worker: str = "worker"
    """Nobody else's name; the same again after a restart, so that it goes on at once."""

    _reading: dict[str, tuple[int, Iterator[RawLine]]] = field(default_factory=dict, init=False)
    """Batch → the line after which the iterator stands, so that a file is read once."""

    def advance(self, *, at: datetime) -> bool:
        """Do one chunk of work; False when there is none for now."""
        hold = Hold(self.worker, at, at + HELD_FOR)
        with self.writing() as session:
            waiting = repository.waiting(session, tried_before=at - TRY_AGAIN_AFTER)
            return any(self._advance(session, batch, hold) for batch in waiting)

    def _advance(self, session: Session, batch: Batch, hold: Hold) -> bool:
        """Do one chunk of a batch; False when others hold what there is to do."""
        if batch.state is BatchState.RECEIVED:
            held = repository.hold_file(session, batch, hold)
            return held and self._check_chunk(session, batch, hold.at)
        lines = repository.hold_lines(session, batch, hold, limit=MINTED_AT_ONCE)
        if lines:
            self._mint_chunk(session, batch, lines, hold)
            return True
        if repository.any_ready(session, batch):
            return False
        repository.change_batch(
            session,
            batch,
            state=BatchState.FINISHED.value,
            stopped_by=None,
            finished_at=hold.at,
            advanced_at=hold.at,
        )
        return True

    def _check_chunk(self, session: Session, batch: Batch, at: datetime) -> bool:
        raw = list(islice(self._lines_after(batch), CHECKED_AT_ONCE))
        checked = [self._checked(session, batch, line, at) for line in raw]
        ready = sum(line.state is LineState.READY for line in checked)
        last = raw[-1].number if raw else batch.last_line
        done = repository.set_batch(
            session,
            batch,
            state=batch.state.value if raw else BatchState.CHECKED.value,
            last_line=last,
            ready=batch.ready + ready,
            refused=batch.refused + len(checked) - ready,
            advanced_at=at,
            **({} if raw else {"held_by": None, "held_until": None}),
        )
        if not done:
            # Another process did this chunk; ours never happened.
            session.rollback()
            self._reading.pop(batch.id, None)
            return True
        repository.add_lines(session, batch, checked)
        if raw:
            self._reading[batch.id] = (last, self._reading[batch.id][1])
        else:
            self._reading.pop(batch.id, None)
        return True

    def _lines_after(self, batch: Batch) -> Iterator[RawLine]:
        stands, lines = self._reading.get(batch.id, (-1, iter(())))
        if stands != batch.last_line:
            kind = self.services.kinds[batch.kind]
            labels = {entry.label_zh: entry.name for entry in kind.fields}
            parts = (
                self.services.files.get(part_key(batch.id, part + 1)) for part in range(batch.parts)
            )
            lines = read_lines(parts, batch.form, labels)
            if batch.last_line:
                last = batch.last_line
                lines = (line for line in lines if line.number > last)
        # Forgotten until the chunk is stored: a chunk that fails is read again.
        self._reading[batch.id] = (-1, lines)
        return lines

    def _checked(self, session: Session, batch: Batch, raw: RawLine, at: datetime) -> BatchLine:
        if raw.data is None:
            return _refused(raw.number, (_problem(raw.problem or "data.line.not_json"),))
        try:
            asked = NewApplication.model_validate({"kind": batch.kind, **raw.data})
        except ValidationError:
            return _refused(raw.number, (_problem("data.line.members"),))
        if asked.kind != batch.kind:
            return _refused(raw.number, (_problem("data.line.other_kind"),))
        try:
            application = applications.submit(
                session,
                self.services,
                kind_name=batch.kind,
                data=asked.data(),
                idempotency_key=f"{batch.id}:{raw.number}",
                actor=_sender(batch),
                at=at,
                replaces=asked.replacement(),
                batch_id=batch.id,
            )
        except InvalidDataError as error:
            return _refused(raw.number, error.problems)
        except (UnknownLicenceError, TransitionError) as error:
            return _refused(raw.number, (_problem(error.code),))
        return BatchLine(raw.number, LineState.READY, application.id)

    def _mint_chunk(
        self, session: Session, batch: Batch, lines: Sequence[BatchLine], hold: Hold
    ) -> None:
        try:
            outcomes = mint_lines(session, self.services, batch, lines, at=hold.at)
        except (IssuanceError, CAError) as error:
            # Nothing of this chunk is lost: its plans stay, and are finished when it goes on.
            session.rollback()
            repository.release_lines(session, batch, hold, lines)
            repository.change_batch(session, batch, stopped_by=error.code, advanced_at=hold.at)
            return
        settled = [line for line in outcomes if repository.settle_line(session, batch, line)]
        minted = sum(line.state is LineState.MINTED for line in settled)
        repository.count_settled(session, batch, minted=minted, failed=len(settled) - minted)
        repository.release_lines(session, batch, hold, lines)
        repository.change_batch(session, batch, stopped_by=None, advanced_at=hold.at)


def _sender(batch: Batch) -> Actor:
    """Return who sent the batch: its lines are that person's applications."""
    return Actor(batch.submitted_by, "", batch.issuer_code, frozenset({CLERK}))


def _refused(number: int, problems: tuple[DataProblem, ...]) -> BatchLine:
    return BatchLine(number, LineState.REFUSED, problems=problems)


def _problem(code: str) -> DataProblem:
    zh, en = sentence(code, {}, {})
    return DataProblem("", code, zh, en)
