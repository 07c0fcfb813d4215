"""A licence shown live: what a code is good for, who decides, and what goes out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.instants import AT
from tests.verification.certificate_free.conftest import KeyedDigest
from verification.certificate_free.use_log import uses_of
from verification.errors import (
    DecidedRequestError,
    ExpiredPresentationError,
    ForgedPresentationCodeError,
    HolderOnlyError,
    NotAgreedPresentationError,
    NotEntitledError,
    OtherPresentationError,
    UnknownPresentationError,
    UnknownPresentationFieldError,
    UnknownShownLicenceError,
    UsedPresentationError,
)
from verification.presentations import repository, scanning, showing
from verification.presentations.dynamic_code import code_text, new_reference, read_code
from verification.presentations.showing import Phone
from verification.presentations.states import ALLOWED, PresentationState
from verification.tables import presentations


def test_the_holder_agrees_and_exactly_the_agreed_fields_go_out(counter, world):
    reference, code = counter.show()
    transaction = counter.scan(code)
    counter.decide(reference, ("number",))
    shown = counter.read(transaction)
    assert list(shown.values) == ["number"]
    assert shown.values["number"]["value"] == world.record.number
    assert shown.licence.report.verdict == "valid"


def test_agreeing_to_more_than_was_asked_hands_out_no_more(counter):
    reference, code = counter.show()
    transaction = counter.scan(code, fields=("number",))
    counter.decide(reference, ("number", "holders"))
    assert list(counter.read(transaction).values) == ["number"]


def test_a_code_holds_nothing_of_licence_or_holder_and_every_one_is_another(counter, world):
    reference, first = counter.show()
    second, _ = counter.code(reference, 60)
    assert first != second
    for secret in (world.record.number, world.record.identifier, world.record.holders[0].name):
        assert secret not in first
    assert len(first) == 66


@pytest.mark.parametrize(("after", "counts"), [(0, True), (89, True), (90, False), (3600, False)])
def test_a_code_counts_for_ninety_seconds(counter, after, counts):
    _, code = counter.show()
    if counts:
        counter.scan(code, after)
    else:
        with pytest.raises(ExpiredPresentationError):
            counter.scan(code, after)


def test_a_screenshot_is_worth_nothing_while_the_phone_goes_on_showing(counter):
    reference, screenshot = counter.show()
    fresh, _ = counter.code(reference, 120)
    with pytest.raises(ExpiredPresentationError):
        counter.scan(screenshot, 121)
    counter.scan(fresh, 122)


def test_a_second_scan_is_told_so_whoever_scans_and_whichever_code(counter, stranger):
    reference, code = counter.show()
    fresh, _ = counter.code(reference, 3)
    counter.scan(code)
    for again in (code, fresh):
        with pytest.raises(UsedPresentationError):
            counter.scan(again, 6, actor=stranger)
    with pytest.raises(UsedPresentationError):
        counter.scan(code, 3600)


def test_the_code_of_an_earlier_presentation_has_a_reason_of_its_own(counter):
    _, earlier = counter.show()
    _, now = counter.show(after=10)
    with pytest.raises(OtherPresentationError):
        counter.scan(earlier, 12)
    counter.scan(now, 13)


def test_showing_anew_does_not_take_back_a_scan(counter):
    reference, code = counter.show()
    transaction = counter.scan(code)
    counter.show(after=10)
    counter.decide(reference, ("number",))
    assert counter.read(transaction).values


@pytest.mark.parametrize("text", ["", "YXP1:", "CL1:ABC", "YXP1:" + "A" * 61, "亮证", "YXP1:" * 40])
def test_a_text_that_no_phone_showed_is_called_forged(counter, text):
    with pytest.raises(ForgedPresentationCodeError):
        counter.scan(text)


@given(st.text(max_size=200))
def test_any_text_is_a_code_or_forged(text):
    for tried in (text, f"YXP1:{text}"):
        with pytest.raises(ForgedPresentationCodeError):
            read_code(tried, KeyedDigest())


def test_whoever_has_seen_a_code_cannot_make_the_next_one(counter):
    reference, _ = counter.show()

    class OtherKey:
        def blind_index(self, text):
            return bytes(32)

    with pytest.raises(ForgedPresentationCodeError):
        counter.scan(code_text(reference, counter.at(120), OtherKey()), 121)
    with pytest.raises(ExpiredPresentationError):
        counter.scan(code_text(reference, counter.at(300), KeyedDigest()), 121)


def test_a_sound_code_of_a_presentation_that_is_gone_is_of_another_session(counter):
    with pytest.raises(OtherPresentationError):
        counter.scan(code_text(new_reference(), AT, KeyedDigest()))


def test_a_mistyped_field_names_those_there_are_and_costs_no_code(counter):
    _, code = counter.show()
    with pytest.raises(UnknownPresentationFieldError) as refused:
        counter.scan(code, fields=("shoe_size",))
    assert "number" in refused.value.detail["fields"]
    counter.scan(code)


def test_nothing_goes_out_before_the_holder_agrees_or_after_a_refusal(counter):
    reference, code = counter.show()
    transaction = counter.scan(code)
    with pytest.raises(NotAgreedPresentationError):
        counter.read(transaction)
    counter.decide(reference, None)
    with pytest.raises(NotAgreedPresentationError):
        counter.read(transaction)
    with pytest.raises(DecidedRequestError):
        counter.decide(reference, ("number",))


def test_there_is_nothing_to_decide_before_somebody_scans(counter):
    reference, _ = counter.show()
    with pytest.raises(DecidedRequestError):
        counter.decide(reference, ("number",))


def test_a_file_without_a_record_cannot_be_shown(counter, world):
    counter.services.documents.documents[world.record.identifier] = b"%PDF-1.7 nothing"
    _, code = counter.show()
    with pytest.raises(UnknownShownLicenceError):
        counter.scan(code)


def test_a_decision_or_a_reading_too_late_is_none(counter):
    reference, code = counter.show()
    transaction = counter.scan(code)
    with pytest.raises(DecidedRequestError):
        counter.decide(reference, ("number",), after=605)
    counter.decide(reference, ("number",))
    with pytest.raises(ExpiredPresentationError):
        counter.read(transaction, after=605)
    with pytest.raises(ExpiredPresentationError):
        counter.code(reference, 605)


def test_another_organisation_learns_nothing_of_a_transaction(counter, stranger):
    reference, code = counter.show()
    transaction = counter.scan(code)
    counter.decide(reference, ("number",))
    with pytest.raises(UnknownPresentationError):
        counter.read(transaction, actor=stranger)
    with pytest.raises(UnknownPresentationError):
        counter.read("another", actor=None)


def test_whoever_scanned_has_seen_the_reference_and_still_cannot_agree(counter, world):
    _, code = counter.show()
    counter.scan(code)
    seen = read_code(code, KeyedDigest()).reference
    with pytest.raises(UnknownPresentationError):
        counter.decide(seen, ("number",), phone=Phone("link:other", world.record.identifier))


def test_only_officers_scan_and_only_the_holder_of_the_licence_shows(
    counter, session, services, holder, officer, world
):
    _, code = counter.show()
    with pytest.raises(NotEntitledError):
        counter.scan(code, actor=holder)
    identifier = world.record.identifier
    phone = showing.phone_of(session, identifier, actor=holder, services=services)
    assert phone == Phone("account:holder-1", identifier)
    with pytest.raises(HolderOnlyError):
        showing.phone_of(session, identifier, actor=officer, services=services)
    other = replace(holder, identified_as=replace(holder.identified_as, code="91650100MA99999999"))
    with pytest.raises(UnknownShownLicenceError):
        showing.phone_of(session, identifier, actor=other, services=services)
    with pytest.raises(UnknownShownLicenceError):
        showing.phone_of(session, "1.2.156.3005.2.x", actor=holder, services=services)


def test_the_holder_sees_the_use_once_and_each_reading_is_on_record(
    counter, session, services, world
):
    reference, code = counter.show()
    transaction = counter.scan(code)
    counter.decide(reference, ("number", "holders"))
    counter.read(transaction)
    counter.read(transaction, after=30)
    (use,) = uses_of(session, world.record.holders[0], services)
    assert use["item_zh"] == "当面亮证"
    assert use["basis_reference"] == "入住登记"
    assert use["fields"] == "holders,number"
    acts = [act for _, act, _, _ in services.audit.acts]
    assert acts == [
        "presentation.opened",
        "presentation.scanned",
        "presentation.agreed",
        "licence.used",
        "presentation.read",
        "presentation.read",
    ]


def test_nothing_that_is_kept_or_recorded_names_anybody(counter, session, services, world):
    reference, code = counter.show()
    transaction = counter.scan(code)
    counter.decide(reference, ("number", "holders"))
    counter.read(transaction)
    kept = str(session.execute(presentations.select()).all()) + str(services.audit.acts)
    for secret in (world.record.holders[0].name, reference, transaction, code):
        assert secret not in kept


def test_two_scans_at_once_begin_one_transaction(counter, session, services, monkeypatch):
    _, code = counter.show()
    found = repository.find(
        session, "650000", showing.id_of(read_code(code, KeyedDigest()).reference)
    )
    counter.scan(code)
    # The second request has read the row before the first one moved it.
    monkeypatch.setattr(scanning.repository, "find", lambda *_: found)
    with pytest.raises(UsedPresentationError):
        counter.scan(code)


def test_a_phone_loaded_anew_finds_who_waits_and_shows_no_code_meanwhile(counter, session, phone):
    reference, code = counter.show()
    counter.scan(code)
    waiting = repository.waiting_for(session, "650000", phone.shown_by, counter.at(30))
    assert waiting.purpose == "入住登记"
    assert counter.code(reference, 30)[0] is None
    assert repository.waiting_for(session, "650000", phone.shown_by, counter.at(700)) is None


def test_old_presentations_of_a_phone_are_forgotten(counter, session):
    counter.show()
    counter.show(after=timedelta(days=2).total_seconds())
    assert len(session.execute(presentations.select()).all()) == 1


def test_no_state_leads_out_of_an_end():
    ends = {state for state, after in ALLOWED.items() if not after}
    assert ends == {PresentationState.REFUSED, PresentationState.READ, PresentationState.CLOSED}
    assert set(ALLOWED) == set(PresentationState)
