"""Signed JSON tokens (JWS) with SM2: the one place where python-jose is used.

* Only our own key class, only the algorithm ``SM2``, always named: python-jose decodes
  without a list of algorithms when it is given none.
* Its JWE and its key parsing are never reached.
* The type of a token (`typ`) is fixed by the caller and checked, so a receipt never passes
  for an access token.
* ``SM2`` is a private name: no SM2 algorithm is registered for JOSE.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

from sealkit.asn1.x509 import parse_certificate
from sealkit.errors import InvalidSignatureError, MalformedError, SealkitError
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey

ALGORITHM: Final = "SM2"
MAX_TOKEN_CHARACTERS: Final = 64 * 1024


class TokenTimeError(SealkitError):
    """A token that is not valid yet, or no longer."""

    code = "token.time"


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


def sign_token(claims: dict[str, Any], signer: Signer, *, typ: str) -> str:
    """Return the compact JWS of `claims`; its header names `typ` and the key's kid."""
    kid = parse_certificate(signer.certificate_der).sm2_key.kid.hex()
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    header = {"typ": typ, "kid": kid}
    token: str = jws.sign(payload, _SM2Key(signer, ALGORITHM), headers=header, algorithm=ALGORITHM)
    return token


def verify_token(
    token: str, keys: SM2PublicKey | Iterable[SM2PublicKey], *, typ: str, at: datetime
) -> dict[str, Any]:
    """Return the claims of a token that one of `keys` signed.

    Raises:
        MalformedError: if it is no token, or its claims are no JSON object.
        InvalidSignatureError: for another type, algorithm or key, or a changed token.
        TokenTimeError: before `nbf` or from `exp` on.
    """
    if len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
        raise MalformedError("token is too long or not ASCII")
    candidates = [keys] if isinstance(keys, SM2PublicKey) else list(keys)
    try:
        header = jws.get_unverified_header(token)
    except (JOSEError, ValueError, RecursionError) as error:
        raise MalformedError("not a token") from error
    if not isinstance(header, dict) or header.get("typ") != typ or "crit" in header:
        raise InvalidSignatureError(f"not a token of type {typ}")
    claims = _claims(_verified_payload(token, candidates))
    _check_times(claims, at)
    return claims


def _verified_payload(token: str, keys: list[SM2PublicKey]) -> bytes:
    for key in keys:
        try:
            payload: bytes = jws.verify(token, _SM2Key(key, ALGORITHM), algorithms=[ALGORITHM])
        except (JOSEError, ValueError, TypeError):
            continue
        return payload
    raise InvalidSignatureError("token is not signed by a key we know")


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise MalformedError("token claims are not JSON") from error
    if not isinstance(claims, dict):
        raise MalformedError("token claims are no object")
    return claims


def _check_times(claims: dict[str, Any], at: datetime) -> None:
    seconds = at.astimezone(UTC).timestamp()
    for name in ("nbf", "exp"):
        value = claims.get(name)
        if value is None:
            continue
        if type(value) is not int:
            raise MalformedError(f"token claim {name} is no time")
        if (name == "nbf" and seconds < value) or (name == "exp" and seconds >= value):
            raise TokenTimeError("token is not valid at this time")
