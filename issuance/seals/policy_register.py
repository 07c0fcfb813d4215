"""Every query on policies, on requests to use a seal, and on how often it was used."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from issuance.errors import TransitionError
from issuance.seals.policy import PolicyState, SealPolicy, Terms
from issuance.seals.tables import seal_policies, seal_requests
from issuance.tables import seal_uses

_IN_FORCE: Final = (
    select(seal_policies)
    .where(
        seal_policies.c.issuer_code == bindparam("issuer"),
        seal_policies.c.seal_id == bindparam("of"),
        seal_policies.c.state == PolicyState.ADOPTED.value,
    )
    .order_by(seal_policies.c.version.desc())
    .limit(1)
)


class RequestState(StrEnum):
    """Where a request to use a seal stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    USED = "used"


@dataclass(frozen=True, slots=True)
class SealRequest:
    """One wish to use a seal on one edition, for a person to decide (用印申请)."""

    issuer_code: str
    id: str
    seal_id: str
    serial: str
    version: int
    identifier: str
    kind: str
    state: RequestState
    policy_version: int
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reasons: str | None = None


def add_policy(session: Session, policy: SealPolicy) -> None:
    """Store a new version."""
    members = asdict(policy) | _times(policy.proposed_at, policy.decided_at, "proposed_at")
    members |= {"state": policy.state.value, "terms": policy.terms.to_json()}
    session.execute(insert(seal_policies).values(**members))


def policies_of(session: Session, issuer_code: str, seal_id: str) -> list[SealPolicy]:
    """Return every version of a seal's policy, the newest first."""
    query = select(seal_policies).where(
        seal_policies.c.issuer_code == issuer_code, seal_policies.c.seal_id == seal_id
    )
    rows = session.execute(query.order_by(seal_policies.c.version.desc())).mappings()
    return [_policy(row) for row in rows]


def policy_in_force(session: Session, issuer_code: str, seal_id: str) -> SealPolicy | None:
    """Return the newest adopted version; None where the owner has adopted none."""
    row = session.execute(_IN_FORCE, {"issuer": issuer_code, "of": seal_id}).mappings().first()
    return _policy(row) if row else None


def decide_policy(
    session: Session, policy: SealPolicy, state: PolicyState, *, by: str, at: datetime
) -> SealPolicy:
    """Note the decision on a proposed version; its terms stay as they are.

    Raises:
        TransitionError: if it was decided meanwhile.
    """
    done = session.execute(
        update(seal_policies)
        .where(
            seal_policies.c.issuer_code == policy.issuer_code,
            seal_policies.c.seal_id == policy.seal_id,
            seal_policies.c.version == policy.version,
            seal_policies.c.state == PolicyState.PROPOSED.value,
        )
        .values(state=state.value, decided_by=by, decided_at=at.isoformat())
        .returning(seal_policies.c.version)
    ).first()
    if done is None:
        raise TransitionError(f"policy {policy.version}", "decided meanwhile", state.value)
    return replace(policy, state=state, decided_by=by, decided_at=at)


def uses_between(
    session: Session, issuer_code: str, seal_id: str, begins: datetime, ends: datetime
) -> int:
    """Return how many documents a seal was used on from `begins` up to `ends`."""
    query = select(func.count()).where(
        seal_uses.c.issuer_code == issuer_code,
        seal_uses.c.seal_id == seal_id,
        seal_uses.c.at >= begins.isoformat(),
        seal_uses.c.at < ends.isoformat(),
    )
    return session.execute(query).scalar_one()


def add_request(session: Session, request: SealRequest) -> None:
    """Store a new request."""
    members = asdict(request) | _times(request.requested_at, request.decided_at, "requested_at")
    session.execute(insert(seal_requests).values(**members | {"state": request.state.value}))


def request_for(
    session: Session, issuer_code: str, seal_id: str, serial: str, version: int
) -> SealRequest | None:
    """Return the request for a seal on an edition."""
    query = select(seal_requests).where(
        seal_requests.c.issuer_code == issuer_code,
        seal_requests.c.seal_id == seal_id,
        seal_requests.c.serial == serial,
        seal_requests.c.version == version,
    )
    row = session.execute(query).mappings().first()
    return _request(row) if row else None


def requests_of(
    session: Session, issuer_code: str, seal_id: str, state: RequestState, limit: int
) -> list[SealRequest]:
    """Return the requests of a seal in one state, oldest first."""
    query = (
        select(seal_requests)
        .where(
            seal_requests.c.issuer_code == issuer_code,
            seal_requests.c.seal_id == seal_id,
            seal_requests.c.state == state.value,
        )
        .order_by(seal_requests.c.requested_at, seal_requests.c.id)
        .limit(limit)
    )
    return [_request(row) for row in session.execute(query).mappings()]


def requests_by_id(
    session: Session, issuer_code: str, seal_id: str, ids: list[str]
) -> list[SealRequest]:
    """Return those of the requests named that are this seal's."""
    query = select(seal_requests).where(
        seal_requests.c.issuer_code == issuer_code,
        seal_requests.c.seal_id == seal_id,
        seal_requests.c.id.in_(ids),
    )
    return [_request(row) for row in session.execute(query).mappings()]


def step_request(
    session: Session, found: SealRequest, state: RequestState, **changes: Any
) -> SealRequest:
    """Change a request that is still in the state it was found in.

    Raises:
        TransitionError: if it was changed meanwhile.
    """
    stepped = replace(found, state=state, **changes)
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in changes.items()
    }
    done = session.execute(
        update(seal_requests)
        .where(
            seal_requests.c.issuer_code == found.issuer_code,
            seal_requests.c.id == found.id,
            seal_requests.c.state == found.state.value,
        )
        .values(state=state.value, **plain)
        .returning(seal_requests.c.id)
    ).first()
    if done is None:
        raise TransitionError(f"request {found.id}", "changed meanwhile", state.value)
    return stepped


def _times(first: datetime, decided: datetime | None, name: str) -> dict[str, str | None]:
    return {name: first.isoformat(), "decided_at": decided.isoformat() if decided else None}


def _policy(row: RowMapping) -> SealPolicy:
    members = _read(row, "proposed_at")
    members |= {"state": PolicyState(row["state"]), "terms": Terms.from_json(row["terms"])}
    return SealPolicy(**members)


def _request(row: RowMapping) -> SealRequest:
    return SealRequest(**_read(row, "requested_at") | {"state": RequestState(row["state"])})


def _read(row: RowMapping, name: str) -> dict[str, Any]:
    decided = row["decided_at"]
    return dict(row) | {
        name: datetime.fromisoformat(row[name]),
        "decided_at": datetime.fromisoformat(decided) if decided else None,
    }
