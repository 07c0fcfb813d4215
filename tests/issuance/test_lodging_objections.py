"""Who may lodge what, until when it is examined, and what is kept of it."""

from datetime import UTC, datetime, timedelta

import pytest

from issuance import lifecycle, objections
from issuance.claims import Claim, claim_of
from issuance.decisions import Outcome
from issuance.errors import (
    InvalidObjectionError,
    NotEntitledError,
    SeparationOfDutiesError,
    TransitionError,
    UnknownLicenceError,
    UnknownObjectionError,
)
from issuance.licence_record import record_of
from issuance.objection_repository import events_of, overdue
from issuance.objection_states import Capacity, ObjectionState, ObjectionType
from issuance.states import EditionState
from sealkit.record import Holder
from tests.issuance.objection_steps import (
    CLAIM,
    COMPANY,
    RIGHT,
    accept,
    correct,
    decide,
    find,
    lodge,
    slot,
)
from tests.issuance.world import (
    AT,
    CIVIL,
    MARKET,
    actor,
    clerk,
    reviewer,
)


def test_the_same_objection_again_is_the_same_while_it_is_open(world):
    edition = world.mint()
    first = lodge(world, edition)
    assert lodge(world, edition).id == first.id
    decide(world, accept(world, first), Outcome.DISMISSED)
    assert lodge(world, edition).id != first.id


def test_a_second_objection_keeps_the_mark_and_is_carried_out_on_the_newer_edition(world):
    edition = world.mint()
    first = accept(world, lodge(world, edition))
    other = Claim(ObjectionType.WRONG, "注册资本有误", {"registered_capital": "人民币陆佰万元整"})
    second = accept(world, lodge(world, edition, other))
    new = correct(world, decide(world, first))
    assert new.disputed
    assert slot(world, new) == 0xC
    with pytest.raises(SeparationOfDutiesError):
        decide(world, second)
    newest = correct(world, decide(world, second, by=actor("another", "reviewer")))
    record = record_of(world.services.vault, newest)
    assert record.edition == 3
    assert record.value("premises") == RIGHT
    assert record.value("registered_capital") == "人民币陆佰万元整"
    assert (slot(world, newest), slot(world, new), slot(world, edition)) == (0, 3, 3)


def test_a_holder_objects_to_the_own_licence_only(world):
    edition = world.mint()
    own = actor("company", "holder", department="", identified_as=COMPANY)
    objection = lodge(world, edition, by=own, capacity=Capacity.HOLDER)
    assert find(world, objection, own).id == objection.id
    stranger = Holder("某", "91650100MA7DEMQ2XX", "001")
    for person in (
        actor("stranger", "holder", department="", identified_as=stranger),
        actor("unknown", "holder", department=""),
    ):
        with pytest.raises(UnknownLicenceError):
            lodge(world, edition, by=person, capacity=Capacity.HOLDER)
        with pytest.raises(UnknownObjectionError):
            find(world, objection, person)


def test_nobody_else_lodges_as_the_holder_or_as_the_issuer(world):
    edition = world.mint()
    with pytest.raises(NotEntitledError):
        lodge(world, edition, capacity=Capacity.HOLDER)
    with pytest.raises(NotEntitledError):
        lodge(world, edition, by=clerk(CIVIL), capacity=Capacity.ISSUER)
    with pytest.raises(NotEntitledError):
        lodge(world, edition, by=actor("a", "auditor"))
    assert lodge(world, edition, by=clerk(CIVIL)).capacity is Capacity.COUNTER


@pytest.mark.parametrize(
    ("claim", "place"),
    [
        (Claim(ObjectionType.WRONG, " ", {"premises": RIGHT}), "statement"),
        (Claim(ObjectionType.WRONG, "字" * 513, {"premises": RIGHT}), "statement"),
        (Claim(ObjectionType.WRONG, "\ud800", {"premises": RIGHT}), "statement"),
        (Claim(ObjectionType.WRONG, "有误", {}), "items"),
        (Claim(ObjectionType.WRONG, "有误", {"colour": "red"}), "colour"),
        (Claim(ObjectionType.WRONG, "有误", {"premises": "\x00"}), "premises"),
    ],
)
def test_a_claim_that_nobody_could_examine_is_refused(world, claim, place):
    with pytest.raises(InvalidObjectionError) as caught:
        lodge(world, world.mint(), claim)
    assert place in {problem.field for problem in caught.value.problems}


