"""Minting a chunk of lines together, step by step as `issuance.mint` does for one.

Every step is done for all lines before the next begins, with one commit each: so a chunk
costs five durable writes instead of five for each licence, and one checkpoint of the log.
What dies in between is found by its plans (docs/adr/0002-plan-then-sign.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from issuance import mint, repository, review
from issuance.batches.rows import Batch, BatchLine, LineState
from issuance.entitlement import CLERK, REVIEWER
from issuance.errors import (
    DataProblem,
    IssuanceError,
    NumberTakenError,
    RefusedByVerifierError,
    SealApprovalNeededError,
    SealNotUsableError,
    TransitionError,
    VerifierCannotSayError,
)
from issuance.ports import Actor, IssuanceServices
from issuance.publishing import log_editions, publish
from issuance.register_rows import EditionKey
from issuance.render.errors import RenderError
from issuance.sealing import Work, load_work, make_files, record_sealed
from issuance.sentences import sentences
from issuance.states import UNPUBLISHED, ApplicationState, EditionState

OF_ONE_LINE: Final = (NumberTakenError, RefusedByVerifierError, RenderError, TransitionError)
"""What is wrong with one line; every other refusal would meet the next line too."""

Errors = dict[int, IssuanceError]
"""Line number → why it cannot be minted."""


def mint_lines(
    session: Session,
    services: IssuanceServices,
    batch: Batch,
    lines: Sequence[BatchLine],
    *,
    at: datetime,
) -> list[BatchLine]:
    """Mint the licences of ready lines and return what became of each.

    Commits `session` after each step but the last, which the caller's counts belong to.

    Raises:
        IssuanceError, CAError: what would stop every line, such as a seal that cannot be
            used or a clock in doubt; the plans stay.
    """
    failed: Errors = {}
    keys = _planned(session, services, batch, lines, failed, at)
    # Durable before anything is signed.
    session.commit()
    work = _read(session, services, keys, at)
    session.commit()
    made = _made(services, work, failed, at)
    for number, files in made.items():
        if not record_sealed(session, services, work[number], files, at=at):
            continue  # somebody else finished this step; theirs counts
    session.commit()
    going_on = {number: key for number, key in keys.items() if number not in failed}
    sealed = [key for key in going_on.values() if _state(session, key) is EditionState.SEALED]
    log_editions(session, services, sealed, at=at)
    session.commit()
    for key in going_on.values():
        if _state(session, key) is EditionState.LOGGED:
            publish(session, services, key, at=at)
    outcomes = (
        _failure(line, failed[line.number])
        if line.number in failed
        else _success(session, line, keys[line.number])
        for line in lines
    )
    # What still waits, for a seal's next day, a source or another process, has no outcome yet.
    return [line for line in outcomes if line.state is not LineState.READY]


def _planned(
    session: Session,
    services: IssuanceServices,
    batch: Batch,
    lines: Sequence[BatchLine],
    failed: Errors,
    at: datetime,
) -> dict[int, EditionKey]:
    keys: dict[int, EditionKey] = {}
    for line in lines:
        try:
            # One line's refusal takes back what was written for it, and nothing else.
            with session.begin_nested():
                keys[line.number] = _plan(session, services, batch, line, at)
        except OF_ONE_LINE as error:
            failed[line.number] = error
    return keys


def _plan(
    session: Session, services: IssuanceServices, batch: Batch, line: BatchLine, at: datetime
) -> EditionKey:
    issuer_code, application_id = batch.issuer_code, line.application_id or ""
    plan = repository.plan_of_source(session, issuer_code, f"application:{application_id}")
    if plan is not None:
        return plan.key
    sender = Actor(batch.submitted_by, "", issuer_code, frozenset({CLERK}))
    application = repository.application(session, issuer_code, application_id)
    if application is not None and application.state is ApplicationState.SUBMITTED:
        # The reviewer's decision on the batch is the decision on each of its lines.
        reviewer = Actor(batch.reviewed_by or "", "", issuer_code, frozenset({REVIEWER}))
        review.review(
            session,
            services,
            application_id,
            review.Decision.APPROVE,
            reason=batch.review_reason,
            actor=reviewer,
            at=at,
        )
    return mint.plan_application(
        session, services, application_id, actor=sender, at=at, forms=batch.forms
    ).key


def _read(
    session: Session, services: IssuanceServices, keys: Mapping[int, EditionKey], at: datetime
) -> dict[int, Work]:
    work: dict[int, Work] = {}
    needed: SealApprovalNeededError | None = None
    for number, key in keys.items():
        if _state(session, key) is not EditionState.PLANNED:
            continue
        try:
            work[number] = load_work(session, services, key, at=at, pending=len(work))
        except SealApprovalNeededError as error:
            needed = error
        except SealNotUsableError:
            if not work:
                raise
            break  # as many as the seal's policy allows; the next chunk is told why
    if needed and not work:
        # Asked for all of the chunk at once, and kept, so that one person approves once.
        session.commit()
        raise needed
    return work


def _made(
    services: IssuanceServices, work: Mapping[int, Work], failed: Errors, at: datetime
) -> dict[int, Mapping[str, bytes]]:
    """Return the files by line. A line that cannot be judged now keeps its plan and waits.

    Raises:
        VerifierCannotSayError: if that is so of every line that is left, so that the batch waits.
    """
    made: dict[int, Mapping[str, bytes]] = {}
    unsaid: VerifierCannotSayError | None = None
    for number, entry in work.items():
        try:
            made[number] = make_files(services, entry, at=at)
        except VerifierCannotSayError as error:
            unsaid = error
        except OF_ONE_LINE as error:
            failed[number] = error
    if unsaid and not made and not failed:
        raise unsaid
    return made


def _success(session: Session, line: BatchLine, key: EditionKey) -> BatchLine:
    edition = repository.edition(session, key)
    if edition is None or edition.state in UNPUBLISHED:
        return line  # another process is at it; asked again in the next chunk
    return replace(line, state=LineState.MINTED, identifier=edition.identifier)


def _failure(line: BatchLine, error: IssuanceError) -> BatchLine:
    found = sentences().get(error.code) or sentences()["issuance"]
    problem = DataProblem("", error.code, found["zh"], found["en"])
    return replace(line, state=LineState.FAILED, problems=(problem,))


def _state(session: Session, key: EditionKey) -> EditionState | None:
    edition = repository.edition(session, key)
    return edition.state if edition else None
