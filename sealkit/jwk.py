"""SM2 public keys as JSON Web Keys (RFC 7517), and their thumbprints (RFC 7638).

``"crv": "SM2"`` is a private name: no SM2 curve is registered for JOSE.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from sealkit.errors import InvalidKeyError, MalformedError
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PublicKey

CURVE: Final = "SM2"
_COORDINATE_BYTES: Final = 32


def to_jwk(key: SM2PublicKey) -> dict[str, str]:
    """Return the members that make the key, in the order of its thumbprint."""
    x, y = key.point[1:33], key.point[33:]
    return {"crv": CURVE, "kty": "EC", "x": _base64url(x), "y": _base64url(y)}


def from_jwk(members: Mapping[str, Any]) -> SM2PublicKey:
    """Read a key; members beside those of the key are passed over.

    Raises:
        MalformedError: if it is no SM2 key.
        InvalidKeyError: if the point is off the curve, or a private part is there.
    """
    if members.get("kty") != "EC" or members.get("crv") != CURVE:
        raise MalformedError("not the JWK of an SM2 key")
    if "d" in members:
        raise InvalidKeyError("a private key was sent where a public one belongs")
    return SM2PublicKey(b"\x04" + _coordinate(members.get("x")) + _coordinate(members.get("y")))


def thumbprint(key: SM2PublicKey) -> str:
    """Return the base64url SM3 thumbprint."""
    members = json.dumps(to_jwk(key), separators=(",", ":"), sort_keys=True)
    return _base64url(sm3.digest(members.encode()))


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _coordinate(text: Any) -> bytes:
    if not isinstance(text, str) or not text.isascii():
        raise MalformedError("a coordinate of the JWK is not a text")
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise MalformedError("a coordinate of the JWK is not base64url") from error
    if len(octets) != _COORDINATE_BYTES or _base64url(octets) != text:
        raise MalformedError("a coordinate of the JWK is not 32 bytes in base64url")
    return octets
