"""Certificate-free checks: the answer, its receipt, and what may not be asked."""

from dataclasses import replace

import pytest

from sealkit.receipt import parse_receipt
from sealkit.record import Holder
from tests.conformance.instants import AT
from tests.conformance.ofd_builder import sealed, unsealed
from tests.conformance.world import KIND_CODE
from tests.verification.certificate_free.life import MARRIAGE, life
from verification import repository
from verification.certificate_free.answer import answer_check, find_check
from verification.certificate_free.consent import Basis, BasisKind, basis_of
from verification.certificate_free.questions import Question, index_of
from verification.errors import (
    ConflictingCheckError,
    ConsentError,
    NotEntitledError,
    OverAskingError,
    UnknownCheckError,
    UnknownItemError,
)
from verification.ports import HeldDocument


def question(holder, **changes):
    members = {
        "item": "company_address_change",
        "holder": holder,
        "case_number": "AC-2026-0001",
        "operator": "窗口3",
        "basis": basis_of(None, "FORM-7", None),
    }
    return Question(**members | changes)


def ask(session, officer, services, holder, **changes):
    asked = question(holder, **changes)
    return answer_check(session, asked, actor=officer, services=services, at=AT).check


def only_requirement(check):
    (requirement,) = check.answer["requirements"]
    return requirement


def codes(check):
    return [reason["code"] for reason in only_requirement(check)["reasons"]]


def test_the_holder_of_a_valid_licence_meets_the_item(session, officer, make_services, applicant):
    check = ask(session, officer, make_services(), applicant)
    assert check.outcome == "met"
    assert only_requirement(check)["evidence"][0]["verdict"] == "valid"
    assert codes(check) == ["predicate.holder_is"]


def test_the_receipt_proves_the_answer(session, officer, make_services, applicant, world):
    check = ask(session, officer, make_services(), applicant)
    receipt = parse_receipt(check.receipt, world.keys.certificate("receipt").sm2_key, at=AT)
    assert (receipt.check_id, receipt.answer, receipt.item) == (check.id, "met", check.item)
    assert receipt.asked_by == officer.department
    assert receipt.basis == "signed_form: FORM-7"
    (evidence,) = receipt.evidence
    assert (evidence.identifier, evidence.status) == (world.record.identifier, 0)


def test_neither_answer_nor_receipt_nor_rows_say_anything_of_the_licence(
    session, officer, make_services, applicant, world
):
    check = ask(session, officer, make_services(), applicant)
    rows = repository.usage_of(session, index_of(applicant, make_services()))
    stored = str((check, rows))
    values = [field.value for field in world.record.fields if field.name != "founded"]
    for value in (applicant.name, applicant.code, *values):
        assert value not in stored


def test_one_who_holds_nothing_does_not_meet_it(session, officer, make_services, stranger):
    check = ask(session, officer, make_services(), stranger)
    assert check.outcome == "not_met"
    assert codes(check) == ["no_licence"]


def test_a_licence_of_somebody_else_does_not_meet_it(
    session, officer, make_services, stranger, world
):
    held = HeldDocument(world.record.identifier, world.sound_ofd)
    services = make_services({(KIND_CODE, stranger.code): (held,)})
    check = ask(session, officer, services, stranger)
    assert (check.outcome, codes(check)) == ("not_met", ["predicate.holder_is"])


@pytest.mark.parametrize(
    "changes", [{"name": "天池示例科技有限公司"}, {"code_type": "099"}], ids=["name", "code type"]
)
def test_a_holder_who_differs_does_not_meet_it(session, officer, make_services, applicant, changes):
    check = ask(session, officer, make_services(), replace(applicant, **changes))
    assert check.outcome == "not_met"


def test_a_name_is_compared_with_its_separator_mended(session, officer, make_services, world):
    person = Holder("阿迪力·买买提", "650102199003070014", "111")
    record = replace(world.record, holders=(person,))
    held = HeldDocument(record.identifier, sealed(world, unsealed(record)))
    services = make_services({(KIND_CODE, person.code): (held,)}, register=None)
    asked = replace(person, name="阿迪力•买买提")
    assert ask(session, officer, services, asked).outcome == "met"


def test_an_ended_licence_does_not_meet_it(session, officer, make_services, applicant, world):
    check = ask(session, officer, make_services(status=world.status(1)), applicant)
    assert (check.outcome, codes(check)) == ("not_met", ["status.ended"])


def test_a_licence_of_another_kind_does_not_meet_it(
    session, officer, make_services, applicant, world
):
    held = life().sealed(life().licence(MARRIAGE, applicant))
    trust = {"trust": lambda: life().trust, "register": None}
    services = make_services({(KIND_CODE, applicant.code): (held,)}, **trust)
    check = ask(session, officer, services, applicant)
    assert (check.outcome, codes(check)) == ("not_met", ["other_kind"])


