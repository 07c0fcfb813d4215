import re
from datetime import timedelta

import pytest

from issuance import applications, review
from issuance.errors import (
    IdempotencyConflictError,
    InvalidDataError,
    NotEntitledError,
    SeparationOfDutiesError,
    TransitionError,
    UnknownApplicationError,
    UnknownDepartmentError,
    UnknownKindError,
)
from issuance.review import Decision
from issuance.states import ApplicationState
from tests.issuance.world import AT, CIVIL, MARKET, actor, clerk, example, reviewer
from yinxin.audit import audit_records, find_fault


def submit(world, *, kind="business_licence", data=None, key="key-00000001", by=None):
    with world.writing() as session:
        return applications.submit(
            session,
            world.services,
            kind_name=kind,
            data=data or example(kind),
            idempotency_key=key,
            actor=by or clerk(),
            at=AT,
        )


def decide(world, application, decision, *, by=None, reason=None):
    with world.writing() as session:
        return review.review(
            session,
            world.services,
            application.id,
            decision,
            reason=reason,
            actor=by or reviewer(),
            at=AT,
        )


def acts(world):
    with world.writing() as session:
        return [row.act for row in session.execute(audit_records.select())]


def test_the_same_key_and_content_are_the_same_application(world):
    first = submit(world)
    assert submit(world) == first
    assert acts(world).count("application.submit") == 1


def test_the_same_key_for_other_content_is_refused(world):
    submit(world)
    data = example("business_licence")
    data["fields"]["scope"] = "软件开发"
    with pytest.raises(IdempotencyConflictError):
        submit(world, data=data)


def test_invalid_data_leave_nothing_behind(world):
    data = example("business_licence")
    data["fields"]["uscc"] = "91650100MA7DEM016E"
    with pytest.raises(InvalidDataError):
        submit(world, data=data)
    with world.writing() as session, pytest.raises(UnknownApplicationError):
        applications.find_application(session, "A0", actor=clerk())
    assert "application.submit" not in acts(world)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("legal_rep", "\U00013000某", "data.print.missing_glyph"),
        ("legal_rep", "\ue000某", "data.print.missing_glyph"),
        ("org_type", "甲" * 200, None),
        ("scope", "软件\u200b开发", "data.print.missing_glyph"),
    ],
)
def test_what_cannot_be_printed_is_told_when_it_is_sent(world, field, value, code):
    data = example("business_licence")
    data["fields"][field] = value
    if code is None:
        submit(world, data=data)
        return
    with pytest.raises(InvalidDataError) as caught:
        submit(world, data=data)
    assert [(p.field, p.code) for p in caught.value.problems] == [(field, code)]
    assert re.search(r"U\+[0-9A-F]{4,6}", caught.value.problems[0].zh)


def test_names_too_long_for_the_code_are_told_when_they_are_sent(world):
    data = example("real_estate_certificate")
    names = [f"{letter * 60}" for letter in "甲乙丙丁戊己庚辛"]
    data["fields"]["right_holder"] = "、".join(names)[:100]
    data["holders"] = [
        {"name": name, "code": f"E{n}2345678", "code_type": "414"} for n, name in enumerate(names)
    ]
    with pytest.raises(InvalidDataError) as caught:
        submit(world, kind="real_estate_certificate", data=data, by=clerk("11650000PRJ000718J"))
    assert {problem.field for problem in caught.value.problems} <= {"right_holder", "holders"}


def test_lone_surrogates_are_a_problem_of_their_field(world):
    data = example("business_licence")
    data["fields"]["scope"] = "\ud800"
    with pytest.raises(InvalidDataError):
        submit(world, data=data)


def test_an_unknown_kind_is_refused(world):
    with pytest.raises(UnknownKindError):
        submit(world, kind="pilot_licence", data=example("business_licence"))


def test_a_department_applies_only_for_its_own_kinds(world):
    with pytest.raises(NotEntitledError):
        submit(world, by=clerk(CIVIL))
    with pytest.raises(UnknownDepartmentError):
        submit(world, by=clerk("91650100MA7DEM016D"))


def test_only_a_clerk_submits(world):
    with pytest.raises(NotEntitledError):
        submit(world, by=reviewer())


def test_a_reviewer_approves(world):
    approved = decide(world, submit(world), Decision.APPROVE)
    assert approved.state is ApplicationState.APPROVED
    assert (approved.reviewed_by, approved.reviewed_at) == (reviewer().id, AT)
    assert decide(world, approved, Decision.APPROVE) == approved


def test_who_submitted_does_not_review(world):
    both = actor("both", "clerk", "reviewer")
    application = submit(world, by=both)
    with pytest.raises(SeparationOfDutiesError):
        decide(world, application, Decision.APPROVE, by=both)


def test_a_clerk_does_not_review(world):
    with pytest.raises(NotEntitledError):
        decide(world, submit(world), Decision.APPROVE, by=actor("other", "clerk"))


@pytest.mark.parametrize("decision", [Decision.RETURN, Decision.REJECT])
def test_returning_and_rejecting_need_a_reason(world, decision):
    application = submit(world)
    with pytest.raises(InvalidDataError):
        decide(world, application, decision, reason="  ")
    assert decide(world, application, decision, reason="经营范围不规范").review_reason


@pytest.mark.parametrize("first", [Decision.APPROVE, Decision.RETURN, Decision.REJECT])
@pytest.mark.parametrize("second", [Decision.APPROVE, Decision.RETURN, Decision.REJECT])
def test_what_was_decided_is_not_decided_otherwise(world, first, second):
    application = decide(world, submit(world), first, reason="理由")
    if first is second:
        assert decide(world, application, second, reason="理由") == application
        return
    with pytest.raises(TransitionError) as caught:
        decide(world, application, second, reason="理由")
    assert caught.value.state == application.state.value


def test_an_application_is_withdrawn_before_review_and_not_after(world):
    application = submit(world)
    with world.writing() as session:
        taken = applications.withdraw(session, world.services, application.id, actor=clerk(), at=AT)
    assert taken.state is ApplicationState.WITHDRAWN
    with pytest.raises(TransitionError):
        decide(world, application, Decision.APPROVE)


def view(world, application, by):
    with world.writing() as session:
        return applications.view_application(
            session, world.services, application.id, actor=by, at=AT + timedelta(hours=1)
        )


def test_reviewers_see_values_and_it_is_recorded_auditors_see_masks(world):
    application = submit(world)
    full = view(world, application, reviewer())
    assert full.data.fields["legal_rep"] == "阿迪力·买买提"
    assert acts(world).count("application.read") == 1
    masked = view(world, application, actor("auditor", "auditor"))
    assert masked.data.fields["legal_rep"] == "阿**·***"
    assert masked.data.fields["premises"] == "新疆乌鲁木齐市天山区***"
    assert masked.data.fields["org_name"] == "天山云创数字科技有限公司"
    assert acts(world).count("application.read") == 1


def test_an_application_of_another_department_does_not_exist(world):
    application = submit(world)
    with pytest.raises(UnknownApplicationError):
        view(world, application, reviewer(CIVIL))
    with pytest.raises(UnknownApplicationError):
        decide(world, application, Decision.APPROVE, by=reviewer(CIVIL))


def test_every_act_is_in_an_audit_chain_that_holds(world):
    decide(world, submit(world), Decision.APPROVE)
    with world.writing() as session:
        assert find_fault(session) is None
    assert acts(world)[-2:] == ["application.submit", "application.approve"]
    assert MARKET
