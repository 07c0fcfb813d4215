import pytest

from issuance import lifecycle, repository
from issuance.errors import (
    NotEntitledError,
    UnknownFileError,
    UnknownLicenceError,
    UnknownStatusListError,
)
from issuance.personal_data import holder_index
from issuance.states import EditionState
from sealkit.record import Holder
from tests.issuance.test_mint import Published, file_of, judged
from tests.issuance.world import AT, CIVIL, MARKET, actor, clerk, reviewer
from verification.report import Verdict


def change(world, step, edition, by=None):
    with world.writing() as session:
        return getattr(lifecycle, step)(
            session,
            world.services,
            edition.identifier,
            legal_basis="依申请",
            actor=by or reviewer(),
            at=AT,
        )


def codes(world, edition):
    report = judged(world, file_of(world, edition, "ofd"))
    return report.verdict, {finding.code for finding in report.findings}


def test_a_suspended_licence_is_not_valid_until_it_is_resumed(world):
    edition = world.mint()
    assert change(world, "suspend", edition).state is EditionState.SUSPENDED
    verdict, found = codes(world, edition)
    assert verdict is Verdict.INVALID
    assert "status.suspended" in found
    assert change(world, "resume", edition).state is EditionState.ACTIVE
    assert codes(world, edition)[0] is Verdict.VALID


def test_each_step_is_kept_with_reason_and_basis(world):
    edition = world.mint()
    change(world, "suspend", edition)
    with world.writing() as session:
        found = repository.events(session, edition.key)
    assert [event.step for event in found] == ["seal", "log", "publish", "suspend"]
    assert [event.sequence for event in found] == [1, 2, 3, 4]
    assert (found[-1].reason_code, found[-1].legal_basis) == ("11", "依申请")
    assert found[-1].state_before == "active"


def test_only_a_reviewer_of_the_issuer_changes_a_licence(world):
    edition = world.mint()
    with pytest.raises(NotEntitledError):
        change(world, "suspend", edition, clerk())
    with pytest.raises(UnknownLicenceError):
        change(world, "suspend", edition, reviewer(CIVIL))


def test_reading_is_for_the_issuers_people_and_auditors_see_masks(world):
    edition = world.mint()
    arguments = (world.services, edition)
    with world.writing() as session:
        full = lifecycle.read_licence(session, *arguments, actor=clerk(), at=AT)
        masked = lifecycle.read_licence(session, *arguments, actor=actor("a", "auditor"), at=AT)
        with pytest.raises(NotEntitledError):
            lifecycle.read_licence(session, *arguments, actor=actor("s", "seal_keeper"), at=AT)
    assert full.fields["legal_rep"] == "阿迪力·买买提"
    assert masked.fields["legal_rep"] == "阿**·***"


def test_a_form_that_is_not_there_is_unknown(world):
    edition = world.mint()
    with world.writing() as session, pytest.raises(UnknownFileError):
        lifecycle.read_file(session, world.services, edition, "docx", actor=clerk(), at=AT)


def test_a_holders_licences_are_found_by_keyed_digest(world):
    edition = world.mint()
    holder = Holder("天山云创数字科技有限公司", "91650100MA7DEM016D", "001")
    index = holder_index(world.services.vault, holder)
    with world.writing() as session:
        (found,) = repository.newest_editions_of(session, "business_licence", index)
        assert found.identifier == edition.identifier
        assert repository.newest_editions_of(session, "marriage_certificate", index) == []
        assert repository.newest_editions_of(session, "business_licence", b"x") == []
        assert MARKET == found.issuer_code


def test_a_status_list_that_does_not_exist_is_unknown(world):
    world.mint()
    published = Published(world)
    for name in ("-1", f"{MARKET}-2", f"{CIVIL}-1", "x", f"{MARKET}-0"):
        with pytest.raises(UnknownStatusListError):
            published.token(f"https://yinxin.example.cn/v1/status-lists/{name}")