def test_a_document_without_a_record_leaves_it_open(
    session, officer, make_services, applicant, world
):
    held = HeldDocument("x", sealed(world, unsealed(world.record, attachments={})))
    services = make_services({(KIND_CODE, applicant.code): (held,)})
    assert ask(session, officer, services, applicant).outcome == "cannot_say"


def test_one_good_licence_among_several_is_enough(
    session, officer, make_services, applicant, world
):
    spoilt = HeldDocument("x", world.sound_ofd[:-50])
    good = HeldDocument(world.record.identifier, world.sound_ofd)
    services = make_services({(KIND_CODE, applicant.code): (spoilt, good)})
    assert ask(session, officer, services, applicant).outcome == "met"


def test_a_status_service_that_is_down_leaves_it_open(session, officer, make_services, applicant):
    check = ask(session, officer, make_services(status=None), applicant)
    assert check.outcome == "cannot_say"


def test_a_register_that_is_down_leaves_it_open(session, officer, make_services, applicant):
    check = ask(session, officer, make_services(None), applicant)
    assert check.outcome == "cannot_say"
    assert codes(check) == ["register_unavailable"]


def test_the_same_question_of_the_same_case_is_answered_once(
    session, officer, make_services, applicant, world
):
    services = make_services()
    first = ask(session, officer, services, applicant)
    again = ask(session, officer, make_services(status=world.status(1)), applicant)
    assert again == first
    assert len(repository.usage_of(session, index_of(applicant, services))) == 1


def test_an_answer_that_could_not_be_given_is_tried_again(
    session, officer, make_services, applicant
):
    assert ask(session, officer, make_services(None), applicant).outcome == "cannot_say"
    second = ask(session, officer, make_services(), applicant)
    assert (second.outcome, second.attempt) == ("met", 2)


def test_two_requests_of_one_case_at_once_get_one_answer(
    session, officer, make_services, applicant, monkeypatch
):
    services = make_services()
    first = ask(session, officer, services, applicant)
    found, calls = repository.newest_check, []

    def late(session, **key):
        calls.append(key)
        return None if len(calls) == 1 else found(session, **key)

    monkeypatch.setattr(repository, "newest_check", late)
    assert ask(session, officer, services, applicant) == first
    assert len(calls) == 2


def test_a_case_cannot_ask_the_item_for_a_second_holder(
    session, officer, make_services, applicant, stranger
):
    ask(session, officer, make_services(), applicant)
    with pytest.raises(ConflictingCheckError):
        ask(session, officer, make_services(), stranger)


def test_a_field_that_the_item_does_not_list_is_refused(session, officer, make_services, applicant):
    with pytest.raises(OverAskingError) as refused:
        ask(session, officer, make_services(), applicant, fields=("legal_rep", "capital"))
    assert refused.value.fields == ("capital", "legal_rep")


def test_an_item_that_is_not_in_the_catalogue_is_refused(
    session, officer, make_services, applicant
):
    with pytest.raises(UnknownItemError):
        ask(session, officer, make_services(), applicant, item="nothing")


def test_one_without_the_role_is_refused(session, officer, make_services, applicant):
    clerk = replace(officer, roles=frozenset({"clerk"}))
    with pytest.raises(NotEntitledError):
        ask(session, clerk, make_services(), applicant)
    with pytest.raises(NotEntitledError):
        find_check(session, "x", actor=clerk)


def test_a_check_is_shown_to_its_own_organisation_only(session, officer, make_services, applicant):
    check = ask(session, officer, make_services(), applicant)
    assert find_check(session, check.id, actor=officer) == check
    other = replace(officer, department="11440000PRJ000002X")
    with pytest.raises(UnknownCheckError):
        find_check(session, check.id, actor=other)


def test_every_answer_stands_in_the_use_log_and_the_audit_chain(
    session, officer, make_services, applicant, world
):
    services = make_services()
    check = ask(session, officer, services, applicant)
    (row,) = repository.usage_of(session, index_of(applicant, services))
    assert (row["check_id"], row["basis"], row["outcome"]) == (check.id, "signed_form", "met")
    acts = [act[:3] for act in services.audit.acts]
    assert acts == [(officer.id, act, check.id) for act in ("licence.used", "check.answered")]
    used_by = repository.organisations_using(session, world.record.identifier)
    assert used_by == (officer.department,)
    assert repository.organisations_using(session, "another") == ()


def test_a_basis_is_the_holders_consent_or_else_the_law():
    assert basis_of(" C-7 ", "F-1", "第十条") == Basis(BasisKind.HOLDER_CONSENT, "C-7")
    assert basis_of("  ", " F-1", "第十条") == Basis(BasisKind.SIGNED_FORM, "F-1")
    assert basis_of(None, None, "第十条") == Basis(BasisKind.STATUTORY_DUTY, "第十条")
    for nothing in (None, "", " "):
        with pytest.raises(ConsentError):
            basis_of(nothing, nothing, nothing)
