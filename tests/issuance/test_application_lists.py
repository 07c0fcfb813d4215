"""Lists of applications: by state, page by page, of one's own department alone."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from issuance import applications
from issuance.application_lists import list_applications
from issuance.errors import NotEntitledError
from issuance.states import ApplicationState
from tests.issuance.world import AT, CIVIL, MARKET, actor, clerk, example

SUBMITTED, WITHDRAWN = ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN


def submit(world, number, *, minutes=0, batch_id=None):
    with world.writing() as session:
        return applications.submit(
            session,
            world.services,
            kind_name="business_licence",
            data=example("business_licence"),
            idempotency_key=f"list-key-{number:04d}",
            actor=clerk(),
            at=AT + timedelta(minutes=minutes),
            batch_id=batch_id,
        )


def listed(world, state, *, by=None, limit=100, after=None):
    with world.writing() as session:
        return list_applications(session, state, actor=by or clerk(), limit=limit, after=after)


def test_what_waits_longest_comes_first_and_what_ended_last_comes_first(world):
    made = [submit(world, number, minutes=number) for number in range(3)]
    assert [line.id for line in listed(world, SUBMITTED)] == [one.id for one in made]
    with world.writing() as session:
        for one in made:
            applications.withdraw(session, world.services, one.id, actor=clerk(), at=AT)
    assert [line.id for line in listed(world, WITHDRAWN)] == [one.id for one in reversed(made)]
    assert listed(world, SUBMITTED) == ()


@pytest.mark.parametrize("ended", [False, True])
def test_pages_neither_miss_nor_repeat_one_though_some_came_at_the_same_instant(world, ended):
    made = [submit(world, number, minutes=number // 3) for number in range(7)]
    if ended:
        with world.writing() as session:
            for one in made:
                applications.withdraw(session, world.services, one.id, actor=clerk(), at=AT)
    found, after = [], None
    while lines := listed(world, WITHDRAWN if ended else SUBMITTED, limit=2, after=after):
        found += [line.id for line in lines]
        after = (lines[-1].submitted_at, lines[-1].id)
    assert len(found) == 7
    assert set(found) == {one.id for one in made}


def test_lines_of_a_batch_are_left_to_the_batch(world):
    alone = submit(world, 1)
    line = submit(world, 2, batch_id="B000000000000000000000000")
    assert line.batch_id == "B000000000000000000000000"
    assert [entry.id for entry in listed(world, SUBMITTED)] == [alone.id]


def test_a_list_is_of_ones_own_department_and_for_those_who_issue(world):
    submit(world, 1)
    assert listed(world, SUBMITTED, by=clerk(department=CIVIL)) == ()
    with pytest.raises(NotEntitledError):
        listed(world, SUBMITTED, by=actor("keeper", "seal_keeper", department=MARKET))


def test_names_are_masked_and_content_is_not_read(world):
    submit(world, 1)
    (line,) = listed(world, SUBMITTED)
    assert not hasattr(line, "sealed_data")
    assert line.holders_masked


def test_a_page_is_found_by_the_index(world):
    query = (
        "EXPLAIN QUERY PLAN SELECT id FROM applications WHERE issuer_code = 'a' AND state = 's'"
        " AND batch_id IS NULL AND (submitted_at, id) > ('t', 'i') ORDER BY submitted_at, id"
    )
    with world.writing() as session:
        (step,) = session.execute(text(query)).all()
    assert "USING INDEX applications_by_state" in step.detail
    assert "TEMP B-TREE" not in step.detail
