"""Every step of every table: allowed where the table says so, refused with the state named."""

import pytest

from issuance.batches.rows import BATCH_STEPS, BatchState
from issuance.endings.rows import ENDING_STEPS, EndingState
from issuance.erasures.rows import ERASURE_STEPS, ErasureState
from issuance.errors import TransitionError
from issuance.objection_states import OBJECTION_STEPS, OPEN, ObjectionState
from issuance.seals.states import SEAL_STEPS, SealState
from issuance.states import (
    APPLICATION_STEPS,
    EDITION_STEPS,
    ENDED,
    ApplicationState,
    EditionState,
    after,
    slot_value,
)

TABLES = [
    (APPLICATION_STEPS, ApplicationState),
    (EDITION_STEPS, EditionState),
    (SEAL_STEPS, SealState),
    (OBJECTION_STEPS, ObjectionState),
    (ENDING_STEPS, EndingState),
    (ERASURE_STEPS, ErasureState),
    (BATCH_STEPS, BatchState),
]


@pytest.mark.parametrize(("steps", "states"), TABLES)
def test_every_step_leads_where_the_table_says_and_nowhere_else(steps, states):
    for step, allowed in steps.items():
        for state in states:
            if state in allowed:
                assert after(steps, step, state, "it") is allowed[state]
                continue
            with pytest.raises(TransitionError) as caught:
                after(steps, step, state, "it")
            assert caught.value.state == state.value
            assert state.value in str(caught.value)


@pytest.mark.parametrize(("steps", "states"), TABLES)
def test_every_state_but_the_first_is_reached(steps, states):
    reached = {state for allowed in steps.values() for state in allowed.values()}
    assert set(states) - reached <= {next(iter(states))}


def test_what_has_ended_never_returns():
    for state in (*ENDED, EditionState.SUPERSEDED):
        assert all(state not in allowed for allowed in EDITION_STEPS.values())
    for state in (SealState.CANCELLED, SealState.LOST_KEY):
        assert all(state not in allowed for allowed in SEAL_STEPS.values())


@pytest.mark.parametrize(
    ("state", "disputed", "value"),
    [
        (EditionState.ACTIVE, False, 0),
        (EditionState.ACTIVE, True, 0xC),
        (EditionState.SUSPENDED, False, 2),
        (EditionState.SUSPENDED, True, 0xD),
        (EditionState.SUPERSEDED, False, 3),
        (EditionState.CANCELLED, False, 1),
        (EditionState.REVOKED, True, 1),
        (EditionState.FORFEITED, False, 1),
    ],
)
def test_what_a_status_list_says_of_a_state(state, disputed, value):
    assert slot_value(state, disputed=disputed) == value


def test_an_objection_can_be_withdrawn_until_it_is_decided():
    before = {
        ObjectionState.SUBMITTED,
        ObjectionState.NEED_MORE,
        ObjectionState.ACCEPTED,
        ObjectionState.VERIFYING,
        ObjectionState.TRANSFERRED,
    }
    assert set(OBJECTION_STEPS["withdraw"]) == before
    assert before < OPEN
