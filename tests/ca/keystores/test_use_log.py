"""The log of uses: every change to it is found, and named by its line."""

import json
import os
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import UseLogError
from ca.keystores.use_log import Head, LogFault, Use, UseLog, find_fault, signed_uses

USE = Use(
    at="2026-11-23T09:00:00+00:00",
    uid=1000,
    pid=7,
    key="audit",
    purpose="audit",
    request="00" * 16,
    message="11" * 32,
    outcome="signed",
    signature="22" * 64,
)


@pytest.fixture
def file(tmp_path):
    """A log of five lines."""
    log = UseLog(tmp_path / "uses.log")
    for number in range(5):
        log.append(replace(USE, request=f"{number:032x}"))
    log.close()
    return tmp_path / "uses.log"


def rewrite(file, change):
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(change(lines)))


def test_a_log_as_it_was_written_holds(file):
    assert find_fault(file) is None


@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize(
    ("old", "new"), [(b"audit", b"token"), (b"1000", b"1001"), (b'"22', b'"23')]
)
def test_a_changed_line_is_named(file, number, old, new):
    def change(lines):
        lines[number - 1] = lines[number - 1].replace(old, new)
        return lines

    rewrite(file, change)
    assert find_fault(file) == LogFault(number, "changed")


@pytest.mark.parametrize("number", range(1, 5))
def test_a_missing_line_is_named(file, number):
    rewrite(file, lambda lines: lines[: number - 1] + lines[number:])
    assert find_fault(file) == LogFault(number, "missing")


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 5), (4, 5)])
def test_lines_in_another_order_are_named(file, first, second):
    def exchange(lines):
        lines[first - 1], lines[second - 1] = lines[second - 1], lines[first - 1]
        return lines

    rewrite(file, exchange)
    assert find_fault(file) == LogFault(first, "reordered")


def test_a_line_that_stands_twice_is_named(file):
    rewrite(file, lambda lines: [*lines[:3], lines[2], *lines[3:]])
    assert find_fault(file) == LogFault(4, "reordered")


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"nonsense\n", b'{"sequence":3}\n', b"[" * 5000])
def test_a_line_that_is_none_is_named(file, line):
    rewrite(file, lambda lines: [*lines[:2], line, *lines[2:]])
    assert find_fault(file) == LogFault(3, "unreadable")


def test_a_line_in_another_spelling_is_named(file):
    rewrite(
        file,
        lambda lines: [json.dumps(json.loads(lines[0])).encode() + b"\n", *lines[1:]],
    )
    assert find_fault(file) == LogFault(1, "unreadable")


def test_an_end_cut_off_is_seen_by_whoever_kept_a_head(file):
    log = UseLog(file)
    head = log.head
    log.close()
    assert find_fault(file, head) is None
    rewrite(file, lambda lines: lines[:3])
    assert find_fault(file) is None
    assert find_fault(file, head) == LogFault(4, "cut_off")


def test_a_log_written_anew_is_seen_by_whoever_kept_a_head(file, tmp_path):
    other = UseLog(tmp_path / "other.log")
    for _ in range(6):
        other.append(replace(USE, key="token"))
    other.close()
    assert find_fault(tmp_path / "other.log", Head(5, "00" * 32)) == LogFault(5, "changed")


def test_a_torn_last_line_is_taken_away_when_the_signer_starts(file):
    rewrite(file, lambda lines: [*lines, lines[-1][:40]])
    assert find_fault(file) == LogFault(6, "torn")
    log = UseLog(file)
    log.append(USE)
    log.close()
    assert find_fault(file) is None
    assert len(file.read_bytes().splitlines()) == 6


def test_a_log_that_does_not_hold_is_not_continued(file):
    rewrite(file, lambda lines: lines[:1] + lines[2:])
    with pytest.raises(UseLogError, match="line 2 of the log of uses is missing"):
        UseLog(file)


def test_two_processes_do_not_write_one_log(file):
    log = UseLog(file)
    with pytest.raises(UseLogError, match="another signer"):
        UseLog(file)
    log.close()


def test_many_threads_write_one_chain(file):
    log = UseLog(file)

    def write():
        for _ in range(20):
            log.append(USE)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.head.sequence == 125
    log.close()
    assert find_fault(file) is None


def test_a_line_is_on_the_disk_before_it_is_answered_for(file, monkeypatch):
    synced = []
    true = os.fsync
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(true(descriptor)))
    log = UseLog(file)
    log.append(USE)
    assert synced
    log.close()


def test_after_a_failure_nothing_more_is_written(file, monkeypatch):
    log = UseLog(file)

    def fails(_descriptor):
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(UseLogError):
        log.append(USE)
    monkeypatch.undo()
    with pytest.raises(UseLogError):
        log.append(USE)
    log.close()


def test_only_the_newest_signed_uses_are_remembered(file):
    log = UseLog(file)
    log.append(replace(USE, outcome="ca.key.purpose", signature=""))
    log.close()
    assert [use.request for use in signed_uses(file, 2)] == [f"{number:032x}" for number in (3, 4)]


def test_only_the_owner_reads_the_log(file):
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_log_is_an_error(tmp_path):
    with pytest.raises(UseLogError):
        find_fault(tmp_path / "nothing")
    with pytest.raises(UseLogError):
        UseLog(tmp_path / "no" / "directory")


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_log_with_a_fault_or_an_empty_one(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "uses.log"
    file.write_bytes(content)
    assert (find_fault(file) is None) == (content == b"")
