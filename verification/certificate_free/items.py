"""The catalogue of items (事项): government services and the licences each requires.

An item is a file, not code: `items/<code>.toml`. A requirement is about the applicant or
another party of the case, and is shown by a licence of one of the kinds it names. One with
``none = true`` is met when the register has no such licence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from verification.certificate_free.expressions import Call
from verification.certificate_free.item_files import (
    ItemIn,
    ItemMistake,
    KindFields,
    RequirementIn,
    read_item,
)
from verification.errors import UnknownItemError

DIRECTORY: Final = Path(__file__).parent / "items"


class ItemFileError(Exception):
    """Files of the catalogue that do not say what an item must say; it lists every mistake."""

    def __init__(self, mistakes: Iterable[ItemMistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class ShownBy:
    """A licence that shows what is required."""

    kind: str
    """GB/T 36904 type code of its kind, 21 characters."""
    must: Call
    """What must hold of one and the same licence, beside its being valid."""
    fields: tuple[str, ...]
    """Fields of it that a check of the item may hand out."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing an item asks."""

    id: str
    zh: str
    en: str
    party: str | None
    """Role of the party it is about; None is the applicant, the holder of the question."""
    none: bool
    """Whether it is met by having no such licence."""
    shown_by: tuple[ShownBy, ...]
    """One of these is enough."""


@dataclass(frozen=True, slots=True)
class Party:
    """Another person or organisation whose licences the item looks at."""

    role: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """One government service (事项)."""

    code: str
    name_zh: str
    name_en: str
    sureness: str
    """Where the requirements come from, and who must check them before use."""
    parties: tuple[Party, ...]
    requirements: tuple[Requirement, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """What a check may hand out, as ``requirement.field``."""
        return tuple(
            dict.fromkeys(
                f"{requirement.id}.{name}"
                for requirement in self.requirements
                for shown in requirement.shown_by
                for name in shown.fields
            )
        )


def item_of(items: Mapping[str, Item], code: str) -> Item:
    """Return one item of the catalogue.

    Raises:
        UnknownItemError: if it does not hold it.
    """
    try:
        return items[code]
    except KeyError as error:
        raise UnknownItemError(code) from error


@cache
def shipped_items() -> Mapping[str, Item]:
    """Return the items that come with the project, by code.

    Raises:
        ItemFileError: if one of the files is wrong.
    """
    return load_items((DIRECTORY,), {})


def load_items(directories: Iterable[Path], kinds: KindFields) -> Mapping[str, Item]:
    """Return the items in `directories` by code; one in a later place replaces an earlier one.

    Raises:
        ItemFileError: with every mistake of every file.
    """
    found: dict[str, Item] = {}
    mistakes: list[ItemMistake] = []
    for directory in directories:
        for path in sorted(directory.glob("*.toml")):
            item, wrong = read_item(path.read_bytes(), path.name, kinds)
            mistakes += wrong
            if item is not None and not wrong:
                found[item.code] = item_from(item)
    if mistakes:
        raise ItemFileError(mistakes)
    return MappingProxyType(dict(sorted(found.items())))


def item_from(read: ItemIn) -> Item:
    """Return the item that a file without mistakes describes."""
    return Item(
        code=read.code,
        name_zh=read.name_zh,
        name_en=read.name_en,
        sureness=read.sureness,
        parties=tuple(Party(entry.role, entry.zh, entry.en) for entry in read.parties),
        requirements=tuple(map(_requirement, read.requirements)),
    )


def _requirement(read: RequirementIn) -> Requirement:
    return Requirement(
        id=read.id,
        zh=read.zh,
        en=read.en,
        party=read.party,
        none=read.none,
        shown_by=tuple(
            ShownBy(entry.kind, entry.expression(), entry.fields) for entry in read.shown_by
        ),
    )
