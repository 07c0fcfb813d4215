"""Lodged, accepted, decided by another person, corrected; the old edition superseded."""

from datetime import UTC, datetime, timedelta

import pytest

from issuance import corrections, decisions, lifecycle, mint, notices, objections, repository
from issuance.claims import Claim, claim_of, decision_of
from issuance.decisions import Decision, Outcome
from issuance.errors import (
    InvalidDataError,
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
from sealkit.identifiers import parse_identifier
from sealkit.log_leaf import Event, chained, parse_leaf, parse_opening
from sealkit.record import Holder
from sealkit.status_list import parse_token
from sealkit.tlog_proof import parse_tlog_proof
from tests.issuance.test_mint import Dying, Interruption, Published, file_of, judged
from tests.issuance.world import (
    AT,
    CIVIL,
    LAND,
    MARKET,
    actor,
    clerk,
    decider,
    example,
    reviewer,
)
from verification.report import Verdict

RIGHT = "新疆乌鲁木齐市天山区示例路89号云创大厦6层601室"
CLAIM = Claim(ObjectionType.WRONG, "住所门牌号有误", {"premises": RIGHT})
COMPANY = Holder("天山云创数字科技有限公司", "91650100MA7DEM016D", "001")


def lodge(world, edition, claim=CLAIM, *, by=None, capacity=Capacity.COUNTER, at=AT):
    with world.writing() as session:
        return objections.lodge_objection(
            session,
            world.services,
            edition.identifier,
            claim,
            capacity=capacity,
            actor=by or actor("counter", "clerk"),
            at=at,
        )


def accept(world, objection, *, by=None, at=AT):
    with world.writing() as session:
        return objections.accept_objection(
            session, world.services, objection.id, actor=by or clerk(), at=at
        )


def decide(world, objection, outcome=Outcome.UPHELD, *, by=None, at=AT, **members):
    decision = Decision(outcome, "经核实，门牌号登记有误", **members)
    with world.writing() as session:
        return decisions.decide_objection(
            session, world.services, objection.id, decision, actor=by or decider(), at=at
        )


def correct(world, objection, *, by=None, at=AT):
    with world.writing() as session:
        return corrections.correct(
            session, world.services, objection.id, actor=by or clerk(), at=at
        )


def current(world, edition):
    with world.writing() as session:
        return repository.edition(session, edition.key)


def slot(world, edition):
    record = record_of(world.services.vault, edition)
    token = parse_token(Published(world).token(record.status.uri))
    return token.statuses.get(record.status.index)


def find(world, objection, by):
    with world.writing() as session:
        return objections.find_objection(session, objection.id, actor=by)


def test_an_accepted_objection_marks_the_licence_and_the_file_still_verifies(world):
    edition = world.mint()
    objection = lodge(world, edition)
    assert objection.state is ObjectionState.SUBMITTED
    assert slot(world, edition) == 0
    accepted = accept(world, objection)
    assert accepted.state is ObjectionState.ACCEPTED
    assert current(world, edition).disputed
    assert slot(world, edition) == 0xC
    report = judged(world, file_of(world, edition, "ofd"))
    assert report.verdict is Verdict.VALID
    assert "status.disputed" in {finding.code for finding in report.findings}


def test_an_upheld_objection_becomes_a_new_edition_and_the_old_one_is_superseded(world):
    edition = world.mint()
    world.reliances.found[edition.identifier] = (CIVIL, LAND)
    objection = decide(world, accept(world, lodge(world, edition)))
    assert objection.state is ObjectionState.UPHELD
    new = correct(world, objection)
    old = current(world, edition)
    assert (new.state, old.state) == (EditionState.ACTIVE, EditionState.SUPERSEDED)
    assert (new.disputed, old.disputed) == (False, False)
    assert (slot(world, new), slot(world, edition)) == (0, 3)
    parsed_old = parse_identifier(edition.identifier).identifier
    assert parse_identifier(new.identifier).identifier == parsed_old.next_version
    assert new.reason_code == "04"
    record = record_of(world.services.vault, new)
    assert record.value("premises") == RIGHT
    assert record.edition == 2
    done = find(world, objection, clerk())
    assert done.state is ObjectionState.CORRECTED
    assert done.corrected_version == 2
    for form in ("ofd", "pdf", "code.txt"):
        assert judged(world, file_of(world, new, form)).verdict is Verdict.VALID
        report = judged(world, file_of(world, edition, form))
        assert report.verdict is Verdict.INVALID
        assert "status.superseded" in {finding.code for finding in report.findings}


def test_everybody_who_relied_on_the_wrong_edition_and_the_holder_are_told(world):
    edition = world.mint()
    world.reliances.found[edition.identifier] = (CIVIL, LAND)
    correct(world, decide(world, accept(world, lodge(world, edition))))
    with world.writing() as session:
        told = [n for n in notices.undelivered(session) if n.event == "licence.corrected"]
        assert {n.recipient for n in told if n.recipient_kind == "organisation"} == {CIVIL, LAND}
        assert len([n for n in told if n.recipient_kind == "holder"]) == 1
        assert {n.identifier for n in told} == {edition.identifier}
        (notice,) = notices.notices_for(session, CIVIL)
        notices.mark_delivered(session, notice, at=AT)
        assert notice.id not in {n.id for n in notices.undelivered(session)}


def test_the_log_chains_the_correction_to_the_first_edition(world):
    edition = world.mint()
    new = correct(world, decide(world, accept(world, lodge(world, edition))))
    openings = [
        parse_opening(parse_tlog_proof(file_of(world, entry, "proof")).extra)
        for entry in (edition, new)
    ]
    first, second = (parse_leaf(opening.entry) for opening in openings)
    assert (first.event, second.event) == (Event.ISSUED, Event.CORRECTED)
    assert first.prior is None
    assert second.prior == chained(openings[1].salt, first.commitment)


def test_correcting_twice_gives_the_same_edition(world):
    objection = decide(world, accept(world, lodge(world, world.mint())))
    assert correct(world, objection).identifier == correct(world, objection).identifier


@pytest.mark.parametrize(
    ("part", "method", "calls"),
    [
        ("timestamps", "token_for", 0),
        ("files", "put", 2),
        ("log", "append_all", 0),
        ("log", "checkpoint", 0),
        ("reliance", "organisations", 0),
    ],
)
def test_a_correction_that_died_anywhere_is_finished_once(world, part, method, calls):
    edition = world.mint()
    objection = decide(world, accept(world, lodge(world, edition)))
    dying = world.with_services(**{part: Dying(getattr(world.services, part), method, calls)})
    with pytest.raises(Interruption):
        correct(dying, objection)
    old = current(world, edition)
    assert old.state is EditionState.ACTIVE
    assert slot(world, edition) == 0xC
    with world.writing() as session:
        assert [e.refused for e in mint.resume_plans(session, world.services, at=AT)] == [None]
    assert find(world, objection, clerk()).state is ObjectionState.CORRECTED
    assert correct(world, objection).version == 2
    assert current(world, edition).state is EditionState.SUPERSEDED
    with world.writing() as session:
        assert world.services.log.size(session) == 2


def test_whoever_had_a_part_in_the_licence_or_the_objection_does_not_decide(world):
    edition = world.mint()
    minted_by = actor("clerk", "reviewer")
    lodged_by = actor("counter", "clerk", "reviewer")
    accepted_by = actor("intake", "clerk", "reviewer")
    objection = accept(world, lodge(world, edition, by=lodged_by), by=accepted_by)
    for person in (minted_by, reviewer(), lodged_by, accepted_by):
        with pytest.raises(SeparationOfDutiesError):
            decide(world, objection, by=person)
    with pytest.raises(NotEntitledError):
        decide(world, objection, by=actor("other", "clerk"))
    with pytest.raises(UnknownObjectionError):
        decide(world, objection, by=decider(CIVIL))
    assert decide(world, objection).decided_by == decider().id


def test_a_dismissed_objection_ends_the_mark(world):
    edition = world.mint()
    objection = decide(world, accept(world, lodge(world, edition)), Outcome.DISMISSED)
    assert objection.state is ObjectionState.DISMISSED
    assert objection.due_at is None
    assert slot(world, edition) == 0
    assert not current(world, edition).disputed
    with pytest.raises(TransitionError):
        correct(world, objection)
    assert decision_of(world.services.vault, objection).reasons == "经核实，门牌号登记有误"


def test_what_was_decided_is_not_decided_again(world):
    objection = decide(world, accept(world, lodge(world, world.mint())), Outcome.DISMISSED)
    with pytest.raises(TransitionError) as caught:
        decide(world, objection)
    assert caught.value.state == "dismissed"


def test_an_objection_is_decided_only_after_it_is_accepted(world):
    objection = lodge(world, world.mint())
    with pytest.raises(TransitionError) as caught:
        decide(world, objection)
    assert caught.value.state == "submitted"


def test_a_decision_whose_values_are_not_valid_is_refused_at_once(world):
    objection = accept(world, lodge(world, world.mint()))
    with pytest.raises(InvalidDataError) as caught:
        decide(world, objection, fields={"uscc": "91650100MA7DEM016E"})
    assert "data.uscc.check" in {problem.code for problem in caught.value.problems}
    assert find(world, objection, clerk()).state is ObjectionState.ACCEPTED


def test_a_decision_needs_reasons(world):
    objection = accept(world, lodge(world, world.mint()))
    with world.writing() as session, pytest.raises(InvalidObjectionError):
        decisions.decide_objection(
            session,
            world.services,
            objection.id,
            Decision(Outcome.UPHELD, "  "),
            actor=decider(),
            at=AT,
        )


def test_a_corrected_name_is_the_holders_name_too(world):
    edition = world.mint()
    claim = Claim(ObjectionType.NAME_CHAR, "名称有误", {"org_name": "天山云创数字技术有限公司"})
    new = correct(world, decide(world, accept(world, lodge(world, edition, claim))))
    record = record_of(world.services.vault, new)
    assert record.holders[0].name == "天山云创数字技术有限公司"
    assert record.value("org_name") == record.holders[0].name


def test_listed_holders_are_corrected_with_the_decision(world):
    edition = world.mint("real_estate_certificate")
    wrong = example("real_estate_certificate")
    name = "张明渊"
    holders = [dict(holder) for holder in wrong["holders"]]
    holders[0]["name"] = name
    names = "、".join(holder["name"] for holder in holders)
    claim = Claim(ObjectionType.NAME_CHAR, "姓名用字有误", {"right_holder": names})
    objection = accept(
        world, lodge(world, edition, claim, by=actor("c", "clerk", department=LAND)), by=clerk(LAND)
    )
    with pytest.raises(InvalidDataError):
        decide(world, objection, by=decider(LAND))
    decided = decide(world, objection, by=decider(LAND), holders=tuple(holders))
    record = record_of(world.services.vault, correct(world, decided, by=clerk(LAND)))
    assert record.holders[0].name == name
    assert record.value("right_holder") == names


def test_a_field_can_be_removed(world):
    objection = accept(world, lodge(world, world.mint()))
    new = correct(world, decide(world, objection, fields={"registered_capital": None}))
    assert record_of(world.services.vault, new).value("registered_capital") is None


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
