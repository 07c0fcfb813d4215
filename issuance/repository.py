"""Queries on applications, editions, plans and files. Nothing here commits."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    RowMapping,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from issuance.prepared import add, added, changed, first
from issuance.register_rows import (
    NO_SALT,
    Application,
    Edition,
    EditionEvent,
    EditionKey,
    Plan,
    StoredFile,
)
from issuance.states import ApplicationState, EditionState
from issuance.tables import (
    applications,
    edition_events,
    edition_files,
    edition_holders,
    editions,
    numbers,
    plans,
)

_TIMES: Final = frozenset(
    {"submitted_at", "reviewed_at", "planned_at", "published_at", "finished_at", "at"}
)
_BY_IDENTIFIER: Final = select(editions).where(editions.c.identifier == bindparam("wanted"))
"""Asked at every verification, so put together once; those below at every mint."""


def _of_edition(table: Table) -> ColumnElement[bool]:
    return and_(*(table.c[name] == bindparam(name) for name in EditionKey.__slots__))


_EVENTS: Final = (
    select(edition_events).where(_of_edition(edition_events)).order_by(edition_events.c.sequence)
)
_EVENT_COUNT: Final = select(func.count()).where(_of_edition(edition_events))
_HOLDERS: Final = (
    select(edition_holders.c.holder_index)
    .where(_of_edition(edition_holders))
    .order_by(edition_holders.c.position)
)
_FILES: Final = select(edition_files).where(_of_edition(edition_files))
_OTHER_NUMBERS: Final = delete(numbers).where(
    numbers.c.issuer_code == bindparam("issuer"),
    numbers.c.serial == bindparam("of"),
    numbers.c.number_index != bindparam("but"),
)


def add_application(session: Session, application: Application) -> bool:
    """Store an application; False when its idempotency key was taken meanwhile."""
    return added(session, applications, _plain(asdict(application)))


def application(session: Session, issuer_code: str, application_id: str) -> Application | None:
    """Return one application of an issuer."""
    row = first(session, applications, issuer_code=issuer_code, id=application_id)
    return _application(row) if row else None


def application_by_key(session: Session, issuer_code: str, key: str) -> Application | None:
    """Return the application that was sent with this idempotency key."""
    row = first(session, applications, issuer_code=issuer_code, idempotency_key=key)
    return _application(row) if row else None


def set_application(
    session: Session, found: Application, state: ApplicationState, **changes: Any
) -> bool:
    """Change an application that is still in the state it was found in."""
    wanted = {"issuer_code": found.issuer_code, "id": found.id, "state": found.state.value}
    return changed(session, applications, wanted, _plain({"state": state} | changes))


def add_plan(session: Session, plan: Plan) -> bool:
    """Store a plan; False when its source has one already."""
    members = asdict(plan)
    return added(session, plans, _plain(members.pop("key") | members))


def add_edition(session: Session, edition: Edition) -> None:
    """Store the edition of a plan."""
    add(session, editions, _plain(asdict(edition)))


def plan_of_source(session: Session, issuer_code: str, source: str) -> Plan | None:
    """Return the plan that an application or objection led to."""
    row = first(session, plans, issuer_code=issuer_code, source=source)
    return _plan(row) if row else None


def plan(session: Session, key: EditionKey) -> Plan | None:
    """Return the plan of an edition."""
    row = first(session, plans, **asdict(key))
    return _plan(row) if row else None


def unfinished_plans(session: Session) -> list[Plan]:
    """Return every plan that was not published yet, oldest first."""
    query = select(plans).where(plans.c.finished_at.is_(None)).order_by(plans.c.planned_at)
    return [_plan(row) for row in session.execute(query).mappings()]


def unsealed(session: Session, issuer_code: str, limit: int) -> list[tuple[Plan, Edition]]:
    """Return an issuer's oldest plans of which nothing is sealed yet, with their editions."""
    query = (
        select(plans)
        .join(
            editions,
            (editions.c.issuer_code == plans.c.issuer_code)
            & (editions.c.serial == plans.c.serial)
            & (editions.c.version == plans.c.version),
        )
        .where(
            plans.c.issuer_code == issuer_code,
            plans.c.finished_at.is_(None),
            editions.c.state == EditionState.PLANNED.value,
        )
        .order_by(plans.c.planned_at, plans.c.serial, plans.c.version)
        .limit(limit)
    )
    found = [_plan(row) for row in session.execute(query).mappings()]
    pairs = ((entry, edition(session, entry.key)) for entry in found)
    return [(entry, planned) for entry, planned in pairs if planned is not None]


