"""The owner's rules: proposed by one, adopted by another, never edited; requests decided."""

import pytest

from issuance.errors import (
    InvalidSealError,
    NotEntitledError,
    SealApprovalNeededError,
    SeparationOfDutiesError,
    TransitionError,
    UnknownPolicyError,
    UnknownSealError,
)
from issuance.seals import controlling
from issuance.seals.policy import Approval, PolicyState, Terms, UseWindow
from issuance.seals.policy_register import policies_of, policy_in_force
from tests.issuance.seals.steps import adopt, decide, keeper, seal_of, waiting
from tests.issuance.world import AT, CIVIL, MARKET, actor


def propose(world, terms, by=None):
    with world.writing() as session:
        return controlling.propose_policy(
            session,
            world.services,
            seal_of(world).id,
            terms,
            reason="内控要求",
            actor=by or keeper(),
            at=AT,
        )


def settle(world, version, *, adopting=True, by=None):
    with world.writing() as session:
        return controlling.decide_policy(
            session,
            world.services,
            seal_of(world).id,
            version,
            adopt=adopting,
            actor=by or keeper("second"),
            at=AT,
        )


def in_force(world):
    with world.writing() as session:
        return policy_in_force(session, MARKET, seal_of(world).id)


def test_a_policy_takes_two_persons(world):
    propose(world, Terms(daily_limit=5))
    assert in_force(world) is None
    with pytest.raises(SeparationOfDutiesError):
        settle(world, 1, by=keeper())
    settle(world, 1)
    assert in_force(world).terms == Terms(daily_limit=5)


def test_terms_are_never_edited_and_every_version_stays(world):
    adopt(world, Terms(daily_limit=5))
    adopt(world, Terms(daily_limit=9))
    with world.writing() as session:
        versions = policies_of(session, MARKET, seal_of(world).id)
    assert [(p.version, p.terms.daily_limit, p.state) for p in versions] == [
        (2, 9, PolicyState.ADOPTED),
        (1, 5, PolicyState.ADOPTED),
    ]
    assert in_force(world).version == 2


def test_a_declined_version_is_not_in_force_and_not_decided_again(world):
    propose(world, Terms(daily_limit=5))
    settle(world, 1, adopting=False)
    assert in_force(world) is None
    with pytest.raises(TransitionError):
        settle(world, 1)


def test_an_older_version_does_not_come_into_force_after_a_newer(world):
    propose(world, Terms(daily_limit=5))
    propose(world, Terms(daily_limit=9))
    settle(world, 2)
    with pytest.raises(TransitionError):
        settle(world, 1)


def test_a_version_that_does_not_exist_is_not_adopted(world):
    with pytest.raises(UnknownPolicyError):
        settle(world, 7)


def test_a_policy_that_could_never_allow_anything_is_refused_with_all_reasons(world):
    with pytest.raises(InvalidSealError) as refused:
        propose(world, Terms(("marriage_certificate",), (UseWindow((1,), "18:00", "08:00"),)))
    assert {problem.field for problem in refused.value.problems} == {"kinds", "windows"}


def test_only_the_keepers_of_the_department_decide_about_its_seal(world):
    with pytest.raises(NotEntitledError):
        propose(world, Terms(), by=actor("reviewer", "reviewer"))
    with pytest.raises(UnknownSealError):
        propose(world, Terms(), by=keeper(department=CIVIL))
    with world.writing() as session, pytest.raises(NotEntitledError):
        controlling.own_seal(session, seal_of(world).id, actor=actor("c", "clerk"))


def test_requests_are_decided_all_or_none(world):
    adopt(world, Terms(approval=Approval.PERSON))
    application = world.approve(world.submit())
    with pytest.raises(SealApprovalNeededError):
        world.mint_application(application)
    (request,) = waiting(world)
    with pytest.raises(InvalidSealError):
        decide(world, [request, "R-of-somebody-else"])
    assert [entry.id for entry in waiting(world)] == [request.id]
    with pytest.raises(InvalidSealError):
        decide(world, [f"R{number}" for number in range(1001)])
    decide(world, [request, request])
    world.mint_application(application)
    with pytest.raises(TransitionError):
        decide(world, [request], reasons="too late")
