"""What waits for a seal is named with the reason that minting would give, and nothing is asked."""

from dataclasses import replace

import pytest

from issuance.errors import NotEntitledError, SealNotUsableError
from issuance.seals.blocked_plans import unsealed_plans
from issuance.seals.policy import Approval, Refusal, Terms
from issuance.seals.using import freeze_seal
from tests.issuance.seals.steps import adopt, keeper, seal_of, waiting
from tests.issuance.world import AT, clerk


def held(world, actor=None):
    with world.writing() as session:
        return unsealed_plans(session, world.services, actor=actor or keeper(), at=AT, limit=10)


def refuse(world):
    application = world.approve(world.submit())
    with pytest.raises(SealNotUsableError):
        world.mint_application(application)
    return application


def test_a_plan_under_a_used_up_limit_says_so_and_one_that_may_go_on_too(world):
    adopt(world, Terms(daily_limit=0))
    application = refuse(world)
    (entry,) = held(world)
    assert entry.refusal.refusal == Refusal.DAILY_LIMIT
    assert entry.edition.application_id == application.id
    adopt(world, Terms())
    (entry,) = held(world)
    assert entry.refusal is None
    world.mint_application(application)
    assert held(world) == ()


def test_looking_asks_for_no_approval_and_follows_its_decision(world):
    adopt(world, Terms(daily_limit=0))
    refuse(world)
    adopt(world, Terms(approval=Approval.PERSON))
    assert held(world)[0].refusal.refusal == Refusal.APPROVAL
    assert waiting(world) == []


def test_a_frozen_seal_is_named_with_its_state(world):
    adopt(world, Terms(daily_limit=0))
    refuse(world)
    with world.writing() as session:
        freeze_seal(session, world.services, seal_of(world).id, actor=keeper(), at=AT, reason="x")
    assert held(world)[0].refusal.detail["state"] == "frozen"


def test_whoever_keeps_no_seals_and_another_department_see_none(world):
    adopt(world, Terms(daily_limit=0))
    refuse(world)
    with pytest.raises(NotEntitledError):
        held(world, clerk())
    assert held(world, replace(keeper(), department="11650000PRJ0007890")) == ()
