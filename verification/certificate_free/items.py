"""The catalogue of items (事项): government services and the licences each requires."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from verification.certificate_free.requirements import PREDICATES
from verification.errors import UnknownItemError

_REQUIREMENT_MEMBERS: Final = {"id", "kind", "predicates", "zh", "en"}
_ITEM_MEMBERS: Final = {"code", "name_zh", "name_en", "fields", "requirements"}


class ItemFileError(Exception):
    """A file of the catalogue that does not say what an item must say."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing an item asks of the holder's licences."""

    id: str
    kind: str
    """Kind of the licence that shows it."""
    predicates: tuple[str, ...]
    """Keys of `PREDICATES`; all must hold of one and the same licence."""
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """One government service (事项)."""

    code: str
    name_zh: str
    name_en: str
    fields: tuple[str, ...]
    """Licence fields that a check of this item may hand out."""
    requirements: tuple[Requirement, ...]


@cache
def load_items() -> Mapping[str, Item]:
    """Return every item by its code.

    Raises:
        ItemFileError: if a file of the catalogue is wrong; the service does not start then.
    """
    folder = resources.files("verification.certificate_free").joinpath("items")
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    items = [_read(tomllib.loads(file.read_text("utf-8")), file.name) for file in files]
    return {item.code: item for item in sorted(items, key=lambda item: item.code)}


def item_of(code: str) -> Item:
    """Return one item.

    Raises:
        UnknownItemError: if the catalogue does not hold it.
    """
    try:
        return load_items()[code]
    except KeyError as error:
        raise UnknownItemError(code) from error


def _read(members: dict[str, Any], name: str) -> Item:
    if set(members) != _ITEM_MEMBERS or f"{members['code']}.toml" != name:
        raise ItemFileError(f"{name}: has other members or another code than an item file")
    requirements = tuple(_read_requirement(entry, name) for entry in members["requirements"])
    return Item(
        code=members["code"],
        name_zh=members["name_zh"],
        name_en=members["name_en"],
        fields=tuple(members["fields"]),
        requirements=requirements,
    )


def _read_requirement(members: dict[str, Any], name: str) -> Requirement:
    if set(members) != _REQUIREMENT_MEMBERS or not members["predicates"]:
        raise ItemFileError(f"{name}: a requirement has other members than it must have")
    unknown = set(members["predicates"]) - set(PREDICATES)
    if unknown:
        raise ItemFileError(f"{name}: unknown predicate {min(unknown)}")
    return Requirement(**members | {"predicates": tuple(members["predicates"])})
