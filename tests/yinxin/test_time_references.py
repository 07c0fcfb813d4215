"""Time servers are asked over real datagrams; an answer that does not count is no reading."""

import socket
import struct
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinxin import time_references
from yinxin.time_references import (
    NoReadingError,
    TimeServer,
    first_reading,
    kernel_reading,
)

PACKET = struct.Struct("!BBBbII4sQQQQ")
SINCE_1900 = 2_208_988_800


def stamp(seconds):
    return int((seconds + SINCE_1900) * (1 << 32)) & ((1 << 64) - 1)


def honest(question, *, ahead=0.0, flags=0b00_100_100, stratum=2, echo=None):
    """Answer as a server whose clock is `ahead` of ours."""
    asked = PACKET.unpack(question)[10] if echo is None else echo
    now = stamp(time.time() + ahead)
    return PACKET.pack(flags, stratum, 0, -20, 0, 0, b"TEST", now, asked, now, now)


@contextmanager
def server(answer):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def serve():
            question, address = listening.recvfrom(512)
            reply = answer(question)
            if reply is not None:
                listening.sendto(reply, address)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield TimeServer("127.0.0.1", listening.getsockname()[1])
        thread.join(5)


@pytest.mark.parametrize("ahead", [0.0, 5.0, -5.0, 86_400.0])
def test_the_difference_to_a_server_is_measured(ahead):
    with server(lambda question: honest(question, ahead=ahead)) as asked:
        reading = asked()
    assert abs(reading - timedelta(seconds=-ahead)) < timedelta(seconds=0.5)


@pytest.mark.parametrize(
    "answer",
    [
        lambda question: honest(question, echo=1),
        lambda question: honest(question, stratum=0),
        lambda question: honest(question, stratum=16),
        lambda question: honest(question, flags=0b11_100_100),
        lambda question: honest(question, flags=0b00_100_011),
        lambda question: honest(question)[:40],
        lambda question: honest(question)[:40] + bytes(8),
        lambda _question: b"",
    ],
    ids=["forged", "kiss", "lost", "unsynchronised", "a client", "short", "no time", "empty"],
)
def test_an_answer_that_does_not_count_is_no_reading(answer):
    with server(answer) as asked, pytest.raises(NoReadingError):
        asked()


def test_a_silent_server_is_no_reading_and_the_next_is_asked(monkeypatch):
    monkeypatch.setattr(time_references, "TIMEOUT_SECONDS", 0.2)
    with server(lambda _question: None) as silent, server(honest) as talking:
        assert abs(first_reading([silent, talking])) < timedelta(seconds=0.5)
    with pytest.raises(NoReadingError):
        first_reading([])


def test_servers_are_named_with_or_without_a_port():
    assert TimeServer.named("time.example") == TimeServer("time.example", 123)
    assert TimeServer.named("127.0.0.1:1123") == TimeServer("127.0.0.1", 1123)


def test_the_kernel_gives_a_reading_or_says_that_it_has_none():
    try:
        assert kernel_reading() >= timedelta(0)
    except NoReadingError as error:
        assert "not synchronised" in str(error)


@given(st.binary(max_size=80), st.integers(0, (1 << 64) - 1))
def test_any_bytes_give_a_reading_or_none(answer, question):
    try:
        reading = time_references._offset(answer, question, 1.8e9, 1.8e9 + 0.01)
    except NoReadingError:
        return
    assert isinstance(reading, timedelta)
