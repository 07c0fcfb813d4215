"""What is verified before a check's turn counts in it only while nothing changed since."""

from dataclasses import replace
from datetime import timedelta
from inspect import signature

import pytest

from tests.conformance.bad_contents import MemoryLog, sound_proof
from tests.conformance.instants import AT
from tests.conformance.ofd_builder import sealed, unsealed
from tests.conformance.world import KIND_CODE, MemoryRegister
from tests.verification.certificate_free.conftest import MemoryLicences
from tests.verification.certificate_free.test_answer import codes, question
from verification import repository
from verification.certificate_free import verified
from verification.certificate_free.answer import answer_check, rehearse
from verification.certificate_free.consent import Basis, BasisKind
from verification.certificate_free.consents import (
    Terms,
    consents_of,
    give_consent,
    withdraw_consent,
)
from verification.certificate_free.rehearsal import GOOD_FOR, Rehearsal
from verification.errors import SourceUnavailableError, WithdrawnConsentError
from verification.ports import HeldDocument
from verification.verify import verify


class Failing:
    def token(self, uri):
        raise SourceUnavailableError("down")


@pytest.fixture
def counted(monkeypatch):
    """Count how often a licence is verified."""
    calls, verify = [], verified.verify

    def counting(*arguments, **named):
        calls.append(arguments)
        return verify(*arguments, **named)

    monkeypatch.setattr(verified, "verify", counting)
    return calls


@pytest.fixture
def rehearsed(session, officer, make_services, applicant):
    return rehearse(session, question(applicant), actor=officer, services=make_services(), at=AT)


@pytest.fixture
def answered(session, officer, applicant, rehearsed, counted):
    """Answer as of the second phase; return the check."""

    def answered(services, at=AT):
        asked = question(applicant)
        given = {"actor": officer, "services": services, "at": at}
        return answer_check(session, asked, rehearsed=rehearsed, **given).check

    return answered


def test_while_nothing_changed_no_licence_is_verified_in_the_turn(answered, make_services, counted):
    check = answered(make_services())
    assert check.outcome == "met"
    assert counted == []


@pytest.mark.parametrize(("slot", "finding"), [(2, "status.suspended"), (1, "status.ended")])
def test_a_state_that_changed_in_between_counts(answered, make_services, world, slot, finding):
    check = answered(make_services(status=world.status(slot)))
    assert check.outcome == "not_met"
    assert finding in codes(check)


def test_a_register_that_changed_in_between_counts(answered, make_services, world):
    entry = world.register_entry(record_digest=bytes(32))
    check = answered(make_services(register=lambda session: MemoryRegister(entry)))
    assert check.outcome == "not_met"


@pytest.fixture
def logged(session, officer, make_services, applicant, world):
    """Services with a log, and what was verified with them before."""
    services = make_services(log=MemoryLog(sound_proof(world)))
    before = rehearse(session, question(applicant), actor=officer, services=services, at=AT)
    return services, before


@pytest.mark.parametrize(
    ("proof", "outcome", "size", "again"),
    [(None, "cannot_say", None, 1), (b"garbage", "not_met", None, 1), ("sound", "met", 3, 0)],
    ids=["gone", "malformed", "as before"],
)
def test_the_log_is_asked_again(
    session, officer, applicant, world, make_services, logged, counted, proof, outcome, size, again
):
    services, before = logged
    if proof != "sound":
        services = make_services(log=MemoryLog(proof))
    given = {"actor": officer, "services": services, "at": AT}
    check = answer_check(session, question(applicant), rehearsed=before, **given).check
    (requirement,) = check.answer["requirements"]
    assert (check.outcome, requirement["evidence"][0]["log_size"]) == (outcome, size)
    assert len(counted) == again


def test_a_new_edition_in_between_is_verified(answered, make_services, world, applicant, counted):
    changed = replace(world.record, valid_from="2026-12-24")
    held = HeldDocument(changed.identifier, sealed(world, unsealed(changed)))
    licences = MemoryLicences({(KIND_CODE, applicant.code): (held,)})
    check = answered(make_services(licences=licences, register=None))
    assert (check.outcome, len(counted)) == ("not_met", 1)


def test_trust_that_was_replaced_in_between_counts(answered, make_services, world):
    without = world.trust_with(authorities=(replace(world.authority, kind_codes=()),))
    assert answered(make_services(trust=lambda: without)).outcome != "met"


