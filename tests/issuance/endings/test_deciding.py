"""Ending a licence takes two persons, a cause that fits, and cannot be undone."""

from dataclasses import replace

import pytest

from issuance import notices, repository
from issuance.endings import deciding
from issuance.endings.rows import CAUSES, REASON_CODES, Cause, EndingState, Way
from issuance.errors import (
    InvalidDataError,
    NotEntitledError,
    SeparationOfDutiesError,
    TransitionError,
    UnknownEndingError,
    UnknownLicenceError,
)
from issuance.states import EditionState
from tests.issuance.test_lifecycle import change, codes
from tests.issuance.world import AT, CIVIL, actor, clerk, decider, reviewer
from verification.report import Verdict

ENDED = {
    Way.CANCEL: EditionState.CANCELLED,
    Way.REVOKE: EditionState.REVOKED,
    Way.FORFEIT: EditionState.FORFEITED,
}


def propose(world, edition, way=Way.CANCEL, cause=None, by=None, basis="依申请"):
    with world.writing() as session:
        return deciding.propose(
            session,
            world.services,
            edition.identifier,
            way=way,
            cause=cause or min(CAUSES[way]),
            legal_basis=basis,
            actor=by or clerk(),
            at=AT,
        )


def decide(world, ending, step="confirm", by=None, **members):
    with world.writing() as session:
        act = getattr(deciding, step)
        return act(session, world.services, ending.id, actor=by or decider(), at=AT, **members)


@pytest.mark.parametrize("way", list(Way))
def test_a_licence_ends_when_another_person_confirms(world, way):
    edition = world.mint()
    ending = propose(world, edition, way)
    assert codes(world, edition)[0] is Verdict.VALID
    assert decide(world, ending).state is EndingState.CONFIRMED
    verdict, found = codes(world, edition)
    assert verdict is Verdict.INVALID
    assert "status.ended" in found
    with world.writing() as session:
        assert repository.edition(session, edition.key).state is ENDED[way]
        event = repository.events(session, edition.key)[-1]
        told = {notice.event for notice in notices.undelivered(session, limit=50)}
    assert (event.step, event.reason_code) == (way.value, REASON_CODES[way])
    assert f"licence.{way.value}" in told


def test_an_ended_licence_never_returns_and_its_number_is_free(world):
    edition = world.mint()
    world.end(edition)
    for step in ("suspend", "resume"):
        with pytest.raises(TransitionError) as caught:
            change(world, step, edition)
        assert caught.value.state == "cancelled"
    with pytest.raises(TransitionError):
        propose(world, edition, Way.REVOKE)
    assert world.mint(key="key-00000002").state is EditionState.ACTIVE


def test_nobody_ends_a_licence_alone(world):
    edition = world.mint()
    one = replace(decider(), id="one-person", roles=frozenset({"clerk", "reviewer"}))
    ending = propose(world, edition, by=one)
    with pytest.raises(SeparationOfDutiesError):
        decide(world, ending, by=one)
    with pytest.raises(SeparationOfDutiesError):
        decide(world, ending, "decline", by=one, reasons="无")
    with pytest.raises(NotEntitledError):
        decide(world, ending, by=clerk())


def test_who_issued_a_licence_does_not_confirm_that_its_grant_was_unlawful(world):
    edition = world.mint()
    ending = propose(world, edition, Way.REVOKE, by=actor("other-clerk", "clerk"))
    with pytest.raises(SeparationOfDutiesError):
        decide(world, ending, by=reviewer())
    assert decide(world, ending).state is EndingState.CONFIRMED


@pytest.mark.parametrize(
    ("way", "cause"),
    [(way, cause) for way in Way for cause in Cause if cause not in CAUSES[way]],
)
def test_a_cause_of_another_way_is_refused(world, way, cause):
    with pytest.raises(InvalidDataError):
        propose(world, world.mint(), way, cause)


def test_one_proposal_at_a_time_and_the_same_again_is_the_same(world):
    edition = world.mint()
    first = propose(world, edition)
    assert propose(world, edition).id == first.id
    with pytest.raises(TransitionError):
        propose(world, edition, Way.FORFEIT)
    assert decide(world, first, "withdraw", by=clerk()).state is EndingState.WITHDRAWN
    assert propose(world, edition, Way.FORFEIT).id != first.id


def test_a_declined_proposal_leaves_the_licence_and_its_reasons(world):
    edition = world.mint()
    ending = propose(world, edition)
    assert decide(world, ending, "decline", reasons="事实不清").reasons == "事实不清"
    assert codes(world, edition)[0] is Verdict.VALID
    with pytest.raises(TransitionError):
        decide(world, ending)


def test_a_confirmation_repeated_changes_nothing(world):
    ending = propose(world, world.mint())
    assert decide(world, ending).decided_at == decide(world, ending).decided_at
    with pytest.raises(TransitionError):
        decide(world, ending, by=replace(decider(), id="third-person"))


def test_other_departments_see_nothing(world):
    edition = world.mint()
    ending = propose(world, edition)
    with pytest.raises(UnknownLicenceError):
        propose(world, edition, by=clerk(CIVIL))
    with pytest.raises(UnknownEndingError):
        decide(world, ending, by=decider(CIVIL))
    with pytest.raises(UnknownEndingError):
        decide(world, ending, "withdraw", by=reviewer())
    with world.writing() as session:
        assert deciding.proposed_endings(session, actor=decider(CIVIL)) == ()
        assert [e.id for e in deciding.proposed_endings(session, actor=decider())] == [ending.id]


def test_a_suspended_licence_can_end_and_a_stranger_cannot_read_proposals(world):
    edition = world.mint()
    change(world, "suspend", edition)
    world.end(edition)
    with world.writing() as session, pytest.raises(NotEntitledError):
        deciding.proposed_endings(session, actor=actor("x", "case_officer"))
