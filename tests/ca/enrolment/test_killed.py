"""kill -9 between approval and certificate: continued, one certificate, one kept key for each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from ca.enrolment import issuing
from ca.enrolment import repository as enrolments
from ca.enrolment.model import EnrolmentKey
from ca.enrolment.tables import enrolments as rows
from ca.escrow import repository as escrow
from ca.escrow.tables import escrowed_keys
from ca.keystore import FileKeystore
from ca.tables import certificates
from sealkit.asn1.enveloped_key import open_envelope, parse_enveloped_key
from sealkit.asn1.x509 import parse_certificate
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.enrolment.killing import AT, ROOT, services_of
from tests.ca.enrolment.office import OPERATOR
from yinxin.audit import find_fault
from yinxin.db import Database, sqlite_url

TIMES, SEED = 60, 20261123
PROGRAM = Path(__file__).with_name("killing.py")


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return the database that survived and was continued once more, and what was said."""
    url = sqlite_url(tmp_path_factory.mktemp("killed") / "ca.db")
    database = Database(url)
    database.upgrade()
    done = subprocess.run(
        [sys.executable, str(PROGRAM), url, str(TIMES), str(SEED)],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    services = services_of(FileKeystore(ROOT / "keys_dev" / "650000"))
    with database.writing() as session:
        issuing.resume(session, services, at=AT)
    yield database, json.loads(done.stdout)
    database.close()


def words(said, kind):
    return {entry[1]: entry[2:] for entry in said if entry[0] == kind}


def test_work_was_done_cut_short_and_continued(killed):
    _database, said = killed
    assert len(words(said, "issued")) > TIMES / 4
    assert words(said, "resumed")
    assert all(waits is None for (waits,) in words(said, "resumed").values())


def test_every_approved_enrolment_is_issued_once_for_its_own_key(killed):
    database, said = killed
    keys = words(said, "submitted")
    with database.reading() as session:
        for number in words(said, "approved"):
            found = enrolments.find(session, EnrolmentKey("sub_ca", number))
            assert found.state == "issued"
            der = issuing.certificate_of(session, found.key, person=OPERATOR)
            key = SM2PrivateKey(bytes.fromhex(keys[number][0]))
            assert parse_certificate(der).spki == key.public_key.spki
            kept = escrow.key_of_pair(session, "sub_ca", found.serial)
            encryption, _envelope = issuing.encryption_of(session, found.key, person=OPERATOR)
            pair = open_envelope(parse_enveloped_key(kept.envelope), key)
            assert parse_certificate(encryption).spki == pair.public_key.spki


def test_what_was_handed_out_is_what_the_register_has(killed):
    database, said = killed
    with database.reading() as session:
        for number, (der,) in words(said, "issued").items():
            key = EnrolmentKey("sub_ca", number)
            assert issuing.certificate_of(session, key, person=OPERATOR).hex() == der


def test_there_is_no_plan_no_key_and_no_certificate_of_nobody(killed):
    database, _said = killed
    with database.reading() as session:
        issued = session.execute(select(rows.c.serial).where(rows.c.state == "issued")).scalars()
        signing = set(issued)
        kept = set(session.execute(select(escrowed_keys.c.signing_serial)).scalars())
        encryption = set(session.execute(select(escrowed_keys.c.serial)).scalars())
        registered = session.execute(select(certificates.c.serial, certificates.c.certificate))
        found = {serial: certificate for serial, certificate in registered}
        assert find_fault(session) is None
    assert kept == signing
    assert found.keys() == signing | encryption
    assert all(found.values())
