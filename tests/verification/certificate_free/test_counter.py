"""Consent at a counter: show, scan, agree, check; screenshots and replays fail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conformance.instants import AT
from tests.verification.certificate_free.conftest import Officer
from verification import errors
from verification.certificate_free import counter
from verification.certificate_free.answer import answer_check
from verification.certificate_free.consent import Basis, BasisKind
from verification.certificate_free.counter import CounterQuestion
from verification.certificate_free.counter_repository import KEPT, RequestState
from verification.certificate_free.questions import Question

ITEM = "company_address_change"
QUESTION = CounterQuestion(ITEM, (), "C-1", "窗口3")
SECOND = timedelta(seconds=1)


@pytest.fixture
def services(make_services):
    return make_services()


@pytest.fixture
def holder(applicant):
    return Officer(
        id="holder-1", department="", roles=frozenset({"holder"}), identified_as=applicant
    )


@pytest.fixture
def show(session, holder, services):
    def show(at=AT, actor=holder):
        return counter.show_code(session, actor=actor, services=services, at=at)[0]

    return show


@pytest.fixture
def scan(session, officer, services):
    def scan(code, at=AT, actor=officer, question=QUESTION):
        return counter.ask_consent(session, code, question, actor=actor, services=services, at=at)

    return scan


@pytest.fixture
def decide(session, holder, services):
    def decide(request, agrees=True, at=AT, actor=holder):
        members = {"actor": actor, "services": services, "at": at}
        return counter.decide(session, request.id, agrees=agrees, **members)

    return decide


@pytest.fixture
def check(session, officer, services, applicant):
    def check(transaction, case="C-1", at=AT, item=ITEM):
        basis = Basis(BasisKind.HOLDER_CONSENT, transaction)
        question = Question(item, applicant, case, "窗口3", basis)
        return answer_check(session, question, actor=officer, services=services, at=at).check

    return check


def state(session, officer, services, transaction):
    found = counter.state_of(session, transaction, actor=officer, services=services)
    return found.state


def test_show_scan_agree_check(session, officer, holder, services, show, scan, decide, check):
    transaction, request = scan(show())
    with pytest.raises(errors.UnknownConsentError):
        check(transaction)
    assert state(session, officer, services, transaction) is RequestState.WAITING
    (asked,) = counter.requests_for(session, actor=holder, services=services, at=AT)
    assert (asked.item, asked.operator, asked.organisation) == (ITEM, "窗口3", officer.department)
    decide(asked)
    assert state(session, officer, services, transaction) is RequestState.AGREED
    assert check(transaction).outcome == "met"
    assert counter.requests_for(session, actor=holder, services=services, at=AT) == []
    acts = [act[1] for act in services.audit.acts]
    assert acts[:2] == ["consent.asked", "consent.given"]
    assert request.id == asked.id


def test_a_code_says_nothing_of_its_holder_and_differs_each_time(show, applicant):
    codes = {show() for _ in range(3)}
    assert len(codes) == 3
    for code in codes:
        assert code.startswith("YXS1:")
        assert applicant.code not in code


@pytest.mark.parametrize(
    ("after", "error"),
    [
        (timedelta(seconds=89), None),
        (timedelta(seconds=90), errors.StaleShownCodeError),
        (timedelta(hours=23), errors.StaleShownCodeError),
    ],
)
def test_a_screenshot_fails_after_ninety_seconds_with_that_reason(show, scan, after, error):
    code = show()
    if error:
        with pytest.raises(error):
            scan(code, AT + after)
    else:
        scan(code, AT + after)


def test_a_code_is_scanned_once(show, scan):
    code = show()
    scan(code)
    with pytest.raises(errors.UsedShownCodeError):
        scan(code)


def test_a_code_that_nobody_showed_is_unknown_and_old_ones_are_forgotten(show, scan):
    code = show()
    later = AT + KEPT + timedelta(hours=1)
    show(later)
    for wrong in ("YXS1:" + "A" * 26, "", "CL1:x", code):
        with pytest.raises(errors.UnknownShownCodeError):
            scan(wrong, later)


def test_a_phone_shows_only_so_many_codes_at_a_time(show):
    for _ in range(counter.MAX_LIVE_CODES):
        show()
    with pytest.raises(errors.TooManyConsentsError):
        show()
    show(AT + counter.GOOD_FOR)


def test_a_counter_asks_no_more_than_the_item_lists(show, scan, officer):
    code = show()
    for question, error in (
        (replace(QUESTION, fields=("business_licence.capital",)), errors.OverAskingError),
        (replace(QUESTION, item="nothing"), errors.UnknownItemError),
    ):
        with pytest.raises(error):
            scan(code, question=question)
    with pytest.raises(errors.NotEntitledError):
        scan(code, actor=replace(officer, roles=frozenset({"clerk"})))
    scan(code)


def test_a_refused_request_allows_nothing(session, officer, services, show, scan, decide, check):
    transaction, request = scan(show())
    decide(request, agrees=False)
    assert state(session, officer, services, transaction) is RequestState.REFUSED
    with pytest.raises(errors.UnknownConsentError):
        check(transaction)
    with pytest.raises(errors.DecidedRequestError):
        decide(request)
    assert services.audit.acts[-1][1] == "consent.refused"


def test_a_request_is_decided_in_its_time(show, scan, decide, session, holder, services):
    _, request = scan(show())
    late = AT + counter.DECIDED_WITHIN
    assert counter.requests_for(session, actor=holder, services=services, at=late) == []
    with pytest.raises(errors.DecidedRequestError):
        decide(request, at=late)
    decide(request, at=late - SECOND)


def test_an_agreed_transaction_is_good_for_one_case_and_ten_minutes(show, scan, decide, check):
    transaction, request = scan(show())
    decide(request)
    with pytest.raises(errors.OtherConsentError):
        check(transaction, case="C-2")
    with pytest.raises(errors.OtherConsentError):
        check(transaction, item="retirement")
    with pytest.raises(errors.ExpiredConsentError):
        check(transaction, at=AT + counter.USED_WITHIN)
    assert check(transaction).outcome == "met"


def test_nobody_else_decides_and_nobody_else_learns(
    session, officer, services, show, scan, decide, holder, stranger
):
    transaction, request = scan(show())
    with pytest.raises(errors.UnknownRequestError):
        decide(request, actor=replace(holder, identified_as=stranger))
    with pytest.raises(errors.HolderOnlyError):
        decide(request, actor=officer)
    with pytest.raises(errors.HolderOnlyError):
        show(actor=officer)
    other = replace(officer, department="11440000PRJ000002X")
    for actor, token in ((other, transaction), (officer, request.id)):
        with pytest.raises(errors.UnknownRequestError):
            counter.state_of(session, token, actor=actor, services=services)
    with pytest.raises(errors.NotEntitledError):
        counter.state_of(session, transaction, actor=holder, services=services)
