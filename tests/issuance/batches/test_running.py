"""A batch from its file to its licences: good lines minted, bad ones named, nothing twice."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from issuance import repository as register
from issuance.batches import deciding, minting, receiving, repository, running
from issuance.batches.rows import BatchState, Form, LineState
from issuance.batches.running import TRY_AGAIN_AFTER, BatchRunner
from issuance.errors import (
    IdempotencyConflictError,
    InvalidDataError,
    NotEntitledError,
    SeparationOfDutiesError,
    TooManyBatchesError,
    TransitionError,
    UnknownBatchError,
)
from issuance.review import Decision
from issuance.seals.policy import Approval, Terms
from issuance.tables import applications, edition_files, editions
from tests.issuance.seals.steps import adopt, decide, waiting
from tests.issuance.world import LAND, MARKET, actor, clerk, example, reviewer
from verification.trust import TrustStore

KIND = "business_licence"
CANNOT_SAY = "issuance.verifier.cannot_say"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(number):
    head = f"91650100MA7BT{number:04d}"
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(head))
    return head + ALPHABET[-total % 31]


def company(number):
    data = example(KIND)
    fields = dict(data["fields"])
    fields["uscc"] = uscc(number)
    return {"fields": fields}


def ndjson(entries):
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()


class Batches:
    """Short cuts through the way of a batch."""

    def __init__(self, world):
        self.world = world
        self.runner = BatchRunner(world.services, world.database.writing)

    def send(self, content, *, key="batch-0001", form=Form.NDJSON, sender=None, kind=KIND):
        async def chunks():
            for start in range(0, len(content), 1000):
                yield content[start : start + 1000]

        async def put(name, part):
            self.world.services.files.put(name, part)

        upload = asyncio.run(receiving.store_upload(chunks(), put))
        with self.world.writing() as session:
            return receiving.receive(
                session,
                self.world.services,
                upload,
                kind_name=kind,
                form=form,
                idempotency_key=key,
                actor=sender or clerk(),
                at=self.world.at,
            )

    def review(self, batch, decision=Decision.APPROVE, *, by=None, reason=None):
        with self.world.writing() as session:
            return deciding.review_batch(
                session,
                self.world.services,
                batch.id,
                decision,
                reason=reason,
                actor=by or reviewer(),
                at=self.world.at,
            )

    def run(self, at=None):
        while self.runner.advance(at=at or self.world.at):
            pass

    def now(self, batch):
        with self.world.writing() as session:
            return repository.batch(session, batch.issuer_code, batch.id)

    def lines(self, batch):
        with self.world.writing() as session:
            return deciding.lines_of(session, batch)

    def count(self, table):
        with self.world.writing() as session:
            return session.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture
def batches(world):
    return Batches(world)


def test_good_lines_are_minted_and_bad_ones_named(batches):
    bad = company(3)
    bad["fields"]["uscc"] = "91650100MA7BT00030"
    content = ndjson([company(1), bad]) + b"garbage\n" + ndjson([company(4)])
    batch = batches.send(content)
    batches.run()
    checked = batches.now(batch)
    assert (checked.state, checked.ready, checked.refused) == (BatchState.CHECKED, 2, 2)
    batches.review(batch)
    batches.run()
    done = batches.now(batch)
    assert (done.state, done.minted, done.failed) == (BatchState.FINISHED, 2, 0)
    one, two, three, four = batches.lines(batch)
    assert one.identifier and four.identifier and one.identifier != four.identifier
    assert {problem.field for problem in two.problems} == {"uscc"}
    assert [problem.code for problem in three.problems] == ["data.line.not_json"]


def test_bad_lines_anywhere_cost_their_own_licence_alone_and_are_returned_with_their_reason(
    batches, monkeypatch
):
    """The first line, one at the seam of two chunks, the last: three of 13, chunks of four."""
    monkeypatch.setattr(running, "CHECKED_AT_ONCE", 4)
    monkeypatch.setattr(running, "MINTED_AT_ONCE", 4)
    entries = [company(number) for number in range(1, 14)]
    entries[0]["fields"]["uscc"] = "91650100MA7BT00030"
    del entries[4]["fields"]["org_name"]
    entries[12]["fields"]["established"] = "2026-13-45"
    batch = batches.send(ndjson(entries))
    batches.run()
    batches.review(batch)
    batches.run()
    done = batches.now(batch)
    assert (done.minted, done.refused, done.failed, done.ready) == (10, 3, 0, 0)
    lines = list(batches.lines(batch))
    assert len({line.identifier for line in lines if line.identifier}) == 10
    returned = {
        line.number: [(problem.field, bool(problem.zh and problem.en)) for problem in line.problems]
        for line in lines
        if line.state is LineState.REFUSED
    }
    assert returned == {
        1: [("uscc", True)],
        5: [("org_name", True)],
        13: [("established", True)],
    }


def test_the_same_file_again_is_the_same_batch_and_another_is_refused(batches):
    first = batches.send(ndjson([company(1)]))
    assert batches.send(ndjson([company(1)])).id == first.id
    with pytest.raises(IdempotencyConflictError):
        batches.send(ndjson([company(2)]))


def test_nothing_is_minted_before_a_second_person_approves(batches):
    batch = batches.send(ndjson([company(1)]))
    with pytest.raises(TransitionError):
        batches.review(batch)
    batches.run()
    with pytest.raises(SeparationOfDutiesError):
        batches.review(batch, by=replace(reviewer(), id=clerk().id))
    with pytest.raises(NotEntitledError):
        batches.review(batch, by=clerk())
    with pytest.raises(UnknownBatchError):
        batches.review(batch, by=reviewer(LAND))
    batches.run()
    assert batches.count(editions) == 0


def test_a_rejected_batch_needs_a_reason_and_mints_nothing(batches):
    batch = batches.send(ndjson([company(1)]))
    batches.run()
    with pytest.raises(InvalidDataError):
        batches.review(batch, Decision.REJECT)
    assert batches.review(batch, Decision.REJECT, reason="内容有误").state is BatchState.REJECTED
    batches.run()
    assert batches.count(editions) == 0


def test_a_department_that_does_not_issue_the_kind_cannot_send_it(batches):
    with pytest.raises(NotEntitledError):
        batches.send(ndjson([]), sender=clerk(LAND))
    with pytest.raises(NotEntitledError):
        batches.send(ndjson([]), sender=actor("someone", "reviewer"))


def test_one_department_cannot_fill_the_queue(batches, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_MOVING", 1)
    batches.send(ndjson([company(1)]))
    with pytest.raises(TooManyBatchesError):
        batches.send(ndjson([company(2)]), key="batch-0002")


def test_a_number_taken_fails_its_line_alone(batches):
    batch = batches.send(ndjson([company(1), company(1), company(2)]))
    batches.run()
    batches.review(batch)
    batches.run()
    found = batches.lines(batch)
    assert [line.state for line in found] == [
        LineState.MINTED,
        LineState.FAILED,
        LineState.MINTED,
    ]
    assert [problem.code for problem in found[1].problems] == ["issuance.number.taken"]


def test_a_batch_without_a_usable_seal_waits_and_goes_on_when_there_is_one(batches, monkeypatch):
    batch = batches.send(ndjson([company(1), company(2)]))
    batches.run()
    batches.review(batch)
    later = batches.world.at + timedelta(days=10_000)
    batches.run(at=later)
    stopped = batches.now(batch)
    assert (stopped.stopped_by, stopped.state) == ("issuance.seal.not_usable", BatchState.APPROVED)
    batches.run(at=later + TRY_AGAIN_AFTER - timedelta(seconds=1))
    # `advanced_at` lies ahead of the demonstration's clock, so the next attempt is later still.
    with batches.world.writing() as session:
        repository.set_batch(
            session, batches.now(batch), advanced_at=batches.world.at - 2 * TRY_AGAIN_AFTER
        )
    batches.run()
    done = batches.now(batch)
    assert (done.state, done.minted, done.stopped_by) == (BatchState.FINISHED, 2, None)


def trust_without(world, *missing):
    """Return the world's trust, but nothing to judge by at these askings, counted from 0."""
    asked = count()
    return lambda: TrustStore(()) if next(asked) in missing else world.services.trust()


