"""A signer that fails, lies or is slow: its client gives an error and never a signature."""

import socket
import threading
from datetime import timedelta

import pytest

from ca.errors import (
    FaultySignatureError,
    SignerUnavailableError,
)
from ca.keystore import FileKeystore
from ca.keystores.remote.client import RemoteKeystore
from ca.keystores.remote.wire import MAX_FRAME_BYTES, read_frame, to_frame
from tests.ca.keystores.material import KEYS
from tests.ca.keystores.serving import audit_head, connected


@pytest.fixture
def plain():
    return FileKeystore(KEYS)


class FakeSigner:
    """A signer that lists our certificates and then does as `behave` says."""

    def __init__(self, path, plain, behave):
        self._plain, self._behave = plain, behave
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self.connections = 0
        self._open = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection):
        try:
            while (members := read_frame(connection.recv)) is not None:
                if members == {"do": "list"}:
                    der = self._plain.certificate("audit").der
                    keys = [{"name": "audit", "certificate": der}]
                    connection.sendall(to_frame({"keys": keys}))
                else:
                    self._behave(connection, members, self._plain)
        except OSError:
            pass

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        for connection in (self._listener, *self._open):
            connection.close()


def never_answers(_connection, _members, _plain):
    threading.Event().wait(5)


def hangs_up(connection, _members, _plain):
    connection.shutdown(socket.SHUT_RDWR)


def stops_half_way(connection, _members, _plain):
    connection.sendall((100).to_bytes(4) + b"half of it")
    connection.shutdown(socket.SHUT_RDWR)


def answers_nonsense(connection, _members, _plain):
    connection.sendall(b"\0\0\0\x02\xff\xff")


def announces_too_much(connection, _members, _plain):
    connection.sendall(b"\xff\xff\xff\xff")


def signs_something_else(connection, members, plain):
    signature = plain.signer("audit").sign(members["message"] + b"!")
    connection.sendall(to_frame({"signature": signature}))


def signs_with_another_key(connection, members, plain):
    signature = plain.signer("log").sign(members["message"])
    connection.sendall(to_frame({"signature": signature}))


def signs_with_zeros(connection, _members, _plain):
    connection.sendall(to_frame({"signature": bytes(64)}))


def signs_too_short(connection, _members, _plain):
    connection.sendall(to_frame({"signature": b"short"}))


def answers_nothing(connection, _members, _plain):
    connection.sendall(to_frame({}))


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (hangs_up, SignerUnavailableError),
        (stops_half_way, SignerUnavailableError),
        (answers_nonsense, SignerUnavailableError),
        (announces_too_much, SignerUnavailableError),
        (signs_something_else, FaultySignatureError),
        (signs_with_another_key, FaultySignatureError),
        (signs_with_zeros, FaultySignatureError),
        (signs_too_short, FaultySignatureError),
        (answers_nothing, FaultySignatureError),
    ],
    ids=lambda value: value.__name__,
)
def test_a_faulty_signer_gives_an_error_and_never_a_signature(
    short_directory, plain, behave, error
):
    fake = FakeSigner(short_directory / "signer", plain, behave)
    keystore = connected(short_directory / "signer")
    with pytest.raises(error):
        keystore.signer("audit").sign(audit_head())
    fake.close()


def test_a_request_cut_short_is_asked_again_under_its_own_number(short_directory, plain):
    numbers = []

    def fails_once(connection, members, keys):
        numbers.append(members["id"])
        if len(numbers) == 1:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            signature = keys.signer("audit").sign(members["message"])
            connection.sendall(to_frame({"signature": signature}))

    fake = FakeSigner(short_directory / "signer", plain, fails_once)
    connected(short_directory / "signer").signer("audit").sign(audit_head())
    assert len(numbers) == 2
    assert numbers[0] == numbers[1]
    assert fake.connections == 2
    fake.close()


class Ticking:
    """A stopwatch on which each look takes a second."""

    def __init__(self):
        self._seconds = 0

    def __call__(self):
        self._seconds += 1
        return self._seconds


def test_a_signer_that_drips_is_given_up_when_the_time_is_over(short_directory, plain):
    def drips(connection, _members, _plain):
        connection.sendall((MAX_FRAME_BYTES).to_bytes(4))
        try:
            while True:
                connection.sendall(b"x")
        except OSError:
            pass

    fake = FakeSigner(short_directory / "signer", plain, drips)
    keystore = RemoteKeystore(short_directory / "signer", stopwatch=Ticking())
    with pytest.raises(SignerUnavailableError):
        keystore.signer("audit").sign(audit_head())
    fake.close()


def test_a_signer_that_is_silent_is_given_up(short_directory, plain):
    fake = FakeSigner(short_directory / "signer", plain, never_answers)
    keystore = connected(short_directory / "signer", limit=timedelta(milliseconds=300))
    with pytest.raises(SignerUnavailableError):
        keystore.signer("audit").sign(audit_head())
    fake.close()


def test_no_signer_at_all_is_unavailable(tmp_path):
    with pytest.raises(SignerUnavailableError):
        connected(tmp_path / "nobody")