def finish_plan(session: Session, key: EditionKey, *, at: datetime) -> None:
    """Note that the edition of a plan is published."""
    changed(session, plans, asdict(key), _plain({"finished_at": at}))


def edition(session: Session, key: EditionKey) -> Edition | None:
    """Return one edition."""
    row = first(session, editions, **asdict(key))
    return _edition(row) if row else None


def edition_by_identifier(session: Session, identifier: str) -> Edition | None:
    """Return the edition of that identifier."""
    row = session.execute(_BY_IDENTIFIER, {"wanted": identifier}).mappings().first()
    return _edition(row) if row else None


def published_since(session: Session, since: datetime | None) -> list[str]:
    """Return the identifiers of editions published since then, or ever; oldest first."""
    query = (
        select(editions.c.identifier)
        .where(editions.c.published_at.is_not(None))
        .order_by(editions.c.published_at, editions.c.identifier)
    )
    if since is not None:
        query = query.where(editions.c.published_at >= since.isoformat())
    return list(session.scalars(query))


def edition_chain(session: Session, issuer_code: str, serial: str) -> list[Edition]:
    """Return all editions of one licence, first to last."""
    query = (
        select(editions)
        .where(editions.c.issuer_code == issuer_code, editions.c.serial == serial)
        .order_by(editions.c.version)
    )
    return [_edition(row) for row in session.execute(query).mappings()]


def newest_editions_of(session: Session, kind: str, holder_index: bytes) -> list[Edition]:
    """Return the newest published edition of each licence of `kind` that a holder has."""
    newest = (
        select(editions.c.issuer_code, editions.c.serial, func.max(editions.c.version))
        .join(
            edition_holders,
            (edition_holders.c.issuer_code == editions.c.issuer_code)
            & (edition_holders.c.serial == editions.c.serial)
            & (edition_holders.c.version == editions.c.version),
        )
        .where(
            edition_holders.c.holder_index == holder_index,
            editions.c.kind == kind,
            editions.c.published_at.is_not(None),
        )
        .group_by(editions.c.issuer_code, editions.c.serial)
    )
    key = tuple_(editions.c.issuer_code, editions.c.serial, editions.c.version)
    query = select(editions).where(key.in_(newest)).order_by(editions.c.published_at)
    return [_edition(row) for row in session.execute(query).mappings()]


def set_edition(session: Session, found: Edition, state: EditionState, **changes: Any) -> bool:
    """Change an edition that is still in the state it was found in."""
    wanted = asdict(found.key) | {"state": found.state.value}
    return changed(session, editions, wanted, _plain({"state": state} | changes))


def add_event(session: Session, key: EditionKey, event: EditionEvent) -> None:
    """Store a step in the life of an edition."""
    add(session, edition_events, asdict(key) | _plain(asdict(event)))


def events(session: Session, key: EditionKey) -> list[EditionEvent]:
    """Return the life of an edition, first step first."""
    rows = session.execute(_EVENTS, asdict(key)).mappings()
    names = EditionEvent.__slots__
    return [EditionEvent(**{n: v for n, v in _read(row).items() if n in names}) for row in rows]


def count_events(session: Session, key: EditionKey) -> int:
    """Return how many steps the life of an edition has so far."""
    return session.execute(_EVENT_COUNT, asdict(key)).scalar_one()


