"""`yinxin verify`, `demo` and `audit verify` as an operator runs them."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import update

from issuance.tables import status_slots
from yinxin.audit import audit_records, find_fault
from yinxin.db import Database, sqlite_url
from yinxin.key_uses import directory_of, record_head

LATER = "2027-06-01T00:00:00+08:00"
FINDING = {"code", "severity", "zh", "en"}


def yinxin(*arguments, **environment):
    command = [sys.executable, "-m", "yinxin.cli", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | environment
    )


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory):
    out = tmp_path_factory.mktemp("demonstration")
    done = yinxin("demo", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def verified(demonstration, *arguments):
    return yinxin("verify", "--trust", demonstration / "trust", "--json", *arguments)


def test_the_demonstration_leaves_what_it_promises(demonstration):
    kinds = ("business_licence", "real_estate_certificate", "marriage_certificate")
    forms = ("ofd", "pdf", "code.txt", "code.png")
    expected = [f"{kind}.{form}" for kind in kinds for form in forms]
    expected += ["seal.esl", "report.json", "trust/root.pem", "trust/chain.pem", "trust/crl.der"]
    assert [name for name in expected if not (demonstration / name).is_file()] == []


def test_every_form_is_valid_and_answers_one_line_each(demonstration):
    files = sorted(demonstration.glob("marriage_certificate.*"))
    done = verified(demonstration, *files)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout
    assert [answer["file"] for answer in answers] == [str(file) for file in files]
    for answer in answers:
        assert {"file", "verdict", "findings", "unchecked", "at"} <= answer.keys()
        assert all(finding.keys() >= FINDING for finding in answer["findings"])


def test_a_text_file_may_end_in_a_line_break(demonstration, tmp_path):
    text = tmp_path / "code.txt"
    text.write_bytes((demonstration / "marriage_certificate.code.txt").read_bytes() + b"\n")
    assert verified(demonstration, text).returncode == 0


def test_the_worst_of_several_files_is_the_answer(demonstration, tmp_path):
    good = demonstration / "marriage_certificate.ofd"
    bad = demonstration / "tampered" / "page-byte.ofd"
    missing = tmp_path / "missing.ofd"
    assert verified(demonstration, bad).returncode == 1
    assert verified(demonstration, good, missing).returncode == 2
    assert verified(demonstration, missing, tmp_path, bad, good).returncode == 1
    assert verified(demonstration, tmp_path).returncode == 2
    assert verified(demonstration, "1.2.156.3003.2.not").returncode in (1, 2)
    assert yinxin("verify", good).returncode == 2


@pytest.mark.parametrize(("at", "code"), [("2026-01-02", 1), (LATER, 2), ("soon", 64)])
def test_the_time_to_judge_at_can_be_chosen(demonstration, at, code):
    good = demonstration / "marriage_certificate.ofd"
    assert verified(demonstration, "--at", at, good).returncode == code


def test_a_trust_directory_without_a_root_is_wrong_usage(demonstration, tmp_path):
    good = demonstration / "marriage_certificate.ofd"
    assert yinxin("verify", "--trust", tmp_path, good).returncode == 64


def test_the_audit_chain_holds_until_a_row_is_changed(home, company, tmp_path):
    home.mint(company)
    with home.context.database.reading() as session:
        assert find_fault(session) is None
    copy = Database(sqlite_url(tmp_path / "copy.db"))
    copy.upgrade()
    with home.context.database.reading() as source, copy.writing() as session:
        rows = [dict(row) for row in source.execute(audit_records.select()).mappings()]
        session.execute(audit_records.insert(), rows)
    copy.close()
    data = {"YINXIN_DATABASE_URL": copy.url, "YINXIN_DATA_DIRECTORY": str(tmp_path)}
    held = yinxin("audit", "verify", **data)
    assert held.returncode == 0, held.stdout + held.stderr
    with copy.writing() as session:
        session.execute(
            update(audit_records).where(audit_records.c.sequence == 3).values(actor="nobody")
        )
    broken = yinxin("audit", "verify", **data)
    copy.close()
    assert broken.returncode == 1
    assert "audit record 3: changed" in broken.stdout


def test_the_log_of_key_uses_holds_until_a_line_is_changed_or_its_end_is_gone(
    home, company, tmp_path
):
    home.mint(company)
    context = home.context
    with context.database.writing() as session:
        record_head(session, context.keystore, at=context.now())
    data = {
        "YINXIN_DATABASE_URL": context.database.url,
        "YINXIN_DATA_DIRECTORY": str(tmp_path),
    }
    shutil.copytree(directory_of(context.settings.data_directory), directory_of(tmp_path))
    (file,) = directory_of(tmp_path).glob("*.log")
    uses = {json.loads(line)["purpose"] for line in file.read_text().splitlines()}
    assert {"seal_use", "pdf", "code", "timestamp", "log"} <= uses
    whole = file.read_bytes()
    assert yinxin("audit", "verify", **data).returncode == 0
    file.write_bytes(whole.replace(b'"key":"code_signer"', b'"key":"pdf_signer"', 1))
    changed = yinxin("audit", "verify", **data)
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:-3]))
    cut_off = yinxin("audit", "verify", **data)
    assert (changed.returncode, cut_off.returncode) == (1, 1)
    assert ": changed" in changed.stdout
    assert ": cut_off" in cut_off.stdout


def test_the_doctor_finds_nothing_and_then_what_was_done_to_the_data(home, company, tmp_path):
    made = home.mint(company)
    context = home.context
    with (
        closing(sqlite3.connect(context.settings.data_directory / "yinxin.db")) as source,
        closing(sqlite3.connect(tmp_path / "yinxin.db")) as target,
    ):
        source.backup(target)
    copy = Database(sqlite_url(tmp_path / "yinxin.db"))
    for name in ("files", "key_uses"):
        shutil.copytree(context.settings.data_directory / name, tmp_path / name)
    shutil.copy(context.settings.data_directory / "vault.key", tmp_path)
    data = {"YINXIN_DATA_DIRECTORY": str(tmp_path), "YINXIN_PUBLIC_URL": home.address}
    sound = yinxin("doctor", "--deep", **data)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    with copy.writing() as session:
        session.execute(update(status_slots).values(value=2))
    copy.close()
    ill = yinxin("doctor", "--json", **data)
    assert ill.returncode == 1
    found = [json.loads(line) for line in ill.stdout.splitlines()]
    rules = {fault["rule"] for entry in found for fault in entry["faults"]}
    assert rules == {"slot.contradicts_state"}
    assert made["id"] in {f["subject"] for entry in found for f in entry["faults"]}


def test_the_doctor_has_nothing_to_say_where_there_is_no_database(tmp_path):
    assert yinxin("doctor", YINXIN_DATA_DIRECTORY=str(tmp_path)).returncode == 64
