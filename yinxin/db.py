"""The database: one engine to write, one to read, and the migrations that make it.

One transaction writes at a time, and a reading one sees the database as it was at its start,
on SQLite and on PostgreSQL alike: numbers, chains of records and log leaves are read and
continued without a thought for who else might. SQLite runs in WAL with full synchronisation;
a writing transaction takes the write lock at its start (BEGIN IMMEDIATE), so that it never
fails half way for want of it. PostgreSQL is given the same by an advisory lock that ends with
the transaction (docs/adr/0019-one-writer-on-postgresql.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MILLISECONDS = 10_000
_WRITER_LOCK = 0x59696E78696E  # "Yinxin"; any number that nobody else locks in our database
_POOL = {"pool_size": 10, "max_overflow": 30}


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
    if make_url(url).get_backend_name() == "postgresql":
        return _postgresql_engine(url, writes=lock == "IMMEDIATE")
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, lock)
    return engine


def _postgresql_engine(url: str, *, writes: bool) -> Engine:
    if not writes:
        # What a second statement reads must be of the same moment as the first.
        return create_engine(
            url,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            **_POOL,
        )
    engine = create_engine(url, **_POOL)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # In READ COMMITTED every later statement sees what the writer before us committed.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

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
            # What is erased on legal ground is overwritten; Debian's build does so unasked.
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(f"BEGIN {lock}")
