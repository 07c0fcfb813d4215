"""Credentials in the Authorization header: whatever arrives is read or refused."""

import base64

import pytest
from starlette.requests import Request

from yinxin.identity import _basic_credentials


def credentials(value):
    headers = [(b"authorization", b"Basic " + value)]
    return _basic_credentials(Request({"type": "http", "headers": headers}))


def test_name_and_secret_are_read():
    found = credentials(base64.b64encode(b"clerk:a:b"))
    assert (found.username, found.password) == ("clerk", "a:b")


@pytest.mark.parametrize(
    "value",
    [
        "é".encode("latin-1"),
        b"a",
        base64.b64encode(b"\xff:x"),
        base64.b64encode(b"x" * 65 + b":x"),
        base64.b64encode(b"x:" + b"x" * 257),
    ],
)
def test_anything_else_is_no_credentials(value):
    assert credentials(value) is None
