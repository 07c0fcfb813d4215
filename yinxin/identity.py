"""Who is calling: access tokens for accounts, and the actor of a request.

OAuth 2.0 client credentials (RFC 6749, 4.4): an account exchanges its id and secret at
`POST /oauth/token` for a bearer token signed with SM2, good for one hour.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.security import HTTPBasicCredentials
from fastapi.security.utils import get_authorization_scheme_param

from issuance.ports import Actor
from sealkit import tokens
from sealkit.errors import SealkitError
from sealkit.record import Holder
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey
from yinxin.accounts import (
    Account,
    CredentialsError,
    find_account,
    holder_context,
    note_attempt,
    secret_fits,
)
from yinxin.db import Database
from yinxin.vault import Vault

TOKEN_TYPE = "yinxin-access+jwt"
TOKEN_LIFE = timedelta(hours=1)
MAX_ID_CHARACTERS = 64
MAX_SECRET_CHARACTERS = 256

router = APIRouter(tags=["identity"])


class Identities:
    """Issues and reads access tokens."""

    def __init__(self, signer: Signer, key: SM2PublicKey, database: Database, vault: Vault) -> None:
        self._signer = signer
        self._key = key
        self._database = database
        self._vault = vault

    def issue(self, account_id: str, secret: str, *, at: datetime, typ: str = TOKEN_TYPE) -> str:
        """Return a token, good for `TOKEN_LIFE`; one of another `typ` is no bearer token.

        Raises:
            CredentialsError: if id and secret do not fit or the account is locked.
        """
        # Hashing is slow on purpose; it must not keep others from writing.
        with self._database.reading() as session:
            fits = secret_fits(session, account_id, secret)
        with self._database.writing() as session:
            account = note_attempt(session, account_id, fits, at=at)
        if account is None:
            raise CredentialsError("credentials refused")
        claims = {
            "sub": account.id,
            "iat": int(at.timestamp()),
            "exp": int((at + TOKEN_LIFE).timestamp()),
        }
        return tokens.sign_token(claims, self._signer, typ=typ)

    def actor(self, token: str, *, at: datetime, typ: str = TOKEN_TYPE) -> Actor | None:
        """Return who holds `token` of type `typ`, or None if it does not hold at `at`.

        Department and roles come from the account as it is now, not from the token, so a
        right taken away is gone at once.
        """
        try:
            claims: dict[str, Any] = tokens.verify_token(token, self._key, typ=typ, at=at)
        except SealkitError:
            return None
        with self._database.reading() as session:
            account = find_account(session, str(claims.get("sub")))
        if account is None:
            return None
        holder = self._holder(account)
        # A holder's name is kept in the box only.
        name = holder.name if holder else account.name
        return Actor(account.id, name, account.department, account.roles, holder)

    def ends_at(self, token: str, *, at: datetime, typ: str = TOKEN_TYPE) -> datetime | None:
        """Return when `token` will hold no more; None if it does not hold at `at`."""
        try:
            claims = tokens.verify_token(token, self._key, typ=typ, at=at)
        except SealkitError:
            return None
        return datetime.fromtimestamp(claims["exp"], UTC)

    def _holder(self, account: Account) -> Holder | None:
        if account.sealed_holder is None:
            return None
        box = self._vault.unseal(account.sealed_holder, holder_context(account.id))
        return Holder(**json.loads(box))


def actor_of(request: Request, identities: Identities, *, at: datetime) -> Actor | None:
    """Return the caller named by the Authorization header; None when anonymous."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    return identities.actor(token, at=at) if scheme.lower() == "bearer" and token else None


@router.post("/oauth/token", summary="换取访问令牌 · Obtain an access token")
def token(
    request: Request,
    grant_type: Annotated[str, Form(pattern="^client_credentials$")],
    client_id: Annotated[str, Form(max_length=MAX_ID_CHARACTERS)] = "",
    client_secret: Annotated[str, Form(max_length=MAX_SECRET_CHARACTERS)] = "",
) -> dict[str, Any]:
    """Exchange an account's id and secret for a bearer token."""
    basic = _basic_credentials(request)
    if basic:
        client_id, client_secret = basic.username, basic.password
    context = request.app.state.context
    value = context.identities.issue(client_id, client_secret, at=context.now())
    return {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFE.total_seconds()),
    }


def _basic_credentials(request: Request) -> HTTPBasicCredentials | None:
    scheme, value = get_authorization_scheme_param(request.headers.get("Authorization"))
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # not Base64, not ASCII, or not UTF-8
        return None
    if len(name) > MAX_ID_CHARACTERS or len(secret) > MAX_SECRET_CHARACTERS:
        return None
    return HTTPBasicCredentials(username=name, password=secret)
