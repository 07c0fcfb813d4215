"""Development keys, a database in memory, and the OpenSSL command as the other judge."""

import shutil
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from ca import tables
from ca.keystore import FileKeystore
from sealkit.asn1.x509 import to_pem

KEYS = Path(__file__).parents[2] / "keys_dev" / "650000"
SIGNER_ID = "1234567812345678"


@pytest.fixture(scope="session")
def at():
    return datetime(2026, 11, 23, 8, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture(scope="session")
def keystore():
    return FileKeystore(KEYS)


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'ca.sqlite'}")
    tables.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine):
    with Session(engine) as session:
        yield session


@pytest.fixture
def writing(engine):
    """What opens a transaction that is committed at its end."""

    @contextmanager
    def opened():
        with Session(engine) as session:
            yield session
            session.commit()

    return opened


class OpenSSL:
    """The `openssl` command in a directory of its own."""

    def __init__(self, directory):
        self._directory = directory

    def file(self, name, content):
        path = self._directory / name
        path.write_bytes(content)
        return str(path)

    def run(self, *arguments):
        return subprocess.run(
            ["openssl", *arguments], capture_output=True, text=True, check=False, timeout=60
        )

    def verifies_link(self, certificate, issuer, *, sm2=True):
        """Tell whether the issuer's key signed the certificate; one link, with the SM2 ID set."""
        done = self.run(
            "verify",
            *(("-vfyopt", f"distid:{SIGNER_ID}") if sm2 else ()),
            "-partial_chain",
            *("-trusted", self.file("issuer.pem", to_pem(issuer, "CERTIFICATE"))),
            self.file("subject.pem", to_pem(certificate, "CERTIFICATE")),
        )
        return done.returncode == 0 and done.stdout.strip().endswith(": OK")

    def verifies_raw(self, tbs, signature_der, spki):
        """Tell whether the key signed these very bytes."""
        done = self.run(
            *("dgst", "-sm3", "-sigopt", f"distid:{SIGNER_ID}"),
            *("-verify", self.file("key.pem", to_pem(spki, "PUBLIC KEY"))),
            *("-signature", self.file("signature", signature_der), self.file("tbs", tbs)),
        )
        return done.stdout.strip() == "Verified OK"


@pytest.fixture
def openssl(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    return OpenSSL(tmp_path)
