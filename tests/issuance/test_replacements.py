"""New editions that are asked for: what they keep, what they replace, who is told."""

import pytest

from issuance import applications, notices, repository
from issuance.errors import (
    IdempotencyConflictError,
    InvalidDataError,
    TransitionError,
    UnknownLicenceError,
)
from issuance.replacements import NOTICES, REASON_CODES, Reason, Replacement
from issuance.states import EditionState
from tests.issuance.test_lifecycle import change, codes
from tests.issuance.world import clerk, example
from verification.report import Verdict

KIND = "business_licence"


def longer(field="org_name", value=None):
    data = example(KIND)
    data["fields"] = dict(data["fields"])
    if value:
        data["fields"][field] = value
    return data


def ask(world, edition, reason=Reason.RENEWAL, data=None, key="key-renewal-1", by=None):
    with world.writing() as session:
        return applications.submit(
            session,
            world.services,
            kind_name=KIND,
            data=data or longer(),
            idempotency_key=key,
            actor=by or clerk(),
            at=world.at,
            replaces=Replacement(edition.identifier, reason),
        )


def renew(world, edition, reason=Reason.RENEWAL, **members):
    application = ask(world, edition, reason, **members)
    return world.mint_application(world.approve(application))


@pytest.mark.parametrize("reason", list(Reason))
def test_the_new_edition_replaces_the_old_and_whoever_relied_is_told(world, reason):
    first = world.mint()
    world.reliances.found[first.identifier] = ["11650100PRJ0001X"]
    second = renew(world, first, reason)
    assert (second.serial, second.version) == (first.serial, 2)
    assert second.reason_code == REASON_CODES[reason]
    verdict, found = codes(world, first)
    assert verdict is Verdict.INVALID
    assert "status.superseded" in found
    assert codes(world, second)[0] is Verdict.VALID
    with world.writing() as session:
        events = [n.event for n in notices.undelivered(session) if n.identifier == first.identifier]
        step = repository.events(session, first.key)[-1]
    assert events.count(NOTICES[REASON_CODES[reason]]) >= 2
    assert (step.step, step.reason_code) == ("supersede", REASON_CODES[reason])


def test_until_the_new_edition_is_published_the_old_one_is_good(world):
    first = world.mint()
    world.approve(ask(world, first))
    assert codes(world, first)[0] is Verdict.VALID


def test_a_licence_does_not_pass_to_somebody_else(world):
    first = world.mint()
    other = longer("uscc", "91650100MA7TE00012")
    with pytest.raises(InvalidDataError):
        ask(world, first, data=other)


def test_only_an_active_licence_of_the_department_is_replaced(world):
    first = world.mint()
    change(world, "suspend", first)
    with pytest.raises(TransitionError):
        ask(world, first)
    change(world, "resume", first)
    waiting = world.approve(ask(world, first))
    world.end(first)
    with pytest.raises(TransitionError) as caught:
        world.mint_application(waiting)
    assert caught.value.state == "cancelled"
    absent = Replacement("1.2.156.3005.2.none", Reason.RENEWAL)
    with world.writing() as session, pytest.raises(UnknownLicenceError):
        applications.submit(
            session,
            world.services,
            kind_name=KIND,
            data=longer(),
            idempotency_key="key-absent-1",
            actor=clerk(),
            at=world.at,
            replaces=absent,
        )


def test_two_renewals_asked_at_once_make_two_editions_in_a_row(world):
    first = world.mint()
    one, two = (world.approve(ask(world, first, key=f"key-twice-{n}")) for n in (1, 2))
    second, third = world.mint_application(one), world.mint_application(two)
    assert (second.version, third.version) == (2, 3)
    with world.writing() as session:
        chain = repository.edition_chain(session, first.issuer_code, first.serial)
    states = [edition.state for edition in chain]
    assert states == [EditionState.SUPERSEDED, EditionState.SUPERSEDED, EditionState.ACTIVE]


def test_the_same_request_again_is_the_same_application(world):
    first = world.mint()
    assert ask(world, first).id == ask(world, first).id
    with pytest.raises(IdempotencyConflictError):
        ask(world, first, Reason.CHANGE)
