"""Batches of checks: each question by itself, all in one transaction."""

import pytest

from tests.conformance.instants import AT
from verification import errors
from verification.certificate_free.answer import Answered
from verification.certificate_free.batch import MAX_QUESTIONS, Refused, answer_batch
from verification.certificate_free.consent import Basis, BasisKind, basis_of
from verification.certificate_free.questions import Question

FORM = Basis(BasisKind.SIGNED_FORM, "FORM-7")


@pytest.fixture
def services(make_services):
    return make_services()


def question(holder, case, **changes):
    members = {"item": "company_address_change", "operator": "窗口3", "basis": FORM}
    return lambda: Question(holder=holder, case_number=case, **members | changes)


def test_each_question_is_answered_or_refused_by_itself(
    session, officer, services, applicant, stranger
):
    def without_basis():
        basis_of(None, None, None)

    asked = [
        question(applicant, "B-1"),
        question(stranger, "B-2"),
        question(applicant, "B-3", fields=("business_licence.capital",)),
        question(applicant, "B-4", item="nothing"),
        question(stranger, "B-1"),
        question(applicant, "B-1"),
        without_basis,
    ]
    came = answer_batch(session, asked, actor=officer, services=services, at=AT)
    assert [r.check.outcome for r in came if isinstance(r, Answered)] == ["met", "not_met", "met"]
    assert [type(r.error) for r in came if isinstance(r, Refused)] == [
        errors.OverAskingError,
        errors.UnknownItemError,
        errors.ConflictingCheckError,
        errors.ConsentError,
    ]
    assert came[0] == came[5]


def test_over_asking_in_a_batch_is_recorded(session, officer, services, applicant):
    asked = [question(applicant, "B-1", fields=("business_licence.capital",))]
    answer_batch(session, asked, actor=officer, services=services, at=AT)
    assert services.audit.acts == [
        (
            officer.id,
            "check.over_asking",
            "company_address_change",
            {"fields": "business_licence.capital"},
        )
    ]


def test_a_batch_has_a_bound_and_an_asker(session, officer, services, applicant):
    asked = [question(applicant, "B-1")] * (MAX_QUESTIONS + 1)
    with pytest.raises(ValueError, match="more questions"):
        answer_batch(session, asked, actor=officer, services=services, at=AT)
    clerk = type(officer)(roles=frozenset({"clerk"}))
    with pytest.raises(errors.NotEntitledError):
        answer_batch(session, asked[:1], actor=clerk, services=services, at=AT)
