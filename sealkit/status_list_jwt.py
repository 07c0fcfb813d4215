"""The JWT form of a status list token: the same list as the CWT, a third larger.

Media type ``application/statuslist+jwt``, ``typ`` ``statuslist+jwt``
(draft-ietf-oauth-status-list-20). ``list_version`` is a claim of ours, see
`sealkit.status_list`. The algorithm ``SM2`` is a private name, see `sealkit.tokens`.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sealkit import numeric_date, tokens
from sealkit.errors import MalformedError
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_list import StatusList, checked_ttl, checked_version

TYP: Final = "statuslist+jwt"
MEDIA_TYPE: Final = "application/statuslist+jwt"
MAX_CHARACTERS: Final = 2 * 1024 * 1024

_VERSION: Final = "list_version"
_BASE64URL: Final = b"-_"


@dataclass(frozen=True)
class StatusListJWT:
    """A status list whose signature and times held."""

    uri: str
    issued_at: datetime
    expires_at: datetime | None
    ttl: int | None
    """Seconds."""
    version: int | None
    statuses: StatusList


def build_jwt(
    statuses: StatusList,
    *,
    uri: str,
    signer: Signer,
    at: datetime,
    expires_at: datetime,
    ttl: int,
    version: int,
) -> str:
    """Return the JWT of a list as published at `uri`; `ttl` is in seconds.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
    """
    lst = base64.urlsafe_b64encode(statuses.pack()).rstrip(b"=").decode()
    claims = {
        "sub": uri,
        "iat": numeric_date.from_datetime(at),
        "exp": numeric_date.from_datetime(expires_at),
        "ttl": ttl,
        "status_list": {"bits": statuses.bits, "lst": lst},
        _VERSION: version,
    }
    return tokens.sign_token(claims, signer, typ=TYP)


def read_jwt(token: str, keys: Iterable[SM2PublicKey], *, at: datetime) -> StatusListJWT:
    """Return the list in a token that one of `keys` signed and that is good at `at`.

    Raises:
        MalformedError: if it is no status list token, or a claim is missing or wrong.
        UnsupportedError: if it is signed with another algorithm.
        InvalidSignatureError: if none of `keys` signed it.
        TokenTimeError: before its `iat`, or from its `exp` on.
    """
    claims = tokens.verify_token(token, keys, typ=TYP, at=at, max_characters=MAX_CHARACTERS)
    uri, entries = claims.get("sub"), claims.get("status_list")
    if not isinstance(uri, str) or not uri:
        raise MalformedError("a status list token names its address")
    if not isinstance(entries, dict):
        raise MalformedError("the token holds no status list")
    return StatusListJWT(
        uri=uri,
        issued_at=numeric_date.to_datetime(claims.get("iat")),
        expires_at=numeric_date.to_datetime(claims["exp"]) if "exp" in claims else None,
        ttl=checked_ttl(claims["ttl"]) if "ttl" in claims else None,
        version=checked_version(claims[_VERSION]) if _VERSION in claims else None,
        statuses=StatusList.unpack(_octets(entries.get("lst")), entries.get("bits", 0)),
    )


def _octets(lst: Any) -> bytes:
    if not isinstance(lst, str) or not lst.isascii():
        raise MalformedError("the token holds no status list")
    try:
        return base64.b64decode(lst + "=" * (-len(lst) % 4), altchars=_BASE64URL, validate=True)
    except ValueError as error:
        raise MalformedError("the status list is not base64url") from error