def test_a_source_that_fails_since_makes_cannot_say(answered, make_services):
    assert answered(make_services(status=Failing())).outcome == "cannot_say"


def test_a_source_that_is_gone_since_makes_cannot_say(answered, make_services, counted):
    assert answered(make_services(status=None)).outcome == "cannot_say"
    assert len(counted) == 1


def test_another_instant_is_another_question(answered, make_services, counted):
    answered(make_services(), at=AT + timedelta(seconds=1))
    assert len(counted) == 1


def test_what_could_not_be_had_before_is_asked_again(
    session, officer, make_services, applicant, counted
):
    asked, given = question(applicant), {"actor": officer, "at": AT}
    before = rehearse(session, asked, services=make_services(status=Failing()), **given)
    answered = answer_check(session, asked, services=make_services(), rehearsed=before, **given)
    assert answered.check.outcome == "met"
    assert len(counted) == 2


def test_a_consent_is_judged_and_spent_in_the_turn(session, officer, make_services, applicant):
    services = make_services()
    holder = replace(officer, roles=frozenset({"holder"}), identified_as=applicant)
    item = question(applicant).item
    terms = Terms((item,), (), (officer.department,), AT, AT + timedelta(hours=1), uses=1)
    consent, code = give_consent(session, terms, actor=holder, services=services, at=AT)
    asked = question(applicant, basis=Basis(BasisKind.HOLDER_CONSENT, code))
    given = {"actor": officer, "services": services, "at": AT}
    before = rehearse(session, asked, **given)
    assert before, "verified with the consent as it was"
    ((kept, _),) = consents_of(session, actor=holder, services=services)
    assert kept.uses_left == 1
    withdraw_consent(session, consent.id, actor=holder, services=services, at=AT)
    with pytest.raises(WithdrawnConsentError):
        answer_check(session, asked, rehearsed=before, **given)


def test_a_rehearsal_stores_records_and_refuses_nothing(
    session, officer, make_services, applicant, stranger
):
    services = make_services()
    for asked in (
        question(applicant),
        question(stranger),
        question(applicant, item="no such item"),
        question(applicant, fields=("not.listed",)),
    ):
        rehearse(session, asked, actor=officer, services=services, at=AT)
    nobody = replace(officer, roles=frozenset())
    assert rehearse(session, question(applicant), actor=nobody, services=services, at=AT) == {}
    assert services.audit.acts == []
    assert not session.new
    assert not session.dirty
    found = repository.newest_check(
        session,
        organisation=officer.department,
        case_number=question(applicant).case_number,
        item=question(applicant).item,
    )
    assert found is None


def test_what_is_answered_already_is_not_verified_beforehand(
    session, officer, make_services, applicant, counted
):
    given = {"actor": officer, "services": make_services(), "at": AT}
    answer_check(session, question(applicant), **given)
    counted.clear()
    assert rehearse(session, question(applicant), **given) == {}
    assert counted == []


def test_what_will_be_refused_is_not_looked_at(
    session, officer, make_services, applicant, stranger, counted
):
    given = {"actor": officer, "services": make_services(), "at": AT}
    answer_check(session, question(applicant), **given)
    counted.clear()
    unknown = Basis(BasisKind.HOLDER_CONSENT, "A" * 26)
    for asked in (
        question(applicant, case_number="AC-2", basis=unknown),
        question(applicant, case_number="AC-2", fields=("not.listed",)),
        question(applicant, basis=unknown, fields=("not.listed",)),
        question(stranger),
    ):
        assert rehearse(session, asked, **given) == {}
    assert counted == []


@pytest.mark.parametrize(
    ("waited", "kept"),
    [
        (timedelta(), True),
        (GOOD_FOR, True),
        (GOOD_FOR + timedelta(microseconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_after_a_long_wait_the_answer_is_about_now(waited, kept):
    assert Rehearsal(AT, {}).instant(AT + waited) == (AT if kept else AT + waited)


def test_every_source_of_the_verifier_is_asked_again():
    arguments = set(signature(verify).parameters)
    not_asked = {"document", "trust", "at", "code", "valid_on", "slip", "days"}
    assert arguments - not_asked == set(verified.SOURCES)
