"""What every signed statement about states has: its type, its claims and the list it is about.

Whole lists, deltas, frozen days and slips are CWTs of a type each, so that none passes for
another, and all name the address of their list in ``sub``.
"""

from typing import Any, Final

from sealkit import cbor
from sealkit.errors import MalformedError
from sealkit.formats.code import cose

SUB: Final = 2
MAX_URI_CHARACTERS: Final = 512


def typed_claims(cwt: bytes, typ: str, what: str) -> tuple[cose.Sign1, dict[Any, Any], str]:
    """Return message, claims and list address of a CWT that is typed `typ`; nothing is verified.

    `what` names it in refusals.

    Raises:
        MalformedError: if it is none of this type, or names no list.
        UnsupportedError: if it is signed with another algorithm.
    """
    message = cose.parse(cwt)
    if message.typ != typ:
        raise MalformedError(f"the token is not typed as a {what}")
    claims = cbor.decode(message.payload)
    if not isinstance(claims, dict):
        raise MalformedError(f"the claims of a {what} are a map")
    uri = claims.get(SUB)
    if not isinstance(uri, str) or not 0 < len(uri) <= MAX_URI_CHARACTERS:
        raise MalformedError(f"a {what} names the address of its list")
    return message, claims, uri
