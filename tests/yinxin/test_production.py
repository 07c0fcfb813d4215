"""Production refuses what development leaves behind; migrations make the tables we use."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from ca.errors import DevelopmentKeyError
from ca.keystore import FileKeystore
from issuance import repository
from yinxin.context import open_context
from yinxin.db import MIGRATIONS, Database, sqlite_url
from yinxin.settings import PROJECT, Settings, SettingsError
from yinxin.tables import METADATA


@pytest.mark.parametrize(
    ("left", "named"),
    [
        ({"demonstration": True}, "YINXIN_DEMONSTRATION"),
        ({"vault_key_file": None}, "YINXIN_VAULT_KEY_FILE"),
        ({"keystore": "files"}, "YINXIN_KEYSTORE"),
        ({"keystore": "sealed"}, "YINXIN_KEYSTORE_FILE"),
        ({"keystore": "pkcs11"}, "YINXIN_PKCS11_CONFIGURATION"),
        ({"public_url": "http://licences.example"}, "YINXIN_PUBLIC_URL"),
        ({"time_servers": ()}, "YINXIN_TIME_SERVERS"),
    ],
)
def test_a_setting_left_from_development_is_named(tmp_path, left, named):
    ready = {
        "environment": "production",
        "data_directory": tmp_path,
        "vault_key_file": tmp_path / "vault.key",
        "keystore": "unix:/run/yinxin/signer",
        "public_url": "https://licences.example",
        "time_servers": ("time.example",),
    }
    with pytest.raises(SettingsError, match=named):
        open_context(Settings(**(ready | left)))


def test_production_takes_no_key_marked_for_development():
    with pytest.raises(DevelopmentKeyError):
        FileKeystore(PROJECT / "keys_dev" / "650000", production=True).signer("root")


def test_migrations_make_exactly_the_tables_we_use(tmp_path):
    database = Database(sqlite_url(tmp_path / "migrated.db"))
    database.upgrade()
    database.close()
    engine = create_engine(database.url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, list(METADATA)) == []
    engine.dispose()


def test_a_database_of_the_first_release_keeps_its_rows(tmp_path):
    database = Database(sqlite_url(tmp_path / "old.db"))
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    columns = ("issuer_code id kind state sealed_data holders_masked idempotency_key").split()
    columns += ["request_index", "submitted_by", "submitted_at"]
    values = ("11650000PRJ000654L", "A1", "business_licence", "submitted", b"", "张*", "key-1")
    values += (b"", "market-clerk", "2026-11-23T00:00:00+00:00")
    with database._writer.connect() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        marks = ",".join("?" * len(columns))
        sentence = f"insert into applications ({','.join(columns)}) values ({marks})"
        connection.exec_driver_sql(sentence, values)
        connection.commit()
    database.upgrade()
    with database.reading() as session:
        found = repository.application(session, "11650000PRJ000654L", "A1")
    database.close()
    assert (found.reason_code, found.replaces) == ("01", None)
