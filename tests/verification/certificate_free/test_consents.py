"""Consents: what they allow, what they refuse and why, and that a use is spent once."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.conformance.instants import AT
from tests.verification.certificate_free.conftest import Officer
from tests.verification.certificate_free.life import ElsewhereLicences, life, stories
from verification import errors, repository
from verification.certificate_free.answer import answer_check
from verification.certificate_free.consent import Basis, BasisKind
from verification.certificate_free.consents import (
    LONGEST,
    MAX_LIVE,
    MAX_USES,
    Terms,
    Use,
    consents_of,
    give_consent,
    id_of_code,
    require_usable,
    spend,
    withdraw_consent,
)
from verification.certificate_free.questions import Question, index_of
from verification.certificate_free.use_log import use_digest, uses_of
from verification.tables import consent_uses, consents, metadata, usage_records

ITEM = "company_address_change"
HOUR = timedelta(hours=1)


@pytest.fixture
def services(make_services):
    return make_services()


@pytest.fixture
def holder(applicant):
    return Officer(
        id="holder-1", department="", roles=frozenset({"holder"}), identified_as=applicant
    )


@pytest.fixture
def give(session, holder, services, officer):
    def give(at=AT, actor=holder, services=services, **changes):
        members = {
            "items": (ITEM,),
            "fields": (),
            "organisations": (officer.department,),
            "valid_from": at,
            "expires_at": at + HOUR,
        }
        terms = Terms(**members | changes)
        return give_consent(session, terms, actor=actor, services=services, at=at)

    return give


@pytest.fixture
def ask(session, officer, services, applicant):
    def ask(code, case="C-1", at=AT, actor=officer, services=services, **changes):
        basis = Basis(BasisKind.HOLDER_CONSENT, code)
        members = {"item": ITEM, "holder": applicant, "operator": "窗口3", "basis": basis}
        question = Question(case_number=case, **members | changes)
        return answer_check(session, question, actor=actor, services=services, at=at).check

    return ask


def test_a_consent_answers_one_case_and_is_spent(give, ask, session, holder, services):
    consent, code = give()
    check = ask(code)
    assert check.outcome == "met"
    assert check.answer["basis"] == {"kind": "holder_consent", "reference": consent.id}
    with pytest.raises(errors.SpentConsentError):
        ask(code, "C-2")
    ((found, uses),) = consents_of(session, actor=holder, services=services)
    assert (found.uses_left, [use.check_id for use in uses]) == (0, [check.id])


def test_a_question_repeated_in_its_case_spends_nothing(give, ask, session, holder, services):
    _, code = give(uses=2)
    assert ask(code) == ask(code)
    ((found, _),) = consents_of(session, actor=holder, services=services)
    assert found.uses_left == 1


def test_an_answer_that_could_not_be_given_is_tried_again_on_the_same_use(give, ask, make_services):
    _, code = give()
    assert ask(code, services=make_services(None)).outcome == "cannot_say"
    assert ask(code).outcome == "met"
    with pytest.raises(errors.SpentConsentError):
        ask(code, "C-2")


def test_the_code_is_kept_nowhere(give, ask, session, services):
    _, code = give()
    check = ask(code)
    rows = [session.execute(select(table)).all() for table in metadata.sorted_tables]
    assert code not in str((rows, check, services.audit.acts))


@pytest.mark.parametrize(
    ("minutes", "error"),
    [(-1, errors.ExpiredConsentError), (0, None), (59, None), (60, errors.ExpiredConsentError)],
)
def test_a_consent_is_good_in_its_time(give, ask, minutes, error):
    _, code = give()
    at = AT + timedelta(minutes=minutes)
    if error is None:
        assert ask(code, at=at).outcome in ("met", "cannot_say")
    else:
        with pytest.raises(error):
            ask(code, at=at)


def test_a_withdrawn_consent_is_refused_and_what_was_answered_stays(
    give, ask, session, holder, services
):
    consent, code = give(uses=5)
    check = ask(code)
    first = withdraw_consent(session, consent.id, actor=holder, services=services, at=AT)
    again = withdraw_consent(session, consent.id, actor=holder, services=services, at=AT + HOUR)
    assert first.withdrawn_at == again.withdrawn_at == AT
    with pytest.raises(errors.WithdrawnConsentError):
        ask(code, "C-2")
    assert ask(code) == check
    assert [act[1] for act in services.audit.acts].count("consent.withdrawn") == 1


def test_a_consent_serves_no_other_item(give, ask, applicant):
    _, code = give(items=("retirement",))
    with pytest.raises(errors.OtherConsentError):
        ask(code)


def test_a_consent_serves_no_other_organisation_and_no_other_holder(give, ask, officer, stranger):
    _, code = give()
    other = replace(officer, department="11440000PRJ000002X")
    for changes in ({"actor": other}, {"holder": stranger}):
        with pytest.raises(errors.UnknownConsentError):
            ask(code, **changes)
    for wrong in ("", "A" * 26, code[:-1], "x" * 200):
        with pytest.raises(errors.UnknownConsentError):
            ask(wrong)
    assert ask(code.lower()).outcome == "met"


def test_a_consent_hands_out_the_fields_it_names_and_no_others(session, officer, make_services):
    story = stories(life())["birth_registration"]
    source = ElsewhereLicences(life(), story.records)
    services = make_services(
        licences=source,
        register=lambda session: source.register(),
        trust=lambda: life().trust,
        status=life().sound_status,
    )
    people = {"newborn": story.holder, "mother": dict(story.parties)["mother"]}
    given = {"newborn": ("birth_certificate.sex",), "mother": ("mother_household.household_no",)}
    codes = {}
    for name, person in people.items():
        actor = Officer(id=name, roles=frozenset({"holder"}), identified_as=person)
        terms = Terms((story.item,), given[name], (officer.department,), AT, AT + HOUR, uses=9)
        _, codes[name] = give_consent(session, terms, actor=actor, services=services, at=AT)

    def ask(case, fields, newborn=codes["newborn"], mother=codes["mother"]):
        question = Question(
            item=story.item,
            holder=story.holder,
            case_number=case,
            operator="窗口3",
            basis=Basis(BasisKind.HOLDER_CONSENT, newborn),
            fields=fields,
            parties=dict(story.parties),
            party_bases={"mother": Basis(BasisKind.HOLDER_CONSENT, mother)},
        )
        return answer_check(session, question, actor=officer, services=services, at=AT)

    both = ("birth_certificate.sex", "mother_household.household_no")
    answered = ask("B-1", both)
    assert {name: entry["value"] for name, entry in answered.values.items()} == {
        "birth_certificate.sex": "2",
        "mother_household.household_no": "650102001",
    }
    assert ask("B-1", both) == answered
    assert services.audit.acts[-1][1] == "check.fields_read_again"
    with pytest.raises(errors.OtherConsentError):
        ask("B-2", ("birth_certificate.newborn_name",))
    with pytest.raises(errors.UnknownConsentError):
        ask("B-3", both, mother=codes["newborn"])
    stored = str(session.execute(select(usage_records)).all())
    assert "650102001" not in stored
    for name, person in people.items():
        (line,) = uses_of(session, person, services)
        assert (line["fields"],) == given[name]


def test_values_are_not_read_again_without_a_consent_that_holds(
    session, officer, make_services, holder, give, applicant
):
    story = stories(life())["food_licence_renewal"]
    source = ElsewhereLicences(life(), story.records)
    services = make_services(
        licences=source,
        register=lambda session: source.register(),
        trust=lambda: life().trust,
        status=life().sound_status,
    )
    actor = replace(holder, identified_as=story.holder)
    field = "food_licence.main_type"
    consent, code = give(actor=actor, services=services, items=(story.item,), fields=(field,))
    question = Question(
        item=story.item,
        holder=story.holder,
        case_number="F-1",
        operator="窗口3",
        basis=Basis(BasisKind.HOLDER_CONSENT, code),
        fields=(field,),
    )

    def ask():
        return answer_check(session, question, actor=officer, services=services, at=AT)

    first = ask()
    assert first.values[field]["label"] == "主体业态"
    source.records = story.records[:1]  # the licence has another edition, or is gone
    assert (ask().check, ask().values) == (first.check, {})
    source.records = None
    assert ask().values == {}
    withdraw_consent(session, consent.id, actor=actor, services=services, at=AT)
    with pytest.raises(errors.WithdrawnConsentError):
        ask()


@pytest.mark.parametrize(
    "changes",
    [
        {"items": ()},
        {"items": ("nothing",)},
        {"items": (ITEM, ITEM)},
        {"fields": ("business_licence.capital",)},
        {"organisations": ()},
        {"organisations": ("everybody",)},
        {"organisations": ("11650000PRJ000654L",) * 2},
        {"uses": 0},
        {"uses": MAX_USES + 1},
        {"expires_at": AT},
        {"valid_from": AT + HOUR},
        {"expires_at": AT + LONGEST + timedelta(seconds=1)},
    ],
)
def test_terms_that_nobody_may_give_are_refused(give, changes):
    with pytest.raises(errors.ConsentTermsError):
        give(**changes)


def test_a_consent_of_thirty_days_and_a_hundred_uses_can_be_given(give):
    assert give(expires_at=AT + LONGEST, uses=MAX_USES)[0].uses_left == MAX_USES


def test_nobody_gives_more_consents_than_can_be_overseen(give):
    for _ in range(MAX_LIVE):
        give()
    with pytest.raises(errors.TooManyConsentsError):
        give()
    give(at=AT + 2 * HOUR)


@pytest.mark.parametrize(
    "changes",
    [{"identified_as": None}, {"roles": frozenset({"case_officer"})}],
    ids=["not identified", "no holder"],
)
def test_only_a_holder_proven_to_be_one_gives_sees_and_withdraws(
    give, session, holder, services, changes
):
    somebody = replace(holder, **changes)
    for act in (
        lambda: give(actor=somebody),
        lambda: consents_of(session, actor=somebody, services=services),
        lambda: withdraw_consent(session, "x", actor=somebody, services=services, at=AT),
    ):
        with pytest.raises(errors.HolderOnlyError):
            act()


def test_a_consent_is_seen_and_withdrawn_by_its_holder_only(
    give, session, holder, services, stranger
):
    consent, _ = give()
    other = replace(holder, identified_as=stranger)
    assert consents_of(session, actor=other, services=services) == []
    for actor, consent_id in ((other, consent.id), (holder, "0" * 64)):
        with pytest.raises(errors.UnknownConsentError):
            withdraw_consent(session, consent_id, actor=actor, services=services, at=AT)


def test_of_two_checks_at_once_only_one_spends_the_last_use(
    tmp_path, make_services, holder, officer, applicant
):
    engine = create_engine(f"sqlite:///{tmp_path / 'race.db'}", connect_args={"timeout": 30})
    metadata.create_all(engine)
    services = make_services()
    with Session(engine) as session:
        terms = Terms((ITEM,), (), (officer.department,), AT, AT + HOUR)
        _, code = give_consent(session, terms, actor=holder, services=services, at=AT)
        session.commit()
    start, came = Barrier(8), []

    def use(case):
        wanted = _use(applicant, officer, services, case)
        with Session(engine, expire_on_commit=False) as session:
            consent = require_usable(session, code, wanted, services=services, at=AT)
            session.rollback()  # what was read is old by now, as between two databases
            start.wait()
            try:
                spend(session, consent, wanted, check_id=case, at=AT)
                session.commit()
                came.append("spent")
            except errors.SpentConsentError:
                came.append("refused")

    threads = [Thread(target=use, args=(f"R-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert session.execute(select(consents.c.uses_left)).scalars().all() == [0]
        assert len(session.execute(select(consent_uses)).all()) == 1
    engine.dispose()
    assert sorted(came) == ["refused"] * 7 + ["spent"]


def _use(applicant, officer, services, case):
    return Use(index_of(applicant, services), officer.department, ITEM, (), case)


def test_a_consent_taken_back_while_the_check_runs_is_not_spent(
    give, session, holder, officer, services, applicant
):
    consent, code = give()
    wanted = _use(applicant, officer, services, "C-1")
    usable = require_usable(session, code, wanted, services=services, at=AT)
    withdraw_consent(session, consent.id, actor=holder, services=services, at=AT)
    with pytest.raises(errors.SpentConsentError):
        spend(session, usable, wanted, check_id="x", at=AT)


def test_the_holder_sees_each_use_in_words(give, ask, session, services, applicant, officer):
    consent, code = give()
    check = ask(code)
    (line,) = uses_of(session, applicant, services)
    assert line["item_zh"] == "企业住所（经营场所）变更登记"
    assert line["organisation_name"] == "示例市市场监督管理局"
    assert (line["basis"], line["basis_reference"]) == ("holder_consent", consent.id)
    assert line["licences"] == [
        evidence["identifier"]
        for entry in check.answer["requirements"]
        for evidence in entry["evidence"]
    ]
    assert "holder" not in line


def test_each_line_of_the_use_log_is_in_the_audit_chain(give, ask, session, services, applicant):
    _, code = give()
    ask(code)
    (act,) = [act for act in services.audit.acts if act[1] == "licence.used"]
    row = dict(session.execute(select(usage_records)).mappings().one())
    licences = repository.licences_of_use(session, row["id"])
    assert act[3]["use"] == use_digest(row, licences).hex()
    for name in ("operator", "outcome", "fields", "case_number"):
        assert use_digest(row | {name: "changed"}, licences).hex() != act[3]["use"]
    assert use_digest(row, []).hex() != act[3]["use"]


def test_a_code_is_named_by_its_digest():
    assert id_of_code("abc") == id_of_code(" ABC ")
    assert len(id_of_code("abc")) == 64