def test_a_batch_that_cannot_be_judged_waits_and_goes_on(world):
    batches = Batches(world.with_services(trust=lambda: TrustStore(())))
    batch = batches.send(ndjson([company(1), company(2)]))
    batches.run()
    batches.review(batch)
    batches.run()
    stopped = batches.now(batch)
    assert (stopped.stopped_by, stopped.state) == (CANNOT_SAY, BatchState.APPROVED)
    assert (stopped.ready, stopped.failed, batches.count(edition_files)) == (2, 0, 0)
    able = Batches(world)
    able.run(at=world.at + TRY_AGAIN_AFTER + timedelta(seconds=1))
    done = able.now(batch)
    assert (done.state, done.minted, done.stopped_by) == (BatchState.FINISHED, 2, None)


def test_one_line_that_cannot_be_judged_holds_up_no_other(world):
    # Of each line the OFD, the code and the PDF are judged: at 3 the second line's first.
    batches = Batches(world.with_services(trust=trust_without(world, 3)))
    bad = company(3)
    bad["fields"]["uscc"] = "91650100MA7BT00030"
    batch = batches.send(ndjson([company(1), company(2), bad, company(4)]))
    batches.run()
    batches.review(batch)
    batches.run()
    done = batches.now(batch)
    assert (done.state, done.minted, done.failed) == (BatchState.FINISHED, 3, 0)
    assert batches.count(editions) == 3


