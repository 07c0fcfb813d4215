"""The register of seals and of their uses: every query on them."""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, bindparam, func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from issuance.errors import TransitionError, UnknownSealError
from issuance.prepared import add, first
from issuance.seals.states import SEAL_STEPS, SealState
from issuance.states import after
from issuance.tables import seal_uses, seals

MADE_HERE: Final = "made"
IMPORTED: Final = "imported"
_STATE: Final = select(seals.c.state).where(
    seals.c.issuer_code == bindparam("issuer"), seals.c.id == bindparam("of")
)
_OF_ISSUER: Final = (
    select(seals)
    .where(seals.c.issuer_code == bindparam("issuer"))
    .order_by(seals.c.changed_at.desc())
)


@dataclass(frozen=True, slots=True)
class RegisteredSeal:
    """One seal of an issuer and where it stands."""

    issuer_code: str
    id: str
    """E-seal code: ``DZYZ``, organisation code, six random letters."""
    state: SealState
    name: str
    owner_name: str
    """In the arc of the seal."""
    label: str
    """Across its foot."""
    kinds: tuple[str, ...]
    """Names of the kinds it may be used on."""
    key_name: str
    valid_from: datetime
    valid_until: datetime
    applicant: str
    changed_at: datetime
    reviewer: str | None = None
    maker: str | None = None
    der: bytes | None = field(default=None, repr=False)
    """SESeal, the content of an ``.esl`` file, once made."""
    picture_svg: str | None = field(default=None, repr=False)
    type: int = 6
    """seal_types of the code lists, without the leading zero."""
    owner_kind: str = "department"
    """Key of `issuance.seals.faces.OWNER_KINDS`: decides size and centre of the picture."""
    second_name: str | None = None
    """The owner's name in a second script, in the outer ring."""
    police_number: str | None = None
    """13 digits (GA 241), where the seal was also filed with the police."""
    origin: str = MADE_HERE
    """`MADE_HERE` or `IMPORTED`."""
    reason: str | None = None
    """Why it came into its present state."""
    replaces: str | None = None
    """Code of the ended seal that it was made anew for."""
    findings: str | None = None
    """What the check of an imported seal found, JSON."""


@dataclass(frozen=True, slots=True)
class SealUse:
    """One application of a seal to one document (用印)."""

    issuer_code: str
    id: str
    seal_id: str
    serial: str
    version: int
    form: str
    document_digest: bytes
    """SM3 of the document as sealed."""
    operator: str
    approver: str
    """Who approved what is sealed: the reviewer, or who decided an objection; where the policy
    wants a person for each use, that person."""
    at: datetime
    policy_version: int = 0
    """Version of the policy it was allowed under; 0 where the seal has none."""
    request_id: str | None = None
    """The request that a person approved."""


def add_seal(session: Session, seal: RegisteredSeal) -> None:
    """Store a new seal."""
    add(session, seals, _plain(seal))


def find_seal(session: Session, issuer_code: str, seal_id: str) -> RegisteredSeal:
    """Return a seal of an issuer.

    Raises:
        UnknownSealError: if there is none.
    """
    row = first(session, seals, issuer_code=issuer_code, id=seal_id)
    if row is None:
        raise UnknownSealError
    return _seal(row)


def state_of(session: Session, issuer_code: str, seal_id: str) -> SealState:
    """Return where a seal stands now.

    Raises:
        UnknownSealError: if there is none.
    """
    found = session.execute(_STATE, {"issuer": issuer_code, "of": seal_id}).scalar_one_or_none()
    if found is None:
        raise UnknownSealError
    return SealState(found)


def seals_of(session: Session, issuer_code: str) -> list[RegisteredSeal]:
    """Return every seal of an issuer, the one changed last first."""
    rows = session.execute(_OF_ISSUER, {"issuer": issuer_code}).mappings()
    return [_seal(row) for row in rows]


def step_seal(
    session: Session, found: RegisteredSeal, step: str, *, at: datetime, **changes: Any
) -> RegisteredSeal:
    """Take a seal one step further and return it.

    Raises:
        TransitionError: if its state does not allow the step.
    """
    subject = f"seal {found.id}"
    state = after(SEAL_STEPS, step, found.state, subject)
    stepped = replace(found, state=state, changed_at=at, **changes)
    done = session.execute(
        update(seals)
        .where(
            seals.c.issuer_code == found.issuer_code,
            seals.c.id == found.id,
            seals.c.state == found.state.value,
        )
        .values(**_plain(stepped))
        .returning(seals.c.id)
    ).first()
    if done is None:
        raise TransitionError(subject, "changed meanwhile", step)
    return stepped


def add_use(session: Session, use: SealUse) -> None:
    """Record a use of a seal."""
    add(session, seal_uses, asdict(use) | {"at": use.at.isoformat()})


def uses_of(session: Session, issuer_code: str, seal_id: str) -> list[SealUse]:
    """Return every use of a seal, oldest first, for its owner and for reconciliation."""
    query = (
        select(seal_uses)
        .where(seal_uses.c.issuer_code == issuer_code, seal_uses.c.seal_id == seal_id)
        .order_by(seal_uses.c.at, seal_uses.c.id)
    )
    rows = session.execute(query).mappings()
    return [_use(row) for row in rows]


def uses_after(
    session: Session, issuer_code: str, seal_id: str, after: str | None, limit: int
) -> list[SealUse]:
    """Return at most `limit` uses of a seal that follow the one called `after`, oldest first."""
    columns = seal_uses.c
    query = select(seal_uses).where(columns.issuer_code == issuer_code, columns.seal_id == seal_id)
    if after is not None:
        here = select(columns.at).where(columns.issuer_code == issuer_code, columns.id == after)
        at = session.execute(here).scalar_one_or_none() or ""
        query = query.where(tuple_(columns.at, columns.id) > tuple_(literal(at), literal(after)))
    rows = session.execute(query.order_by(columns.at, columns.id).limit(limit)).mappings()
    return [_use(row) for row in rows]


def count_uses(session: Session, issuer_code: str, seal_id: str) -> int:
    """Return how often a seal was used."""
    query = select(func.count()).where(
        seal_uses.c.issuer_code == issuer_code, seal_uses.c.seal_id == seal_id
    )
    return session.execute(query).scalar_one()


def seals_on(session: Session, issuer_code: str, serial: str, version: int) -> int:
    """Return how many seals an edition bears, by the record of their uses."""
    query = select(func.count()).where(
        seal_uses.c.issuer_code == issuer_code,
        seal_uses.c.serial == serial,
        seal_uses.c.version == version,
    )
    return session.execute(query).scalar_one()


def _use(row: RowMapping) -> SealUse:
    return SealUse(**dict(row) | {"at": datetime.fromisoformat(row["at"])})


def _plain(seal: RegisteredSeal) -> dict[str, Any]:
    times = {
        name: getattr(seal, name).isoformat()
        for name in ("valid_from", "valid_until", "changed_at")
    }
    return asdict(seal) | times | {"state": seal.state.value, "kinds": " ".join(seal.kinds)}


def _seal(row: RowMapping) -> RegisteredSeal:
    members = dict(row)
    for name in ("valid_from", "valid_until", "changed_at"):
        members[name] = datetime.fromisoformat(members[name])
    members |= {"state": SealState(members["state"]), "kinds": tuple(members["kinds"].split())}
    return RegisteredSeal(**members)
