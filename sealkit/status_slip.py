"""The status slip: what the state of one edition is, signed, to be shown beside its code.

An extension of ours for checkers without a network, ``CS1:`` and Base45 of a CWT (SM2) of a type
of its own: ``sub`` the list, ``iat``, ``exp`` at most 24 hours later, ``-65542: [slot, state]``.

* It is bound to list and slot. A slot belongs to one edition for ever and the licence's own
  signature covers it, so a slip of another licence does not fit. Nothing in it is personal.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sealkit import cbor, numeric_date
from sealkit.errors import MalformedError
from sealkit.formats.code import base45, cose
from sealkit.record import StatusSlot
from sealkit.signer import Signer
from sealkit.sm.sm2 import SM2PublicKey
from sealkit.status_claims import SUB, typed_claims

PREFIX: Final = "CS1:"
TYP: Final = "application/yinxin-statusslip+cwt"
MAX_LIFE: Final = timedelta(hours=24)
MAX_CHARACTERS: Final = 2048

_EXP, _IAT, _SLIP = 4, 6, -65542
_MAX_INDEX: Final = 1 << 23
_MAX_STATE: Final = 0xFF


@dataclass(frozen=True)
class StatusSlip:
    """A slip as it stands in its text, unverified."""

    slot: StatusSlot
    state: int
    """As the list says it, see `sealkit.status_list`."""
    issued_at: datetime
    expires_at: datetime
    message: cose.Sign1 = field(repr=False)

    @property
    def uri(self) -> str:
        """Address of the list that it is about."""
        return self.slot.uri

    @property
    def kid(self) -> bytes:
        """8 bytes: the key to try first."""
        return self.message.kid

    def verify(self, key: SM2PublicKey) -> None:
        """Check the signature.

        Raises:
            InvalidSignatureError: if it does not hold.
        """
        self.message.verify(key)


def build_slip(
    slot: StatusSlot, state: int, *, signer: Signer, at: datetime, life: timedelta = MAX_LIFE
) -> str:
    """Return the text of a slip that is good for `life`.

    Raises:
        InvalidKeyError: if `signer` is not an SM2 key.
        ValueError: if `life` is not between a second and 24 hours.
    """
    if not timedelta(seconds=1) <= life <= MAX_LIFE:
        raise ValueError("a slip lives for 24 hours at most")
    claims = {
        SUB: slot.uri,
        _IAT: numeric_date.from_datetime(at),
        _EXP: numeric_date.from_datetime(at) + int(life.total_seconds()),
        _SLIP: [slot.index, state],
    }
    return PREFIX + base45.encode(cose.sign(cbor.encode(claims), signer, typ=TYP))


def parse_slip(text: str) -> StatusSlip:
    """Read a slip.

    Raises:
        MalformedError: if it is none, or would be good for over 24 hours.
        UnsupportedError: if it is signed with another algorithm.
    """
    if len(text) > MAX_CHARACTERS or not text.startswith(PREFIX):
        raise MalformedError("not a status slip")
    return parse_slip_token(base45.decode(text.removeprefix(PREFIX)))


def parse_slip_token(cwt: bytes) -> StatusSlip:
    """Read the token inside a slip.

    Raises:
        MalformedError, UnsupportedError: as `parse_slip`.
    """
    message, claims, uri = typed_claims(cwt, TYP, "status slip")
    parts = claims.get(_SLIP)
    if not isinstance(parts, list) or len(parts) != 2:
        raise MalformedError("a slip has a slot and its state")
    issued_at = numeric_date.to_datetime(claims.get(_IAT))
    expires_at = numeric_date.to_datetime(claims.get(_EXP))
    if not timedelta(0) < expires_at - issued_at <= MAX_LIFE:
        raise MalformedError("a slip lives for 24 hours at most")
    slot = StatusSlot(uri, _count(parts[0], _MAX_INDEX))
    return StatusSlip(slot, _count(parts[1], _MAX_STATE), issued_at, expires_at, message)


def _count(value: Any, largest: int) -> int:
    if type(value) is not int or not 0 <= value <= largest:
        raise MalformedError("a slot or a state is out of range")
    return value
