"""Minting passes the gate of the seal's policy: a refused plan stays, says why, and goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from issuance import mint, repository, tables
from issuance.errors import (
    SealApprovalNeededError,
    SealNotUsableError,
    SeparationOfDutiesError,
)
from issuance.register_faults import count_waiting
from issuance.sealing import load_work, make_files, record_sealed
from issuance.seals import policy_register
from issuance.seals.ending import Cause, cancel_seal
from issuance.seals.policy import Approval, Refusal, Terms, UseWindow
from issuance.seals.policy_register import RequestState
from issuance.seals.register import uses_of
from issuance.seals.using import freeze_seal
from issuance.states import EditionState
from sealkit.sm import sm3
from tests.conformance.world import xinjiang
from tests.issuance.seals.steps import adopt, decide, keeper, seal_of, waiting
from tests.issuance.world import AT, MARKET, actor, clerk, example, make_active_seal, reviewer
from yinxin.context import PLAN_IS_LEFT, retry_plans

NIGHTS = Terms(windows=(UseWindow((1, 2, 3, 4, 5, 6, 7), "00:00", "06:00"),))


def company(number):
    data = example("business_licence")
    code = ("91650100MA7DEM016D", "91650100MA7DEMQ2XX")[number]
    data["fields"]["uscc"] = data["holders"][0]["code"] = code
    return data


def mint_at(world, application, at):
    with world.writing() as session:
        return mint.mint(session, world.services, application.id, actor=clerk(), at=at)


def uses(world, seal=None):
    with world.writing() as session:
        return uses_of(session, MARKET, (seal or seal_of(world)).id)


def plans(world):
    with world.writing() as session:
        return session.execute(select(func.count()).select_from(tables.plans)).scalar_one()


def test_a_use_outside_the_hours_leaves_the_plan_and_says_why(world):
    adopt(world, NIGHTS)
    application = world.approve(world.submit())
    with pytest.raises(SealNotUsableError) as refused:
        world.mint_application(application)
    assert refused.value.refusal == Refusal.HOURS
    assert refused.value.detail["policy"] == "1"
    assert "时段" in refused.value.detail["reason_zh"]
    assert (plans(world), uses(world)) == (1, [])
    adopt(world, Terms())
    edition = world.mint_application(application)
    assert edition.state is EditionState.ACTIVE
    (use,) = uses(world)
    assert (use.policy_version, use.serial) == (2, edition.serial)


def test_a_plan_goes_on_by_itself_at_the_next_start_once_the_hour_has_come(world):
    adopt(world, NIGHTS)
    application = world.approve(world.submit())
    with pytest.raises(SealNotUsableError):
        world.mint_application(application)
    with world.writing() as session:
        (waits,) = mint.resume_plans(session, world.services, at=AT)
        assert waits.refused == "issuance.seal.not_usable"
    night = AT + timedelta(hours=14)  # 02:00 in Beijing
    with world.writing() as session:
        (resumed,) = mint.resume_plans(session, world.services, at=night)
        assert resumed.refused is None
        assert repository.edition(session, resumed.key).state is EditionState.ACTIVE


def test_a_running_service_tries_again_by_itself_and_leaves_fresh_plans_to_who_makes_them(world):
    adopt(world, NIGHTS)
    application = world.approve(world.submit())
    with pytest.raises(SealNotUsableError):
        world.mint_application(application)
    retry_plans(world.database, world.services, AT + PLAN_IS_LEFT)  # still day: it waits on
    assert plans(world) == 1
    night = AT + timedelta(hours=14)
    with world.writing() as session:
        too_young = night - timedelta(days=1)
        assert mint.resume_plans(session, world.services, at=night, planned_until=too_young) == ()
    retry_plans(world.database, world.services, night)
    with world.database.reading() as session:
        assert count_waiting(session) == 0
        (edition,) = session.execute(select(tables.editions.c.state)).all()
    assert edition.state == EditionState.ACTIVE.value


def test_the_daily_limit_ends_with_the_day(world):
    adopt(world, Terms(daily_limit=1))
    world.mint(data=company(0))
    second = world.approve(world.submit(data=company(1), key="key-00000002"))
    with pytest.raises(SealNotUsableError) as refused:
        world.mint_application(second)
    assert refused.value.refusal == Refusal.DAILY_LIMIT
    assert mint_at(world, second, AT + timedelta(days=1)).state is EditionState.ACTIVE
    assert len(uses(world)) == 2


def test_two_at_a_time_do_not_pass_the_daily_limit(world):
    adopt(world, Terms(daily_limit=1))
    editions = []
    for number in range(2):
        application = world.approve(world.submit(data=company(number), key=f"key-0000000{number}"))
        with world.writing() as session:
            plan = mint.plan_application(
                session, world.services, application.id, actor=clerk(), at=AT
            )
            editions.append(plan.key)
    with world.writing() as session:
        prepared = [load_work(session, world.services, key, at=AT) for key in editions]
        with pytest.raises(SealNotUsableError):
            load_work(session, world.services, editions[0], at=AT, pending=1)
    files = [make_files(world.services, work, at=AT) for work in prepared]
    with world.writing() as session:
        assert record_sealed(session, world.services, prepared[0], files[0], at=AT)
    with world.writing() as session, pytest.raises(SealNotUsableError) as refused:
        record_sealed(session, world.services, prepared[1], files[1], at=AT)
    assert refused.value.refusal == Refusal.DAILY_LIMIT
    assert len(uses(world)) == 1


def test_a_seal_frozen_while_we_signed_leaves_no_use(world):
    application = world.approve(world.submit())
    with world.writing() as session:
        key = mint.plan_application(
            session, world.services, application.id, actor=clerk(), at=AT
        ).key
    with world.writing() as session:
        work = load_work(session, world.services, key, at=AT)
    files = make_files(world.services, work, at=AT)
    with world.writing() as session:
        freeze_seal(session, world.services, work.seal.id, actor=keeper(), at=AT)
    with world.writing() as session, pytest.raises(SealNotUsableError, match="frozen"):
        record_sealed(session, world.services, work, files, at=AT)
    assert uses(world) == []


def test_where_the_policy_says_so_a_person_approves_each_use(world):
    adopt(world, Terms(approval=Approval.PERSON))
    application = world.approve(world.submit())
    for _ in range(2):
        with pytest.raises(SealApprovalNeededError):
            world.mint_application(application)
    (request,) = waiting(world)
    assert (request.requested_by, request.kind) == (clerk().id, "business_licence")
    with pytest.raises(SeparationOfDutiesError):
        decide(world, [request], by=actor("clerk", "seal_keeper"))
    decide(world, [request])
    edition = world.mint_application(application)
    (use,) = uses(world)
    assert use.approver == keeper().id
    assert (use.request_id, use.policy_version) == (request.id, 1)
    assert use.document_digest == sm3.digest(_file(world, edition))
    assert [r.id for r in waiting(world, state=RequestState.USED)] == [request.id]


def test_a_declined_use_says_the_reason_and_may_still_be_approved(world):
    adopt(world, Terms(approval=Approval.PERSON))
    application = world.approve(world.submit())
    with pytest.raises(SealApprovalNeededError):
        world.mint_application(application)
    (request,) = waiting(world)
    decide(world, [request], reasons="材料待核实")
    with pytest.raises(SealNotUsableError, match="材料待核实") as refused:
        world.mint_application(application)
    assert refused.value.refusal == Refusal.DECLINED
    decide(world, [request])
    assert world.mint_application(application).state is EditionState.ACTIVE


def test_without_a_policy_the_reviewer_of_the_case_is_the_approver(world):
    world.mint()
    (use,) = uses(world)
    assert (use.policy_version, use.request_id, use.approver) == (0, None, reviewer().id)


def test_a_seal_whose_certificate_has_expired_is_not_used_and_the_plan_goes_on_after_repair(
    world, keystore
):
    """The department gets a new key, cancels the old seal, and has one made with the new key."""
    application = world.approve(world.submit())
    with world.writing() as session:
        mint.plan_application(session, world.services, application.id, actor=clerk(), at=AT)
    expired = world.with_services(keys=_Expired(keystore, "seal_signer_market"))
    with pytest.raises(SealNotUsableError) as refused:
        expired.mint_application(application)
    assert refused.value.refusal == Refusal.CERTIFICATE
    assert (plans(world), uses(world)) == (1, [])
    old = seal_of(world)
    with world.writing() as session:
        cancel_seal(
            session,
            world.services,
            old.id,
            cause=Cause.REPLACED,
            reason="证书到期",
            actor=keeper(),
            at=AT,
        )
    new = make_active_seal(world, MARKET)  # the keystore has a valid certificate again
    edition = world.mint_application(application)
    assert edition.state is EditionState.ACTIVE
    assert (len(uses(world, old)), len(uses(world, new))) == (0, 1)


def test_a_policy_of_another_seal_does_not_matter(world):
    adopt(world, NIGHTS)
    assert world.mint("marriage_certificate").state is EditionState.ACTIVE


def test_requests_of_another_version_are_kept_under_the_policy_they_were_made_for(world):
    adopt(world, Terms(approval=Approval.PERSON))
    application = world.approve(world.submit())
    with pytest.raises(SealApprovalNeededError):
        world.mint_application(application)
    adopt(world, Terms())
    assert world.mint_application(application).state is EditionState.ACTIVE
    (request,) = waiting(world)
    assert request.policy_version == 1
    with world.writing() as session:
        versions = policy_register.policies_of(session, MARKET, request.seal_id)
    assert [policy.version for policy in versions] == [2, 1]


class _Expired:
    """A keystore in which one key's certificate is past its end."""

    def __init__(self, keystore, name):
        self._keystore = keystore
        self._name = name

    def signer(self, name):
        found = self._keystore.signer(name)
        return _Old(found) if name == self._name else found


class _Old:
    """A signer whose certificate ended, made by the real authority's key."""

    def __init__(self, signer):
        self._signer = signer

    def __getattr__(self, name):
        return getattr(self._signer, name)

    @property
    def certificate_der(self):
        return _ended_certificate()


def _ended_certificate():
    return xinjiang().certificate(until=AT - timedelta(days=1)).certificate_der


def _file(world, edition):
    with world.writing() as session:
        return world.services.files.get(repository.files(session, edition.key)["ofd"].key)
