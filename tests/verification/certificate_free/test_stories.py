"""Each of the twelve items, met by who it is made for, and not met when one licence is missing."""

import pytest

from sealkit.receipt import parse_receipt
from tests.conformance.instants import AT
from tests.verification.certificate_free.life import ElsewhereLicences, life, stories
from verification.certificate_free.answer import answer_check
from verification.certificate_free.consent import Basis, BasisKind
from verification.certificate_free.items import shipped_items
from verification.certificate_free.questions import Question

FORM = Basis(BasisKind.SIGNED_FORM, "授权书 7")
ITEMS = sorted(shipped_items())


@pytest.fixture(scope="module")
def told():
    return stories(life())


@pytest.fixture
def ask(session, officer, make_services, told):
    def ask(story, records, **changes):
        source = ElsewhereLicences(life(), records)
        members = {
            "licences": source,
            "register": lambda session: source.register() if records is not None else None,
            "trust": lambda: life().trust,
            "status": life().sound_status,
        }
        services = make_services(**members)
        question = Question(
            item=story.item,
            holder=story.holder,
            case_number=f"S-{story.item}-{len(records or ())}",
            operator="窗口3",
            basis=FORM,
            parties=dict(story.parties),
            party_bases={role: FORM for role, _ in story.parties},
            **changes,
        )
        return answer_check(session, question, actor=officer, services=services, at=AT)

    return ask


def test_there_are_twelve_items_and_a_story_for_each(told):
    assert len(ITEMS) == 12
    assert sorted(told) == ITEMS


@pytest.mark.parametrize("item", ITEMS)
def test_a_story_is_met_and_its_receipt_names_editions_states_and_nobody(
    item, ask, told, make_services
):
    story = told[item]
    asked = shipped_items()[item].fields
    answered = ask(story, story.records, fields=asked)
    check = answered.check
    assert check.outcome == "met", [
        (entry["id"], entry["reasons"]) for entry in check.answer["requirements"]
    ]
    requirements = [
        {name.partition(".")[0] for name in names} for names in (asked, answered.values)
    ]
    assert requirements[0] == requirements[1]
    assert set(answered.values) <= set(asked)
    receipt = parse_receipt(check.receipt, life().keys.certificate("receipt").sm2_key, at=AT)
    assert {entry.status for entry in receipt.evidence} <= {0}
    people = [story.holder, *(person for _, person in story.parties)]
    values = [field.value for record in story.records for field in record.fields]
    for text in [*(p.name for p in people), *(p.code for p in people), *values]:
        if len(text) > 2:
            assert text not in str((check.answer, receipt))


@pytest.mark.parametrize("item", ITEMS)
def test_without_its_first_licence_a_story_is_not_met(item, ask, told):
    story = told[item]
    check = ask(story, story.records[1:]).check
    assert check.outcome == "not_met"
    assert "no_licence" in [
        reason["code"] for entry in check.answer["requirements"] for reason in entry["reasons"]
    ]


@pytest.mark.parametrize("item", ITEMS)
def test_without_an_answer_of_the_register_nothing_is_said(item, ask, told):
    assert ask(told[item], None).check.outcome == "cannot_say"
