from dataclasses import replace
from datetime import timedelta

import pytest

from issuance.errors import (
    NotEntitledError,
    SealNotUsableError,
    SeparationOfDutiesError,
    TransitionError,
    UnknownDepartmentError,
    UnknownSealError,
)
from issuance.seals import making
from issuance.seals.register import find_seal, seals_of
from issuance.seals.states import SealState
from issuance.seals.using import freeze_seal, usable_seal, why_not_usable
from sealkit.asn1.ses import parse_seal
from tests.issuance.world import AT, CIVIL, MARKET, actor, make_active_seal, make_world


@pytest.fixture
def bare(tmp_path, keystore):
    return make_world(tmp_path, keystore, with_seals=False)


def keeper(name, department=MARKET):
    return actor(name, "seal_keeper", department=department)


def applied(bare):
    with bare.writing() as session:
        return making.apply_for_seal(session, bare.services, MARKET, actor=keeper("a"), at=AT)


def step(bare, function, seal, name):
    with bare.writing() as session:
        return function(session, bare.services, MARKET, seal.id, actor=keeper(name), at=AT)


def test_a_seal_is_made_by_three_persons_and_certified(bare, keystore):
    seal = make_active_seal(bare, MARKET)
    assert seal.state is SealState.ACTIVE
    assert len({seal.applicant, seal.reviewer, seal.maker}) == 3
    parsed = parse_seal(seal.der)
    parsed.verify_maker()
    assert parsed.maker_certificate_der == keystore.certificate("seal_maker").der
    assert parsed.lists(keystore.certificate("seal_signer_market").der)
    assert parsed.info.seal_id == seal.id
    assert parsed.info.name == "示例市市场监督管理局电子证照专用章"
    assert (parsed.info.picture.width_mm, parsed.info.picture.height_mm) == (42, 42)
    assert parsed.info.picture.is_of_its_type
    assert parsed.info.valid_until <= keystore.certificate("seal_signer_market").not_after
    assert parsed.deviations == ()


def test_the_seal_code_has_nineteen_characters_and_is_random():
    codes = {making.new_seal_code(MARKET) for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 19 and code.startswith("DZYZPRJ000654") for code in codes)


def test_applicant_reviewer_and_maker_are_different_people(bare):
    seal = applied(bare)
    with pytest.raises(SeparationOfDutiesError):
        step(bare, making.review_seal, seal, "a")
    seal = step(bare, making.review_seal, seal, "b")
    for name in ("a", "b"):
        with pytest.raises(SeparationOfDutiesError):
            step(bare, making.make_seal, seal, name)
    assert step(bare, making.make_seal, seal, "c").state is SealState.MADE


def test_a_seal_takes_every_step_once_and_in_order(bare):
    seal = applied(bare)
    for early in (making.make_seal, making.put_into_service):
        with pytest.raises(TransitionError):
            step(bare, early, seal, "c")
    step(bare, making.review_seal, seal, "b")
    with pytest.raises(TransitionError):
        step(bare, making.review_seal, seal, "b")


def test_only_the_seal_keepers_of_a_department_apply(bare):
    with bare.writing() as session:
        with pytest.raises(NotEntitledError):
            making.apply_for_seal(
                session, bare.services, MARKET, actor=actor("x", "reviewer"), at=AT
            )
        with pytest.raises(NotEntitledError):
            making.apply_for_seal(session, bare.services, MARKET, actor=keeper("x", CIVIL), at=AT)
        with pytest.raises(UnknownDepartmentError):
            making.apply_for_seal(session, bare.services, "X" * 18, actor=keeper("x"), at=AT)
        with pytest.raises(UnknownSealError):
            find_seal(session, MARKET, "DZYZ")


def test_a_seal_is_not_usable_before_it_is_in_service(bare):
    seal = applied(bare)
    with bare.writing() as session, pytest.raises(SealNotUsableError, match="applied"):
        usable_seal(session, bare.services.keys, MARKET, "business_licence", at=AT)
    assert why_not_usable(seal, bare.services.keys, "business_licence", at=AT)


def test_a_seal_is_used_for_its_kinds_in_its_time(bare):
    seal = make_active_seal(bare, MARKET)
    keys = bare.services.keys
    assert why_not_usable(seal, keys, "business_licence", at=AT) is None
    assert why_not_usable(seal, keys, "marriage_certificate", at=AT)
    assert why_not_usable(seal, keys, "business_licence", at=AT - timedelta(days=1))
    late = seal.valid_until + timedelta(seconds=1)
    assert why_not_usable(seal, keys, "business_licence", at=late)
    longer = replace(seal, valid_until=late + timedelta(days=1))
    assert "certificate" in why_not_usable(longer, keys, "business_licence", at=late)


def test_a_frozen_seal_is_not_used_until_it_is_thawed(bare):
    seal = make_active_seal(bare, MARKET)
    with bare.writing() as session:
        freeze_seal(session, bare.services, seal.id, actor=keeper("a"), at=AT)
        with pytest.raises(SealNotUsableError, match="frozen"):
            usable_seal(session, bare.services.keys, MARKET, "business_licence", at=AT)
        with pytest.raises(TransitionError):
            freeze_seal(session, bare.services, seal.id, actor=keeper("a"), at=AT)
        with pytest.raises(NotEntitledError):
            freeze_seal(session, bare.services, seal.id, actor=actor("r", "reviewer"), at=AT)
        freeze_seal(session, bare.services, seal.id, actor=keeper("a"), at=AT, thaw=True)
        usable_seal(session, bare.services.keys, MARKET, "business_licence", at=AT)
        assert [entry.id for entry in seals_of(session, MARKET)] == [seal.id]
