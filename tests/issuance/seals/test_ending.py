"""Ending a seal: cancelled with a cause; a lost key ends all its seals and its certificate."""

from datetime import timedelta

import pytest

from ca.errors import RevocationDateError
from ca.register import enrol
from ca.revocation import Reason, revocation_of
from issuance.errors import InvalidSealError, NotEntitledError, TransitionError
from issuance.seals import ending, making
from issuance.seals.making import SealWish
from issuance.seals.register import find_seal, seals_of
from issuance.seals.states import SealState
from issuance.states import EditionState
from tests.issuance.seals.steps import keeper, seal_of
from tests.issuance.world import AT, LAND, MARKET, actor, make_active_seal


def lose(world, seal, by=None, since=None):
    with world.writing() as session:
        return ending.report_lost_key(
            session,
            world.services,
            seal.id,
            reason="密码钥匙遗失",
            lost_since=since,
            actor=by or keeper(),
            at=AT,
        )


def cancel(world, seal, by=None):
    with world.writing() as session:
        return ending.cancel_seal(
            session,
            world.services,
            seal.id,
            cause=ending.Cause.OWNER_RENAMED,
            reason="机构更名",
            actor=by or keeper(),
            at=AT,
        )


def register_certificate(world, keystore):
    with world.writing() as session:
        enrol(
            session,
            authority_name="sub_ca",
            purpose="seal_signer",
            certificate=keystore.certificate("seal_signer_market"),
            at=AT,
        )


def apply_again(world, **wish):
    with world.writing() as session:
        return making.apply_for_seal(
            session, world.services, MARKET, actor=keeper("a"), at=AT, wish=SealWish(**wish)
        )


def test_a_cancelled_seal_keeps_its_cause_and_never_returns(world):
    seal = cancel(world, seal_of(world))
    assert (seal.state, seal.reason) == (SealState.CANCELLED, "owner_renamed: 机构更名")
    with pytest.raises(TransitionError):
        cancel(world, seal)
    with pytest.raises(NotEntitledError):
        cancel(world, seal, by=actor("r", "reviewer"))


def test_a_lost_key_ends_the_seals_made_with_it_and_revokes_its_certificate(world, keystore):
    register_certificate(world, keystore)
    first, second = seal_of(world), make_active_seal(world, MARKET)
    waiting = apply_again(world)
    ended = lose(world, first)
    assert next(seal.id for seal in ended) == first.id
    assert {seal.id: seal.state for seal in ended} == {
        first.id: SealState.LOST_KEY,
        second.id: SealState.LOST_KEY,
        waiting.id: SealState.CANCELLED,
    }
    serial = keystore.certificate("seal_signer_market").serial
    with world.writing() as session:
        revoked = revocation_of(session, ca_name="sub_ca", serial=serial)
    assert revoked.at == AT
    assert revoked.reason == int(Reason.KEY_COMPROMISE)
    assert seal_of(world, LAND).state is SealState.ACTIVE


def test_with_a_revoked_key_no_seal_is_made_until_the_key_is_another(world, keystore):
    register_certificate(world, keystore)
    old = seal_of(world)
    lose(world, old)
    with pytest.raises(InvalidSealError) as refused:
        apply_again(world, replaces=old.id)
    assert [problem.code for problem in refused.value.problems] == ["data.seal.key"]
    departments = dict(world.services.departments)
    renewed = world.with_services(
        departments=departments | {MARKET: _with_key(departments[MARKET], "seal_signer_land")}
    )
    again = apply_again(renewed, replaces=old.id)
    assert again.replaces == old.id
    with renewed.writing() as session:
        arguments = (session, renewed.services, MARKET, again.id)
        making.review_seal(*arguments, actor=keeper("b"), at=AT)
        making.make_seal(*arguments, actor=keeper("c"), at=AT)
        assert making.put_into_service(*arguments, actor=keeper("b"), at=AT).key_name == (
            "seal_signer_land"
        )


def test_only_an_ended_seal_of_the_same_type_is_replaced(world):
    for replaced in (seal_of(world).id, "DZYZ-unknown"):
        with pytest.raises(InvalidSealError) as refused:
            apply_again(world, replaces=replaced)
        assert [problem.field for problem in refused.value.problems] == ["replaces"]


def test_a_key_certified_elsewhere_ends_its_seals_all_the_same(world):
    (ended,) = lose(world, seal_of(world))
    assert ended.state is SealState.LOST_KEY
    with pytest.raises(TransitionError):
        lose(world, ended)


def test_a_key_is_not_lost_in_the_future(world, keystore):
    register_certificate(world, keystore)
    with pytest.raises(RevocationDateError):
        lose(world, seal_of(world), since=AT + timedelta(days=1))
    assert seal_of(world).state is SealState.ACTIVE


def test_what_was_sealed_before_the_loss_stays_in_force(world):
    edition = world.mint()
    lose(world, seal_of(world))
    assert edition.state is EditionState.ACTIVE


def test_an_application_is_rejected_with_a_reason_by_somebody_else(world):
    seal = apply_again(world)
    with world.writing() as session:
        arguments = (session, world.services, MARKET, seal.id)
        rejected = making.reject_seal(*arguments, reason="重复申请", actor=keeper("b"), at=AT)
    assert (rejected.state, rejected.reason) == (SealState.CANCELLED, "重复申请")
    with world.writing() as session:
        assert find_seal(session, MARKET, seal.id).reason == "重复申请"
        assert len(seals_of(session, MARKET)) == 2


def test_an_owner_has_one_legal_name_seal_and_seals_for_its_own_kinds(world):
    first = apply_again(world, type=1)
    assert (first.type, first.label, first.name) == (1, "", "示例市市场监督管理局")
    with pytest.raises(InvalidSealError) as refused:
        apply_again(world, type=1, kinds=("marriage_certificate",))
    assert {problem.field for problem in refused.value.problems} == {"type", "kinds"}


def _with_key(department, key):
    return type(department)(
        department.code, department.name, department.kinds, key, department.seal_label
    )
