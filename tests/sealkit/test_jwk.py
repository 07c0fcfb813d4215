import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealkit.errors import InvalidKeyError, MalformedError
from sealkit.jwk import from_jwk, thumbprint, to_jwk
from sealkit.sm.sm2 import SM2PrivateKey


def test_the_shared_key_and_its_thumbprints(format_vectors, sample_key):
    vector = format_vectors["jwk"]
    members = to_jwk(sample_key)
    assert members == {"crv": "SM2", "kty": "EC", "x": vector["x"], "y": vector["y"]}
    assert thumbprint(sample_key) == vector["thumbprint_sm3"]
    text = json.dumps(members, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).digest()
    encoded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert encoded == vector["thumbprint_sha256"]


def test_there_and_back():
    key = SM2PrivateKey.generate().public_key
    assert from_jwk(to_jwk(key) | {"kid": "x", "use": "sig"}) == key


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kty": "RSA"}, MalformedError),
        ({"crv": "P-256"}, MalformedError),
        ({"x": None}, MalformedError),
        ({"x": "é" * 43}, MalformedError),
        ({"x": "AAAA"}, MalformedError),
        ({"x": "A"}, MalformedError),
        ({"y": "B" * 43}, MalformedError),
        ({"y": "A" * 43}, InvalidKeyError),
        ({"d": "A" * 43}, InvalidKeyError),
    ],
    ids=str,
)
def test_what_is_no_public_sm2_key(changes, error, sample_key):
    with pytest.raises(error):
        from_jwk(to_jwk(sample_key) | changes)


@given(x=st.text(max_size=50), y=st.text("AB_-=", max_size=44))
def test_any_coordinates_are_refused(x, y):
    with pytest.raises((MalformedError, InvalidKeyError)):
        from_jwk({"kty": "EC", "crv": "SM2", "x": x, "y": y})