def unlogged_events(
    session: Session, steps: tuple[str, ...]
) -> list[tuple[EditionKey, EditionEvent]]:
    """Return steps of these names without a log entry, each licence's in their order."""
    key = ("issuer_code", "serial", "version")
    query = (
        select(edition_events)
        .where(edition_events.c.step.in_(steps), edition_events.c.log_index.is_(None))
        .order_by(*key, "sequence")
    )
    names = EditionEvent.__slots__
    return [
        (
            EditionKey(*(row[name] for name in key)),
            EditionEvent(**{n: v for n, v in _read(row).items() if n in names}),
        )
        for row in session.execute(query).mappings()
    ]


def set_event_index(session: Session, key: EditionKey, sequence: int, index: int) -> None:
    """Note where the log has a step."""
    session.execute(
        update(edition_events)
        .where(_is(edition_events, key), edition_events.c.sequence == sequence)
        .values(log_index=index)
    )


def logged_change_indexes(session: Session) -> frozenset[int]:
    """Return the places in the log of all steps that have an entry of their own."""
    query = select(edition_events.c.log_index).where(edition_events.c.log_index.is_not(None))
    return frozenset(session.execute(query).scalars())


def add_holders(session: Session, key: EditionKey, indexes: Iterable[bytes]) -> None:
    """Store the keyed digests by which an edition's holders are found."""
    rows = [
        asdict(key) | {"position": position, "holder_index": index}
        for position, index in enumerate(indexes)
    ]
    session.execute(insert(edition_holders), rows)


def holder_indexes(session: Session, key: EditionKey) -> list[bytes]:
    """Return the keyed digests of an edition's holders."""
    return list(session.execute(_HOLDERS, asdict(key)).scalars())


def take_number(session: Session, issuer_code: str, index: bytes, serial: str) -> bool:
    """Reserve a licence number for a licence; False when another one has it."""
    row = first(session, numbers, issuer_code=issuer_code, number_index=index)
    if row is not None:
        return bool(row["serial"] == serial)
    members = {"issuer_code": issuer_code, "number_index": index, "serial": serial}
    return added(session, numbers, members)


def free_numbers(session: Session, issuer_code: str, serial: str, *, but: bytes = b"") -> None:
    """Free the numbers of a licence, all or all but one."""
    session.execute(_OTHER_NUMBERS, {"issuer": issuer_code, "of": serial, "but": but})


def add_files(session: Session, key: EditionKey, files: Iterable[StoredFile]) -> None:
    """Store where the files of an edition are."""
    session.execute(insert(edition_files), [asdict(key) | asdict(file) for file in files])


def files(session: Session, key: EditionKey) -> dict[str, StoredFile]:
    """Return the files of an edition by form."""
    rows = session.execute(_FILES, asdict(key)).mappings()
    names = StoredFile.__slots__
    found = (StoredFile(**{name: row[name] for name in names}) for row in rows)
    return {file.form: file for file in found}


def is_opening_erased(session: Session, key: EditionKey) -> bool:
    """Whether the salt of an edition's log entry was destroyed."""
    query = select(plans.c.sealed_salt).where(_is(plans, key))
    return session.execute(query).scalar() == NO_SALT


def _is(table: Any, key: EditionKey) -> ColumnElement[bool]:
    columns = table.c
    return and_(
        columns.issuer_code == key.issuer_code,
        columns.serial == key.serial,
        columns.version == key.version,
    )


def _plain(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _stored(value) for name, value in members.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _read(row: RowMapping) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if value and name in _TIMES else value
        for name, value in row.items()
    }


def _application(row: RowMapping) -> Application:
    members = _read(row)
    return Application(**members | {"state": ApplicationState(members["state"])})


def _edition(row: RowMapping) -> Edition:
    members = _read(row)
    return Edition(**members | {"state": EditionState(members["state"])})


def _plan(row: RowMapping) -> Plan:
    members = _read(row)
    key = EditionKey(*(members.pop(name) for name in EditionKey.__slots__))
    return Plan(key=key, **members)