STEPS = ["_planned", "_read", "_made", "record_sealed", "log_editions", "publish"]


class Died(BaseException):
    """As if the process had ended here."""


@pytest.mark.parametrize("step", STEPS)
def test_death_at_any_step_of_a_chunk_mints_each_line_once(batches, monkeypatch, step):
    batch = batches.send(ndjson([company(n) for n in range(1, 4)]))
    batches.run()
    batches.review(batch)
    original, calls = getattr(minting, step), []

    def dies(*arguments, **members):
        result = original(*arguments, **members)
        calls.append(result)
        if len(calls) == 1:
            raise Died
        return result

    monkeypatch.setattr(minting, step, dies)
    with pytest.raises(Died):
        batches.run()
    again = Batches(batches.world)
    again.run()
    assert again.now(batch).state is BatchState.FINISHED
    identifiers = {line.identifier for line in again.lines(batch)}
    assert len(identifiers) == 3 and again.count(editions) == 3
    with again.world.writing() as session:
        assert not register.unfinished_plans(session)


def test_death_while_lines_are_checked_stores_each_application_once(batches, monkeypatch):
    from issuance.batches import running

    monkeypatch.setattr(running, "CHECKED_AT_ONCE", 2)
    batch = batches.send(ndjson([company(n) for n in range(1, 6)]))
    assert batches.runner.advance(at=batches.world.at)
    again = Batches(batches.world)
    again.run()
    assert again.now(batch).ready == 5 and again.count(applications) == 5
    assert [line.number for line in again.lines(batch)] == [1, 2, 3, 4, 5]


def test_a_table_of_a_spreadsheet_is_minted_too(batches):
    fields = company(1)["fields"]
    table = ",".join(fields) + "\n" + ",".join(f'"{value}"' for value in fields.values()) + "\n"
    batch = batches.send(table.encode("gb18030"), form=Form.CSV)
    batches.run()
    assert batches.now(batch).ready == 1, batches.lines(batch)
    assert batch.issuer_code == MARKET


def test_a_batch_mints_as_many_as_the_seal_may_make_today_and_the_rest_tomorrow(batches):
    adopt(batches.world, Terms(daily_limit=2))
    batch = batches.send(ndjson([company(number) for number in range(1, 4)]))
    batches.run()
    batches.review(batch)
    batches.run()
    today = batches.now(batch)
    assert (today.minted, today.ready, today.failed) == (2, 1, 0)
    assert (today.stopped_by, today.state) == ("issuance.seal.not_usable", BatchState.APPROVED)
    batches.run(at=batches.world.at + timedelta(days=1))
    done = batches.now(batch)
    assert (done.minted, done.ready, done.state) == (3, 0, BatchState.FINISHED)


def test_a_batch_asks_once_for_all_its_uses_and_goes_on_when_they_are_approved(batches):
    adopt(batches.world, Terms(approval=Approval.PERSON))
    batch = batches.send(ndjson([company(1), company(2)]))
    batches.run()
    batches.review(batch)
    batches.run()
    assert batches.now(batch).stopped_by == "issuance.seal.approval_needed"
    requests = waiting(batches.world)
    assert len(requests) == 2
    decide(batches.world, requests)
    batches.run(at=batches.world.at + TRY_AGAIN_AFTER + timedelta(seconds=1))
    assert (batches.now(batch).minted, batches.now(batch).stopped_by) == (2, None)
