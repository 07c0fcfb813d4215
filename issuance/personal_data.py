"""Personal data on their way into and out of the database: sealed, masked or digested."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from issuance.kind import Kind
from issuance.masks import mask_name, mask_number
from issuance.ports import Vault
from sealkit.record import Holder

_ORGANISATIONS: Final = ("001", "099")
_MAX_MASKED: Final = 400


def canonical(members: Any) -> bytes:
    """Return JSON in one form: UTF-8, sorted keys, no spaces."""
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def seal_members(vault: Vault, members: Mapping[str, Any], context: str) -> bytes:
    """Return `members` as a box that opens only as `context`, which names table and row."""
    return vault.seal(canonical(members), context)


def unseal_members(vault: Vault, box: bytes, context: str) -> dict[str, Any]:
    """Return what `seal_members` was given."""
    members: dict[str, Any] = json.loads(vault.unseal(box, context))
    return members


def holder_index(vault: Vault, holder: Holder) -> bytes:
    """Return the keyed digest by which a holder's licences are found."""
    return vault.blind_index(f"holder:{holder.code_type}:{holder.code}")


def number_index(vault: Vault, kind: str, number: str) -> bytes:
    """Return the keyed digest of a licence number."""
    return vault.blind_index(f"number:{kind}:{number}")


def holders_masked(holders: Iterable[Holder]) -> str:
    """Return the names as lists show them; an organisation's name is public."""
    names = (h.name if h.code_type in _ORGANISATIONS else mask_name(h.name) for h in holders)
    return "、".join(names)[:_MAX_MASKED]


def number_masked(kind: Kind, number: str) -> str:
    """Return a licence number as lists show it: some kinds use a person's number."""
    field = kind.field(kind.number_field)
    return field.masked(number) if field and field.sensitive else number


def masked_holder(holder: Holder) -> Holder:
    """Return a holder as shown to whoever need not know it."""
    if holder.code_type in _ORGANISATIONS:
        return holder
    return Holder(mask_name(holder.name), mask_number(holder.code), holder.code_type)
