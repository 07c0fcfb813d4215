"""A signer behind a real socket: what it signs, refuses, remembers and survives."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from ca.errors import (
    CAError,
    DevelopmentKeyError,
    KeyMismatchError,
    KeystoreError,
    PurposeError,
    RequestReusedError,
    SignerBusyError,
    SignerUnavailableError,
    SpentSecretError,
    UnknownKeyError,
)
from ca.keystore import FileKeystore, Purpose
from ca.keystores.remote.limits import Rate
from ca.keystores.remote.wire import MAX_FRAME_BYTES, read_frame, to_frame
from ca.keystores.signers import SM2Signer
from ca.keystores.use_log import find_fault
from sealkit.errors import MalformedError
from sealkit.sm.sm2 import SM2PrivateKey
from tests.ca.keystores.material import KEYS, secret_of
from tests.ca.keystores.serving import MESSAGES, Clock, audit_head, connected, serving


@pytest.fixture
def plain():
    return FileKeystore(KEYS)


@pytest.fixture
def signer(short_directory, plain):
    with serving(short_directory, plain) as path:
        yield path


def lines(directory):
    return (directory / "uses.log").read_text().splitlines()


def ask(path, members):
    """Speak to the signer without our client."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(to_frame(members))
        return read_frame(connection.recv)


def request(key="audit", purpose="audit", message=None, number=1):
    message = audit_head() if message is None else message
    identifier = bytes(15) + bytes((number,))
    return {"do": "sign", "id": identifier, "key": key, "purpose": purpose, "message": message}


def test_what_it_signs_verifies_and_is_in_the_log(signer, short_directory, plain):
    keystore = connected(signer)
    signature = keystore.signer("audit").sign(audit_head())
    plain.certificate("audit").sm2_key.verify(signature, audit_head())
    (line,) = lines(short_directory)
    assert '"key":"audit"' in line
    assert '"outcome":"signed"' in line
    assert signature.hex() in line
    assert find_fault(short_directory / "uses.log") is None


def test_the_socket_is_for_its_owner_alone(signer):
    assert signer.stat().st_mode & 0o777 == 0o600


def test_another_user_is_hung_up_on(short_directory, plain):
    with (
        serving(short_directory, plain, uids={os.getuid() + 1}) as path,
        pytest.raises(SignerUnavailableError),
    ):
        connected(path)


def test_a_certificate_is_not_signed_unless_the_operator_allows_it(signer, short_directory):
    keystore = connected(signer)
    with pytest.raises(PurposeError):
        keystore.signer("sub_ca", Purpose.CERTIFICATE).sign(b"anything")
    assert '"outcome":"ca.key.purpose"' in lines(short_directory)[-1]


@pytest.mark.parametrize("message", [b"", b"anything", b"\x30\x00", audit_head()[:-1]])
def test_a_message_of_another_form_is_refused_and_noted(signer, short_directory, message):
    with pytest.raises(PurposeError):
        connected(signer).signer("audit").sign(message)
    assert '"outcome":"ca.key.purpose"' in lines(short_directory)[-1]


@pytest.mark.parametrize(
    ("key", "purpose", "code"),
    [
        ("audit", "log", "ca.key.purpose"),
        ("receipt", "audit", "ca.key.purpose"),
        ("nobody", "audit", "ca.key.unknown"),
        ("../650000/audit", "audit", "ca.key.unknown"),
    ],
)
def test_the_signer_does_not_rely_on_its_client(signer, short_directory, key, purpose, code):
    assert ask(signer, request(key, purpose)) == {"refused": code}
    assert f'"outcome":"{code}"' in lines(short_directory)[-1]


def test_the_same_request_gets_the_same_answer(signer, short_directory):
    first = ask(signer, request())
    assert ask(signer, request()) == first
    assert len(lines(short_directory)) == 1
    assert ask(signer, request(number=2)) != first


def test_the_same_request_gets_the_same_answer_after_a_restart(short_directory, plain):
    with serving(short_directory, plain) as path:
        first = ask(path, request())
    with serving(short_directory, plain) as path:
        assert ask(path, request()) == first
    assert len(lines(short_directory)) == 1


def test_one_number_for_two_requests_is_refused(signer):
    ask(signer, request())
    assert ask(signer, request(message=audit_head(2))) == {"refused": RequestReusedError.code}


def test_the_same_request_at_once_is_signed_once(signer, short_directory):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(signer, request())["signature"], range(16)))
    assert len(set(answers)) == 1
    assert len(lines(short_directory)) == 1


def test_too_many_uses_are_refused_until_time_has_passed(short_directory, plain):
    clock = Clock()
    rates = {Purpose.AUDIT: Rate(per_second=0.5, at_once=3)}
    with serving(short_directory, plain, clock=clock, rates=rates) as path:
        signer = connected(path).signer("audit")
        for number in (1, 2, 3):
            signer.sign(audit_head(number))
        with pytest.raises(SignerBusyError):
            signer.sign(audit_head(4))
        # Another key is not held up by it.
        connected(path).signer("log").sign(MESSAGES[Purpose.LOG])
        clock.move(seconds=2)
        signer.sign(audit_head(4))
        with pytest.raises(SignerBusyError):
            signer.sign(audit_head(5))
        clock.move(days=-1)
        with pytest.raises(SignerBusyError):
            signer.sign(audit_head(5))


