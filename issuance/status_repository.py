"""Queries on status slots. Nothing here commits."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, insert, literal_column, select, update
from sqlalchemy.orm import Session

from issuance.prepared import added
from issuance.tables import status_changes, status_lists, status_slots

_OF_LIST: Final = (
    status_slots.c.issuer_code == bindparam("issuer"),
    status_slots.c.list_number == bindparam("number"),
)
_ANY_SLOT: Final = select(status_slots.c.slot).where(*_OF_LIST).limit(1)
_OTHER_THAN_ACTIVE: Final = select(status_slots.c.slot, status_slots.c.value).where(
    # Written out: the index of slots that ended fits no parameter.
    *_OF_LIST,
    status_slots.c.value != literal_column("0"),
)
_NEWEST_LIST: Final = (
    select(status_lists.c.list_number, status_lists.c.given_out)
    .where(status_lists.c.issuer_code == bindparam("issuer"))
    .order_by(status_lists.c.list_number.desc())
    .limit(1)
)
_ONE_MORE_GIVEN_OUT: Final = (
    update(status_lists)
    .where(
        status_lists.c.issuer_code == bindparam("issuer"),
        status_lists.c.list_number == bindparam("number"),
    )
    .values(given_out=status_lists.c.given_out + 1)
)
_SAYS_NOW: Final = (
    update(status_slots)
    .where(
        *_OF_LIST,
        status_slots.c.slot == bindparam("place"),
        status_slots.c.value != bindparam("says"),
    )
    .values(value=bindparam("says"), changed_at=bindparam("at"))
    .returning(status_slots.c.slot)
)
_VERSION: Final = select(func.max(status_changes.c.version)).where(
    status_changes.c.issuer_code == bindparam("issuer"),
    status_changes.c.list_number == bindparam("number"),
)


def newest_list(session: Session, issuer_code: str) -> tuple[int, int]:
    """Return the number of an issuer's newest list, and how many slots it has given out.

    (0, 0) before there is one.
    """
    row = session.execute(_NEWEST_LIST, {"issuer": issuer_code}).first()
    return (row[0], row[1]) if row else (0, 0)


def begin_list(session: Session, issuer_code: str, list_number: int, *, at: datetime) -> None:
    """Note that every change of a new list is kept from `at` on."""
    session.execute(
        insert(status_lists).values(
            issuer_code=issuer_code,
            list_number=list_number,
            complete_from=at.isoformat(),
            given_out=0,
        )
    )


def take_slot(
    session: Session, issuer_code: str, list_number: int, slot: int, *, at: datetime
) -> bool:
    """Reserve a slot of a list that was begun; False when it was given out before."""
    row = {"issuer_code": issuer_code, "list_number": list_number, "slot": slot}
    if not added(session, status_slots, row | {"value": 0, "changed_at": at.isoformat()}):
        return False
    session.execute(_ONE_MORE_GIVEN_OUT, {"issuer": issuer_code, "number": list_number})
    return True


def set_slot(
    session: Session, issuer_code: str, list_number: int, slot: int, value: int, *, at: datetime
) -> None:
    """Set what a slot says; a change is kept under the list's next version."""
    members = {"issuer": issuer_code, "number": list_number, "place": slot, "says": value}
    if session.execute(_SAYS_NOW, members | {"at": at.isoformat()}).first() is None:
        return
    session.execute(
        insert(status_changes).values(
            issuer_code=issuer_code,
            list_number=list_number,
            version=version(session, issuer_code, list_number) + 1,
            slot=slot,
            value=value,
            changed_at=at.isoformat(),
        )
    )


def version(session: Session, issuer_code: str, list_number: int) -> int:
    """Return how many changes a list has seen."""
    wanted = {"issuer": issuer_code, "number": list_number}
    return session.execute(_VERSION, wanted).scalar() or 0


def version_before(
    session: Session, issuer_code: str, list_number: int, instant: datetime
) -> int | None:
    """Return the version that a list had just before `instant`, in UTC.

    None where that cannot be told: the list did not exist, or its changes were not kept yet.
    """
    complete_from = session.execute(
        select(status_lists.c.complete_from).filter_by(
            issuer_code=issuer_code, list_number=list_number
        )
    ).scalar()
    if complete_from is None or complete_from >= instant.isoformat():
        return None
    query = select(func.max(status_changes.c.version)).where(
        status_changes.c.issuer_code == issuer_code,
        status_changes.c.list_number == list_number,
        status_changes.c.changed_at < instant.isoformat(),
    )
    return session.execute(query).scalar() or 0


def states_before(
    session: Session, issuer_code: str, list_number: int, instant: datetime
) -> dict[int, int]:
    """Return the last value of each slot changed before `instant`, in UTC.

    By the time of the changes and not by their versions: a chunk that began before midnight may
    commit behind a request that began after it.
    """
    query = (
        select(status_changes.c.slot, status_changes.c.value)
        .where(
            status_changes.c.issuer_code == issuer_code,
            status_changes.c.list_number == list_number,
            status_changes.c.changed_at < instant.isoformat(),
        )
        .order_by(status_changes.c.version)
    )
    return {slot: value for slot, value in session.execute(query)}


def changes_between(
    session: Session, issuer_code: str, list_number: int, start: int, end: int
) -> dict[int, int]:
    """Return the last value of each slot changed after version `start`, up to version `end`."""
    query = (
        select(status_changes.c.slot, status_changes.c.value)
        .where(
            status_changes.c.issuer_code == issuer_code,
            status_changes.c.list_number == list_number,
            status_changes.c.version > start,
            status_changes.c.version <= end,
        )
        .order_by(status_changes.c.version)
    )
    return {slot: value for slot, value in session.execute(query)}


def slot_value(session: Session, issuer_code: str, list_number: int, slot: int) -> int | None:
    """Return what a slot says, None when it was never given out."""
    query = select(status_slots.c.value).filter_by(
        issuer_code=issuer_code, list_number=list_number, slot=slot
    )
    return session.execute(query).scalar()


def other_than_active(session: Session, issuer_code: str, list_number: int) -> dict[int, int]:
    """Return the slots of a list that say anything but 0."""
    wanted = {"issuer": issuer_code, "number": list_number}
    return {slot: value for slot, value in session.execute(_OTHER_THAN_ACTIVE, wanted)}


def has_list(session: Session, issuer_code: str, list_number: int) -> bool:
    """Return whether a list has given out a slot."""
    wanted = {"issuer": issuer_code, "number": list_number}
    return session.execute(_ANY_SLOT, wanted).first() is not None


def lists(session: Session) -> list[tuple[str, int]]:
    """Return every list as issuer and number."""
    query = select(status_lists.c.issuer_code, status_lists.c.list_number).order_by(
        status_lists.c.issuer_code, status_lists.c.list_number
    )
    return [(issuer, number) for issuer, number in session.execute(query)]
