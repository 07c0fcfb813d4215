"""Keys in this process: each use is a line, whoever writes, and the lines hold as one log."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ca.errors import PurposeError, UseLogError
from ca.keystore import FileKeystore, Purpose
from ca.keystores.recorded import RecordedKeystore, SharedUseLog
from ca.keystores.use_log import LogFault, find_fault
from sealkit.sm import sm3
from tests.ca.keystores.material import KEYS
from tests.ca.keystores.test_use_log import USE

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def lines(directory):
    return [
        json.loads(line)
        for file in sorted(directory.glob("*.log"))
        for line in file.read_text().splitlines()
    ]


@pytest.fixture
def log(tmp_path):
    opened = SharedUseLog(tmp_path / "uses")
    yield opened
    opened.close()


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "uses"


def test_each_signature_is_a_line_with_key_purpose_and_digest(log, directory):
    keystore = RecordedKeystore(FileKeystore(KEYS), log, lambda: AT)
    signature = keystore.signer("receipt").sign(b"an answer")
    (line,) = lines(directory)
    assert (line["key"], line["purpose"], line["outcome"]) == ("receipt", "receipt", "signed")
    assert line["message"] == sm3.digest(b"an answer").hex()
    assert (line["signature"], line["at"]) == (signature.hex(), AT.isoformat())
    assert (line["uid"], line["pid"]) == (os.getuid(), os.getpid())
    assert find_fault(directory, keystore.use_log_head()) is None


def test_what_a_key_is_not_for_is_neither_signed_nor_recorded(log, directory):
    keystore = RecordedKeystore(FileKeystore(KEYS), log, lambda: AT)
    with pytest.raises(PurposeError):
        keystore.signer("receipt", Purpose.CERTIFICATE)
    assert lines(directory) == []


def test_nothing_is_handed_on_that_could_not_be_recorded(log):
    signer = RecordedKeystore(FileKeystore(KEYS), log, lambda: AT).signer("receipt")
    log.close()
    with pytest.raises((UseLogError, ValueError)):
        signer.sign(b"an answer")


def test_several_writers_make_one_chain(log, directory):
    others = [log, SharedUseLog(directory), SharedUseLog(directory)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: others[number % 3].append(USE), range(300)))
    assert [line["sequence"] for line in lines(directory)] == list(range(1, 301))
    assert find_fault(directory) is None
    assert {other.head.sequence for other in others} == {300}


def test_processes_write_one_chain(log, directory):
    children = []
    for _ in range(3):
        child = os.fork()
        if not child:
            own = SharedUseLog(directory)
            for _ in range(40):
                own.append(USE)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    log.append(USE)
    assert [line["sequence"] for line in lines(directory)] == list(range(1, 122))
    assert find_fault(directory) is None


def test_months_continue_each_other_also_for_who_has_slept(log, directory):
    other = SharedUseLog(directory)
    for month in ("2026-11", "2026-12", "2026-12", "2027-01"):
        log.append(replace(USE, at=f"{month}-05T00:00:00+00:00"))
    other.append(replace(USE, at="2026-11-06T00:00:00+00:00"))  # its clock went back
    assert [file.name for file in sorted(directory.glob("*.log"))] == [
        "2026-11.log",
        "2026-12.log",
        "2027-01.log",
    ]
    assert [line["sequence"] for line in lines(directory)] == [1, 2, 3, 4, 5]
    assert find_fault(directory) is None


def test_a_month_that_was_begun_and_never_written_is_gone_on_with(log, directory):
    log.append(USE)
    (directory / "2026-12.log").touch()
    own = SharedUseLog(directory)
    own.append(replace(USE, at="2026-12-01T00:00:00+00:00"))
    log.append(replace(USE, at="2026-12-02T00:00:00+00:00"))
    assert [line["sequence"] for line in lines(directory)] == [1, 2, 3]
    assert find_fault(directory) is None


def test_a_line_torn_by_a_dead_process_is_taken_away(log, directory):
    log.append(USE)
    with (directory / "2026-11.log").open("ab") as file:
        file.write(b'{"at":"2026')
    log.append(USE)
    assert [line["sequence"] for line in lines(directory)] == [1, 2]
    assert find_fault(directory) is None


def test_a_log_that_ends_in_something_else_is_not_gone_on_with(log, directory):
    log.append(USE)
    with (directory / "2026-11.log").open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(UseLogError):
        log.append(USE)


@pytest.mark.parametrize("month", ["2026-11", "2026-12"])
def test_a_month_that_is_gone_is_named(log, directory, month):
    for at in ("2026-11", "2026-12", "2027-01"):
        log.append(replace(USE, at=f"{at}-05T00:00:00+00:00"))
    (directory / f"{month}.log").unlink()
    assert find_fault(directory) == LogFault(1 if month == "2026-11" else 2, "missing")


def test_a_cut_off_end_is_named_by_a_head_kept_elsewhere(log, directory):
    for _ in range(3):
        log.append(USE)
    head = log.head
    file = directory / "2026-11.log"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:2]))
    assert find_fault(directory) is None
    assert find_fault(directory, head) == LogFault(3, "cut_off")