def test_an_unknown_or_ended_licence_takes_no_objection(world):
    edition = world.mint()
    world.end(edition)
    with pytest.raises(TransitionError):
        lodge(world, edition)
    with world.writing() as session, pytest.raises(UnknownLicenceError):
        objections.lodge_objection(
            session,
            world.services,
            "1.2.156",
            CLAIM,
            capacity=Capacity.COUNTER,
            actor=clerk(),
            at=AT,
        )


def test_the_clock_runs_in_working_days_and_overdue_decides_nothing(world):
    edition = world.mint()
    objection = lodge(world, edition)
    assert objection.due_at == datetime(2026, 11, 24, 16, tzinfo=UTC)
    accepted = accept(world, objection)
    assert accepted.due_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    late = accepted.due_at + timedelta(seconds=1)
    assert not accepted.is_overdue(accepted.due_at)
    assert accepted.is_overdue(late)
    with world.writing() as session:
        assert overdue(session, MARKET, at=AT) == []
        assert [entry.id for entry in overdue(session, MARKET, at=late)] == [objection.id]
    assert find(world, objection, clerk()).state is ObjectionState.ACCEPTED
    decided = decide(world, objection)
    assert decided.due_at == datetime(2026, 11, 24, 16, tzinfo=UTC)
    correct(world, decided)
    assert find(world, objection, clerk()).due_at is None


@pytest.mark.parametrize(
    ("kind", "last"),
    [(ObjectionType.IMPERSONATION, "2026-11-26"), (ObjectionType.SEAL, "2026-11-24")],
)
def test_urgent_types_have_shorter_clocks(world, kind, last):
    objection = accept(world, lodge(world, world.mint(), Claim(kind, "请尽快核实", {})))
    assert objection.due_at == datetime.fromisoformat(f"{last}T16:00:00+00:00")


def test_only_who_lodged_withdraws_and_the_mark_ends(world):
    edition = world.mint()
    objection = accept(world, lodge(world, edition))
    with world.writing() as session, pytest.raises(UnknownObjectionError):
        objections.withdraw_objection(session, world.services, objection.id, actor=clerk(), at=AT)
    with world.writing() as session:
        withdrawn = objections.withdraw_objection(
            session, world.services, objection.id, actor=actor("counter", "clerk"), at=AT
        )
    assert withdrawn.state is ObjectionState.WITHDRAWN
    assert slot(world, edition) == 0


def test_refusing_to_examine_needs_reasons_and_marks_nothing(world):
    edition = world.mint()
    objection = lodge(world, edition)
    arguments = {"actor": clerk(), "at": AT}
    with world.writing() as session, pytest.raises(InvalidObjectionError):
        objections.refuse_intake(session, world.services, objection.id, reasons=" ", **arguments)
    with world.writing() as session:
        refused = objections.refuse_intake(
            session,
            world.services,
            objection.id,
            reasons="属对行政行为的争议，请申请行政复议",
            **arguments,
        )
    assert refused.state is ObjectionState.REJECTED_INTAKE
    assert slot(world, edition) == 0


def test_a_suspended_licence_under_objection_is_stayed_and_stays_suspended(world):
    edition = world.mint()
    objection = accept(world, lodge(world, edition))
    with world.writing() as session:
        lifecycle.suspend(
            session,
            world.services,
            edition.identifier,
            legal_basis="核实期间暂停使用",
            actor=reviewer(),
            at=AT,
        )
    assert slot(world, edition) == 0xD
    new = correct(world, decide(world, objection))
    assert new.state is EditionState.SUSPENDED
    assert slot(world, new) == 2


def test_every_step_is_kept_in_order(world):
    objection = decide(world, accept(world, lodge(world, world.mint())))
    correct(world, objection)
    with world.writing() as session:
        steps = [event.step for event in events_of(session, objection)]
    assert steps == [
        "lodge",
        "accept",
        "examine",
        "uphold",
        "begin_correction",
        "finish_correction",
    ]


def test_a_claim_is_kept_sealed_and_can_be_read_again(world):
    objection = lodge(world, world.mint())
    assert claim_of(world.services.vault, objection) == CLAIM
    assert RIGHT.encode() not in objection.sealed_claim
