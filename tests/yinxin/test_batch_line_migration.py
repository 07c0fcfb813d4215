"""Applications that were lines of a batch before they said so are known as such afterwards."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from yinxin.db import MIGRATIONS, sqlite_url

BATCH = "B0123456789abcdef01234567"
APPLICATION = {
    "issuer_code": "11650000PRJ000654L",
    "kind": "business_licence",
    "state": "submitted",
    "sealed_data": b"",
    "holders_masked": "张*",
    "request_index": b"",
    "submitted_by": "market-clerk",
    "submitted_at": "2026-11-23T00:00:00+00:00",
}
STORED = {
    "issuer_code": "11650000PRJ000654L",
    "id": BATCH,
    "state": "checked",
    "kind": "business_licence",
    "form": "csv",
    "idempotency_key": "key-of-the-batch",
    "content_index": b"",
    "parts": 1,
    "submitted_by": "market-clerk",
    "submitted_at": "2026-11-23T00:00:00+00:00",
    "advanced_at": "2026-11-23T00:00:00+00:00",
    "last_line": 1,
    "refused": 0,
    "ready": 1,
    "minted": 0,
    "failed": 0,
}


def add(connection, table, members):
    marks = ",".join("?" * len(members))
    connection.exec_driver_sql(
        f"insert into {table} ({','.join(members)}) values ({marks})", tuple(members.values())
    )


def test_lines_know_their_batch_and_others_have_none(tmp_path):
    engine = create_engine(sqlite_url(tmp_path / "old.db"))
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0021")
        add(connection, "batches", STORED)
        keys = {"A1": f"{BATCH}:12", "A2": "console-0123456789abcdef01", "A3": f"C{BATCH[1:]}:1"}
        for name, key in keys.items():
            add(connection, "applications", APPLICATION | {"id": name, "idempotency_key": key})
        command.upgrade(configuration, "0022")
        found = connection.exec_driver_sql("select id, batch_id from applications order by id")
        assert found.all() == [("A1", BATCH), ("A2", None), ("A3", None)]
        command.downgrade(configuration, "0021")
        command.upgrade(configuration, "0022")
    engine.dispose()
