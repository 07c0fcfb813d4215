"""Decided by another person, corrected; the old edition superseded."""

import pytest

from issuance import decisions, mint, notices
from issuance.claims import Claim, decision_of
from issuance.decisions import Decision, Outcome
from issuance.errors import (
    InvalidDataError,
    InvalidObjectionError,
    NotEntitledError,
    SeparationOfDutiesError,
    TransitionError,
    UnknownObjectionError,
)
from issuance.licence_record import record_of
from issuance.objection_states import ObjectionState, ObjectionType
from issuance.states import EditionState
from sealkit.identifiers import parse_identifier
from sealkit.log_leaf import Event, chained, parse_leaf, parse_opening
from sealkit.tlog_proof import parse_tlog_proof
from tests.issuance.objection_steps import (
    RIGHT,
    accept,
    correct,
    current,
    decide,
    find,
    lodge,
    slot,
)
from tests.issuance.test_mint import Dying, Interruption, file_of, judged
from tests.issuance.world import (
    AT,
    CIVIL,
    LAND,
    actor,
    clerk,
    decider,
    example,
    reviewer,
)
from verification.report import Verdict


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
