"""The code on the phone: a random reference, the minute it was made for, and a keyed MAC.

Nothing in it is personal and nothing is looked up to make the next one. The MAC lets nobody
who has seen a code make one for a later minute: a screenshot is good for what is left of its
90 seconds and for one scan, and for nothing after that (standards/e-licence, 8.2).
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from verification.errors import ForgedPresentationCodeError
from verification.ports import BlindIndex

PREFIX: Final = "YXP1:"
REFRESHED_AFTER: Final = timedelta(seconds=60)
GOOD_FOR: Final = timedelta(seconds=90)
_REFERENCE_BYTES: Final = 16
_SLOT_BYTES: Final = 6
_MAC_BYTES: Final = 16
_TEXT: Final = re.compile(r"YXP1:([A-Z2-7]{61})")


@dataclass(frozen=True, slots=True)
class DynamicCode:
    """One code as it was shown."""

    reference: str
    """32 hexadecimal digits; the phone keeps it, and here only its SM3 is kept."""
    made_at: datetime
    """Whole seconds."""

    @property
    def expires_at(self) -> datetime:
        """Return when it is good no more."""
        return self.made_at + GOOD_FOR


def new_reference() -> str:
    """Return the random reference of a new presentation."""
    return secrets.token_hex(_REFERENCE_BYTES)


def code_text(reference: str, at: datetime, keyed: BlindIndex) -> str:
    """Return the code of `reference` that a phone shows from `at` on."""
    head = bytes.fromhex(reference) + int(at.timestamp()).to_bytes(_SLOT_BYTES, "big")
    packed = base64.b32encode(head + _mac(head, keyed))
    return PREFIX + packed.decode("ascii").rstrip("=")


def read_code(text: str, keyed: BlindIndex) -> DynamicCode:
    """Return what a scanned code says; its age is for the caller to judge.

    Raises:
        ForgedPresentationCodeError: if no code of ours reads like this.
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise ForgedPresentationCodeError
    packed = base64.b32decode(found[1] + "===")
    head, mac = packed[:-_MAC_BYTES], packed[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(head, keyed)):
        raise ForgedPresentationCodeError
    seconds = int.from_bytes(head[_REFERENCE_BYTES:], "big")
    return DynamicCode(head[:_REFERENCE_BYTES].hex(), datetime.fromtimestamp(seconds, UTC))


def _mac(head: bytes, keyed: BlindIndex) -> bytes:
    return keyed.blind_index(f"presentation code:{head.hex()}")[:_MAC_BYTES]
