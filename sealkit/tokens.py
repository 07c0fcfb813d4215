"""Signed JSON tokens (JWS) with SM2: the one place where python-jose is used.

* Only our own key class, only the algorithm ``SM2``, always named: python-jose decodes
  with whatever a token asks for when it is given no list of algorithms.
* Its JWE and its key parsing are never reached.
* The type of a token (`typ`) is fixed by the caller and checked, so a receipt never passes
  for an access token.
* A token has one spelling: no other base64 of the same bytes, no repeated member.
* ``SM2`` is a private name: no SM2 algorithm is registered for JOSE.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

from sealkit.errors import (
    InvalidSignatureError,
    MalformedError,
    TokenTimeError,
    UnsupportedError,
)
from sealkit.formats.code.cose import key_of
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

ALGORITHM: Final = "SM2"
MAX_TOKEN_CHARACTERS: Final = 64 * 1024
CLOCK_SKEW: Final = timedelta(seconds=30)  # how far apart two honest clocks may be

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


class _SM2Key(Key):  # type: ignore[misc]  # python-jose has no type information
    """What python-jose signs and verifies with: our signer, or our public key."""

    def __init__(self, key: Signer | SM2PublicKey, algorithm: str) -> None:
        self._key = key
        self._algorithm = algorithm

    def sign(self, message: bytes) -> bytes:
        if isinstance(self._key, SM2PublicKey):
            raise JOSEError("a public key does not sign")
        return self._key.sign(message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        if not isinstance(self._key, SM2PublicKey):
            raise JOSEError("a signer does not verify")
        try:
            self._key.verify(signature, message)
        except InvalidSignatureError:
            return False
        return True


jwk.register_key(ALGORITHM, _SM2Key)


def sign_token(claims: Mapping[str, Any], signer: Signer, *, typ: str) -> str:
    """Return the compact JWS of `claims`; its header names `typ` and the key's kid.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    header = {"typ": typ, "kid": key_of(signer).kid.hex()}
    token: str = jws.sign(payload, _SM2Key(signer, ALGORITHM), headers=header, algorithm=ALGORITHM)
    return token


def verify_token(
    token: str,
    keys: SM2PublicKey | Iterable[SM2PublicKey],
    *,
    typ: str,
    at: datetime,
    max_characters: int = MAX_TOKEN_CHARACTERS,
) -> dict[str, Any]:
    """Return the claims of a token of type `typ` that one of `keys` signed.

    Raises:
        MalformedError: if it is no token of this type, or its claims are no JSON object.
        UnsupportedError: if it names another algorithm, or a critical header.
        InvalidSignatureError: if none of `keys` signed it.
        TokenTimeError: before `nbf` or `iat`, or from `exp` on.
    """
    header = _header(token, max_characters)
    if header.get("typ") != typ:
        raise MalformedError(f"not a token of type {typ}")
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise UnsupportedError("the token asks for what we do not do")
    candidates = (keys,) if isinstance(keys, SM2PublicKey) else tuple(keys)
    claims = _object(_verified_payload(token, candidates))
    _check_times(claims, at)
    return claims


def _header(token: str, max_characters: int) -> dict[str, Any]:
    if len(token) > max_characters or not _COMPACT.fullmatch(token):
        raise MalformedError("not a compact token")
    header, payload, signature = map(_octets, token.split("."))
    del payload, signature  # only their spelling is judged before the signature is
    return _object(header)


def _octets(segment: str) -> bytes:
    try:
        octets = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError as error:
        raise MalformedError("a segment of the token is not base64url") from error
    if base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii") != segment:
        raise MalformedError("a segment of the token has a second spelling")
    return octets


def _verified_payload(token: str, keys: tuple[SM2PublicKey, ...]) -> bytes:
    for key in keys:
        try:
            payload: bytes = jws.verify(token, _SM2Key(key, ALGORITHM), algorithms=[ALGORITHM])
        except JOSEError:
            continue
        return payload
    raise InvalidSignatureError("the token is not signed by a key we know")


def _object(document: bytes) -> dict[str, Any]:
    try:
        members = json.loads(document, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedError("a part of the token is not JSON") from error
    if not isinstance(members, dict):
        raise MalformedError("a part of the token is no object")
    return members


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    now, skew = at.timestamp(), CLOCK_SKEW.total_seconds()
    begins = [_seconds(claims[name]) for name in ("nbf", "iat") if name in claims]
    if any(now + skew < begin for begin in begins):
        raise TokenTimeError("the token is not valid yet")
    if "exp" in claims and now >= _seconds(claims["exp"]):
        raise TokenTimeError("the token is no longer valid")


def _seconds(value: Any) -> int:
    if type(value) is not int:
        raise MalformedError("a time of the token is not a number of seconds")
    return value