def test_a_flood_of_refusals_does_not_fill_the_disk(signer, short_directory):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(signer))
        for _ in range(1200):
            connection.sendall(to_frame(request("receipt", "audit")))
            assert read_frame(connection.recv) == {"refused": "ca.key.purpose"}
    assert len(lines(short_directory)) == 1000


def test_many_clients_sign_at_once(signer, short_directory, plain):
    key = plain.certificate("audit").sm2_key

    def sign(number):
        keystore = connected(signer)
        key.verify(keystore.signer("audit").sign(audit_head(number)), audit_head(number))
        keystore.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sign, range(1, 17)))
    assert len(lines(short_directory)) == 16
    assert find_fault(short_directory / "uses.log") is None


def test_a_client_goes_on_after_the_signer_was_started_anew(short_directory, plain):
    with serving(short_directory, plain) as path:
        keystore = connected(path)
        keystore.signer("audit").sign(audit_head(1))
    with pytest.raises(SignerUnavailableError):
        keystore.signer("audit").sign(audit_head(2))
    with serving(short_directory, plain):
        keystore.signer("audit").sign(audit_head(2))
    assert len(lines(short_directory)) == 2


def test_a_signer_with_another_certificate_is_not_used(short_directory, plain):
    with serving(short_directory, plain) as path:
        keystore = connected(path)
    with (
        serving(short_directory, FileKeystore(KEYS.parent / "440000")),
        pytest.raises(KeyMismatchError),
    ):
        keystore.signer("audit").sign(audit_head())


@pytest.mark.parametrize(
    "octets",
    [
        b"\xff\xff\xff\xff",
        (MAX_FRAME_BYTES + 1).to_bytes(4),
        b"\0\0\0\0",
        b"\0\0\0\x01\x00",
        b"\0\0\0\x05ab",
        to_frame({"do": "everything"}),
        to_frame({"do": "sign"}),
        to_frame(request() | {"id": b"short"}),
        to_frame(request() | {"purpose": "anything"}),
        to_frame(request() | {"key": 7}),
        to_frame(request() | {"message": "text"}),
        to_frame(request() | {"more": 1}),
    ],
)
def test_whoever_sends_no_request_is_hung_up_on_and_others_are_served(signer, octets):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(signer))
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    connected(signer).signer("audit").sign(audit_head())


def test_a_message_too_long_for_a_frame_is_refused_by_the_client(signer):
    with pytest.raises(MalformedError):
        connected(signer).signer("audit").sign(bytes(MAX_FRAME_BYTES))


def test_no_second_signer_at_one_socket(short_directory, plain, signer):
    with pytest.raises(CAError):
        with serving(short_directory, plain):
            pass
    other = short_directory / "other"
    other.mkdir()
    (other / "signer").symlink_to(signer)
    with pytest.raises(KeystoreError, match="another signer"), serving(other, plain):
        pass


def test_the_socket_of_a_dead_signer_is_taken_over(short_directory, plain):
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(short_directory / "signer"))
    dead.close()
    with serving(short_directory, plain) as path:
        connected(path)


def test_a_file_that_is_no_socket_is_left_alone(short_directory, plain):
    (short_directory / "signer").write_text("mine")
    with pytest.raises(KeystoreError, match="no socket"), serving(short_directory, plain):
        pass
    assert (short_directory / "signer").read_text() == "mine"


def test_nothing_is_signed_when_the_log_cannot_be_written(short_directory, plain, monkeypatch):
    with serving(short_directory, plain) as path:
        keystore = connected(path)

        def fails(_descriptor):
            raise OSError("no space left")

        monkeypatch.setattr("os.fsync", fails)
        with pytest.raises(SignerUnavailableError):
            keystore.signer("audit").sign(audit_head())
        monkeypatch.undo()
        with pytest.raises(SignerUnavailableError):
            keystore.signer("audit").sign(audit_head())


def test_no_secret_is_in_log_or_client(signer, short_directory):
    keystore = connected(signer)
    keystore.signer("audit").sign(audit_head())
    text = "\n".join(lines(short_directory))
    assert secret_of("audit").hex() not in text
    assert not any(
        isinstance(value, SM2PrivateKey | SM2Signer) for value in vars(keystore).values()
    )


def test_the_head_of_the_log_is_told(signer):
    keystore = connected(signer)
    assert keystore.use_log_head().sequence == 0
    keystore.signer("audit").sign(audit_head())
    assert keystore.use_log_head().sequence == 1


def test_a_closed_keystore_signs_nothing(signer):
    keystore = connected(signer)
    one = keystore.signer("audit")
    keystore.close()
    with pytest.raises(SpentSecretError):
        one.sign(audit_head())


def test_development_keys_are_refused_in_production(signer):
    with pytest.raises(DevelopmentKeyError):
        connected(signer, production=True)


def test_an_unknown_key_is_refused(signer):
    with pytest.raises(UnknownKeyError):
        connected(signer).signer("nobody")
