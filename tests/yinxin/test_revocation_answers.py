"""What the roof does for revocation: enrol, renew, sign ahead, also from the command line."""

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from ca import tables
from ca.revocation import Reason, revoke
from ca.revocation_answers import repository
from yinxin.audit import audit_records
from yinxin.cli import main
from yinxin.context import open_context
from yinxin.settings import Settings


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("revocation")


@pytest.fixture(scope="module")
def context(data):
    context = open_context(Settings(data_directory=data))
    context.revocation_renewal.stop()  # the tests do its work themselves
    yield context
    context.close()


def test_every_certificate_of_the_keystore_is_in_the_register(context):
    with context.database.reading() as session:
        rows = session.execute(
            select(tables.certificates.c.authority, tables.certificates.c.purpose)
        )
        found = [tuple(row) for row in rows]
    own = {"root", "ecdsa_root"}
    assert len(found) == len(set(context.keystore.names()) - own)
    assert ("root", "sub_ca") in found
    assert ("ecdsa_root", "pdf_signer_ecdsa") in found
    assert ("sub_ca", "seal_signer") in found


def test_answers_are_signed_at_the_start_and_recorded(context):
    with context.database.reading() as session:
        query = select(tables.certificates).where(tables.certificates.c.authority == "sub_ca")
        issued = len(session.execute(query).all())
        assert repository.count_answers(session, "sub_ca") == 4 * issued > 0
        acts = session.execute(select(audit_records.c.act)).scalars().all()
    assert "ocsp.presign" in acts
    assert context.revocation.presign() == 0


def test_lists_are_new_once_after_a_revocation(context):
    serial = context.keystore.certificate("token").serial
    assert not context.revocation.renew_lists(at=context.now())
    with context.database.writing() as session:
        revoke(session, ca_name="sub_ca", serial=serial, reason=Reason.SUPERSEDED, at=context.now())
    assert context.revocation.renew_lists(at=context.now())
    assert not context.revocation.renew_lists(at=context.now())
    assert context.revocation.presign() == 4


@pytest.mark.parametrize("command", ["presign", "lists"])
def test_command_works_beside_a_running_service(context, data, command):
    done = CliRunner().invoke(
        main, ["revocation", command], env={"YINXIN_DATA_DIRECTORY": str(data)}
    )
    assert done.exit_code == 0
    assert "✓" in done.stdout


def test_command_without_a_database_says_so(tmp_path):
    done = CliRunner().invoke(
        main, ["revocation", "presign"], env={"YINXIN_DATA_DIRECTORY": str(tmp_path)}
    )
    assert done.exit_code == 1
    assert "no database" in done.output
