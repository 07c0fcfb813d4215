"""Background work goes on after a failure and ends when told."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from ca.errors import DevelopmentKeyError
from mutual_recognition.errors import TrustListError
from sealkit.errors import MalformedError
from yinxin.freshness import Freshness

FAILURES = [
    OSError("disk"),
    ValueError("state"),
    MalformedError("x"),
    TrustListError("x"),
    DevelopmentKeyError("x"),
    OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked")),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_failure_does_not_end_the_work(failure):
    calls, twice = [], threading.Event()

    def work():
        calls.append(1)
        if len(calls) == 1:
            raise failure
        twice.set()

    freshness = Freshness(work, timedelta(milliseconds=1))
    freshness.start()
    assert twice.wait(30)
    freshness.stop()


def test_stopping_waits_for_work_under_way():
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work():
        begun.set()
        go_on.wait(30)
        done.set()

    freshness = Freshness(work, timedelta(milliseconds=1))
    freshness.start()
    assert begun.wait(30)
    stopper = threading.Thread(target=freshness.stop)
    stopper.start()
    assert not done.is_set()
    assert stopper.is_alive()
    go_on.set()
    stopper.join(30)
    assert done.is_set()


def test_what_never_started_stops():
    Freshness(lambda: None, timedelta(seconds=1)).stop()
