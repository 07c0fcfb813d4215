"""The database: one engine to write, one to read, and the migrations that make it.

SQLite runs in WAL with full synchronisation. A writing transaction takes the write lock
at its start (BEGIN IMMEDIATE), so that it never fails half way for want of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MILLISECONDS = 10_000


class Database:
    """Sessions on one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._writer = _engine(url, "IMMEDIATE")
        self._reader = _engine(url, "DEFERRED")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that may write; commit at the end, roll back on an error."""
        with Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads; nothing it does is kept."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session
            session.rollback()

    def upgrade(self) -> None:
        """Bring the tables to the newest migration."""
        configuration = Config()
        configuration.set_main_option("script_location", str(MIGRATIONS))
        with self._writer.connect() as connection:
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")
            connection.commit()

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()


def sqlite_url(file: Path) -> str:
    """Return the address of a SQLite database in `file`, whose directory is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{file.resolve()}"


def _engine(url: str, lock: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, lock)
    return engine


def _prepare_sqlite(engine: Engine, lock: str) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions of its own; `begin` below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(f"BEGIN {lock}")
