"""The holders of an application: listed by the sender, named by fields, or both alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from issuance.field_values import FieldValueError, document_number, holder_name
from issuance.kind import Kind, KindField
from sealkit.names import normalise_name
from sealkit.record import Holder

_MEMBERS: Final = {"name", "code", "code_type"}
MAX_LISTED: Final = 100
NAME_SEPARATOR: Final = "、"


@dataclass(frozen=True, slots=True)
class HolderRefusal:
    """One thing wrong with the holders."""

    place: str
    """``holders``, or ``holders[0].code`` and the like."""
    code: str


def code_type_of(kind: Kind, field: KindField, raw_holders: Any) -> str | None:
    """Return the code type that the sender gives for the number in `field`, if any."""
    for position, source in enumerate(kind.holders.source):
        if source.code == field.name and isinstance(raw_holders, list):
            entry = raw_holders[position] if position < len(raw_holders) else None
            if isinstance(entry, Mapping) and entry.get("code_type") in kind.holders.code_types:
                return str(entry["code_type"])
    return None


def holders_of(
    kind: Kind, raw: Any, fields: Mapping[str, str], at: datetime
) -> tuple[tuple[Holder, ...], list[HolderRefusal]]:
    """Return the holders, and what is wrong with them.

    Where the kind's fields name the holders, a list may be left out; where it is given it
    must say the same.
    """
    if raw is None and kind.holders.source:
        return _from_fields(kind, fields), []
    if not isinstance(raw, list) or len(raw) > MAX_LISTED:
        return (), [HolderRefusal("holders", "data.holders.not_list")]
    refusals: list[HolderRefusal] = []
    holders = [_holder(kind, entry, n, at, refusals) for n, entry in enumerate(raw)]
    if not kind.holders.least <= len(raw) <= kind.holders.most:
        refusals.append(HolderRefusal("holders", "data.holders.count"))
    found = tuple(holder for holder in holders if holder)
    if len({(holder.code_type, holder.code) for holder in found}) < len(found):
        refusals.append(HolderRefusal("holders", "data.holders.twice"))
    if not refusals and kind.holders.source:
        refusals += _differences(kind, found, fields)
    return found, refusals


def names_problem(kind: Kind, holders: tuple[Holder, ...], fields: Mapping[str, str]) -> str | None:
    """Return the code of what is wrong with the field that prints the holders' names."""
    rules = kind.holders
    if rules.names_field is None or rules.names_field not in fields:
        return None
    printed = [normalise_name(n) for n in fields[rules.names_field].split(NAME_SEPARATOR)]
    names = [holder.name for holder in holders]
    if printed == names or (rules.names_may_be_partial and printed and set(printed) <= set(names)):
        return None
    return "data.holders.names_differ"


def _from_fields(kind: Kind, fields: Mapping[str, str]) -> tuple[Holder, ...]:
    return tuple(
        Holder(normalise_name(fields[source.name]), fields[source.code], source.code_type)
        for source in kind.holders.source
        if source.name in fields and source.code in fields
    )


def _holder(
    kind: Kind, entry: Any, number: int, at: datetime, refusals: list[HolderRefusal]
) -> Holder | None:
    place = f"holders[{number}]"
    if not isinstance(entry, Mapping) or set(entry) != _MEMBERS:
        refusals.append(HolderRefusal(place, "data.holder.members"))
        return None
    if not all(isinstance(value, str) for value in entry.values()):
        refusals.append(HolderRefusal(place, "data.holder.members"))
        return None
    if entry["code_type"] not in kind.holders.code_types:
        refusals.append(HolderRefusal(f"{place}.code_type", "data.holder.code_type"))
        return None
    before = len(refusals)
    name = code = ""
    try:
        name = holder_name(entry["name"])
    except FieldValueError as error:
        refusals.append(HolderRefusal(f"{place}.name", error.code))
    try:
        code = document_number(entry["code"].strip().upper(), entry["code_type"], at)
    except FieldValueError as error:
        refusals.append(HolderRefusal(f"{place}.code", error.code))
    return Holder(name, code, entry["code_type"]) if len(refusals) == before else None


def _differences(
    kind: Kind, holders: tuple[Holder, ...], fields: Mapping[str, str]
) -> list[HolderRefusal]:
    refusals = []
    for number, (holder, source) in enumerate(zip(holders, kind.holders.source, strict=True)):
        for member, field in (("name", source.name), ("code", source.code)):
            value = fields.get(field)
            if value is not None and normalise_name(value) != getattr(holder, member):
                refusals.append(HolderRefusal(f"holders[{number}].{member}", "data.holder.differs"))
    return refusals
