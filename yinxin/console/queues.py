"""The queues of the console's first page: who has to do what next.

What somebody must not decide, having had a part in it, is not said to wait for them.
"""

from collections.abc import Callable
from typing import Final

from issuance import application_lists, objections
from issuance.batches import deciding as batches
from issuance.batches.rows import BatchState
from issuance.endings import deciding as endings
from issuance.entitlement import CLERK, REVIEWER, SEAL_KEEPER
from issuance.routes import Call
from issuance.seals import controlling, viewing
from issuance.seals.states import STATES_ZH, SealState
from issuance.states import ApplicationState
from issuance.suspensions import deciding as suspensions
from yinxin.console.waiting import MOST, Queue, Waiting
from yinxin.words import words

_LIMIT: Final = MOST + 1
_UNFINISHED: Final = (SealState.APPLIED, SealState.REVIEWED, SealState.MADE, SealState.FILED)


def _applications(state: ApplicationState) -> Callable[[Call], tuple[Waiting, ...]]:
    def look(call: Call) -> tuple[Waiting, ...]:
        found = application_lists.list_applications(
            call.session, state, actor=call.actor, limit=_LIMIT
        )
        return tuple(
            Waiting(
                f"/console/applications/{entry.id}",
                call.services.kinds[entry.kind].name_zh,
                entry.holders_masked,
                entry.submitted_at,
            )
            for entry in found
            if state is not ApplicationState.SUBMITTED or entry.submitted_by != call.actor.id
        )

    return look


def _endings(call: Call) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(f"/console/endings/{entry.id}", entry.identifier, "", entry.proposed_at)
        for entry in endings.proposed_endings(call.session, actor=call.actor)[:_LIMIT]
        if entry.proposed_by != call.actor.id
    )


def _suspensions(call: Call) -> tuple[Waiting, ...]:
    found = suspensions.proposed_suspensions(call.session, actor=call.actor, limit=_LIMIT)
    return tuple(
        Waiting(f"/console/suspensions/{entry.id}", entry.legal_basis, "", entry.proposed_at)
        for entry in found
        if entry.proposed_by != call.actor.id
    )


def _batches(call: Call) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            f"/console/batches/{entry.id}",
            call.services.kinds[entry.kind].name_zh,
            f"{entry.ready} / {entry.ready + entry.refused}",
            entry.submitted_at,
        )
        for entry in batches.newest_batches(call.session, actor=call.actor)[:_LIMIT]
        if entry.state is BatchState.CHECKED and entry.submitted_by != call.actor.id
    )


def _objections(call: Call) -> tuple[Waiting, ...]:
    found = objections.open_objections(call.session, actor=call.actor, limit=_LIMIT)
    return tuple(
        Waiting(
            f"/console/objections/{entry.id}",
            words().zh(f"console.objection_type.{entry.type.value}"),
            "",
            entry.lodged_at,
            entry.due_at,
        )
        for entry in found
    )


def _seal_requests(call: Call) -> tuple[Waiting, ...]:
    found = controlling.waiting_requests(call.session, actor=call.actor, limit=_LIMIT)
    return tuple(
        Waiting(
            f"/console/seals/{entry.seal_id}/requests",
            call.services.kinds[entry.kind].name_zh,
            entry.identifier,
            entry.requested_at,
        )
        for entry in found
        if entry.requested_by != call.actor.id
    )


def _seals(call: Call) -> tuple[Waiting, ...]:
    found = viewing.own_seals(call.session, actor=call.actor)
    return tuple(
        Waiting(f"/console/seals/{entry.id}", entry.name, STATES_ZH[entry.state], entry.changed_at)
        for entry in found
        if entry.state in _UNFINISHED
    )[:_LIMIT]


def _by_state(key: str, role: str, state: ApplicationState) -> Queue:
    path = f"/console/applications?state={state.value}"
    return Queue(key, frozenset({role}), path, _applications(state))


_REVIEWERS: Final = frozenset({REVIEWER})
_KEEPERS: Final = frozenset({SEAL_KEEPER})

QUEUES: Final = (
    _by_state("to_review", REVIEWER, ApplicationState.SUBMITTED),
    _by_state("returned", CLERK, ApplicationState.RETURNED),
    _by_state("to_mint", CLERK, ApplicationState.APPROVED),
    Queue("batches", _REVIEWERS, "/console/batches", _batches),
    Queue("objections", frozenset({CLERK, REVIEWER}), "/console/objections", _objections),
    Queue("endings", _REVIEWERS, "/console/endings", _endings),
    Queue("suspensions", _REVIEWERS, "/console/suspensions", _suspensions),
    Queue("seal_requests", _KEEPERS, "/console/seals", _seal_requests),
    Queue("seals", _KEEPERS, "/console/seals", _seals),
)
