"""A secret is shown to nobody and wiped where Python lets us."""

import copy
import pickle

import pytest

from ca.errors import SpentSecretError
from ca.keystores.secret import Secret


def test_wiping_zeroes_the_buffer_itself():
    octets = bytearray(b"a secret of some length")
    with Secret(octets) as secret, secret.opened() as lent:
        assert lent is octets
    assert octets == bytes(len(octets))


def test_a_secret_that_nobody_holds_any_more_is_wiped():
    octets = bytearray(b"forgotten")
    Secret(octets)
    assert octets == bytes(9)


def test_a_wiped_secret_cannot_be_opened():
    secret = Secret(bytearray(b"x"))
    secret.wipe()
    secret.wipe()
    with pytest.raises(SpentSecretError), secret.opened():
        pass


def test_an_error_while_it_is_open_wipes_it_too():
    octets = bytearray(b"secret")
    with pytest.raises(ZeroDivisionError), Secret(octets) as secret, secret.opened():
        raise ZeroDivisionError
    assert octets == bytes(6)


def test_a_secret_is_not_shown_and_does_not_travel():
    secret = Secret(bytearray(b"hunter2hunter2"))
    assert "hunter" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)


def test_an_empty_secret_can_be_wiped():
    Secret(bytearray()).wipe()
