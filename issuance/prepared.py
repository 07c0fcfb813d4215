"""Statements on one table, put together once and run many times.

SQLAlchemy spends five times as long on putting a statement together as SQLite on running it.
What a licence is minted with, some eighty statements, is asked in these few forms: each is
built for a table and the names of its columns, and kept.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, RowMapping, Select, Table, Update, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

Names = tuple[str, ...]


def first(session: Session, table: Table, **wanted: Any) -> RowMapping | None:
    """Return a row whose columns have these values, None when there is none."""
    return session.execute(_selecting(table, tuple(wanted)), wanted).mappings().first()


def add(session: Session, table: Table, members: Mapping[str, Any]) -> None:
    """Store a row.

    Raises:
        IntegrityError: if a unique key is taken.
    """
    session.execute(_inserting(table), members)


def added(session: Session, table: Table, members: Mapping[str, Any]) -> bool:
    """Store a row; False when one of its unique keys was taken."""
    try:
        with session.begin_nested():
            add(session, table, members)
    except IntegrityError:
        return False
    return True


def changed(
    session: Session, table: Table, wanted: Mapping[str, Any], changes: Mapping[str, Any]
) -> bool:
    """Change the rows whose columns have the wanted values; False when there is none.

    `changes` are values, never expressions on columns.
    """
    statement = _updating(table, tuple(wanted), tuple(changes))
    asked = {_asked(name): value for name, value in wanted.items()}
    return session.execute(statement, asked | dict(changes)).first() is not None


@lru_cache(maxsize=256)
def _selecting(table: Table, names: Names) -> Select[Any]:
    return select(table).where(*(table.c[name] == bindparam(name) for name in names))


@lru_cache(maxsize=64)
def _inserting(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=256)
def _updating(table: Table, wanted: Names, changes: Names) -> Update:
    return (
        update(table)
        .where(*(table.c[name] == bindparam(_asked(name)) for name in wanted))
        .values({name: bindparam(name) for name in changes})
        .returning(table.c[wanted[0]])
    )


def _asked(name: str) -> str:
    """Return the parameter of a column in a condition; SQLAlchemy keeps its name for the value."""
    return f"asked_{name}"
