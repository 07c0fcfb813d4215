"""Reading an item file: every mistake at once, each with its line and what to do about it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from verification.certificate_free.demands import demand_mistakes
from verification.certificate_free.expressions import (
    MAX_CHARACTERS,
    Call,
    ExpressionError,
    parse_expression,
)
from verification.certificate_free.toml_lines import Location, TomlLines

MAX_FILE_BYTES: Final = 64 * 1024

KindFields: TypeAlias = Mapping[str, Mapping[str, str]]
"""Code of a kind → its fields and their types, for the kinds that are known here."""

_TOML_LINE: Final = re.compile(r"\(at line ([0-9]+)")
_MISSING: Final = "add this member; see the items that come with the project"
_UNKNOWN: Final = "no such member; remove it, or mend its spelling"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ShownByIn(_Part):
    """`[[requirements.shown_by]]`."""

    kind: str = Field(pattern=r"^[0-9A-Z]{18}[0-9A-Z]{3}$")
    must: str = Field(max_length=MAX_CHARACTERS)
    fields: Annotated[tuple[Name, ...], Field(strict=False, max_length=32)] = ()

    def expression(self) -> Call:
        """Return the demand, read.

        Raises:
            ExpressionError: if it is none.
        """
        return parse_expression(self.must)


class RequirementIn(_Part):
    """`[[requirements]]`."""

    id: Name
    zh: Sentence
    en: Sentence
    party: Name | None = None
    none: bool = False
    shown_by: Annotated[tuple[ShownByIn, ...], Field(strict=False, min_length=1, max_length=4)]


class PartyIn(_Part):
    """`[[parties]]`."""

    role: Name
    zh: Sentence
    en: Sentence


class ItemIn(_Part):
    """An item file."""

    code: Name
    name_zh: Sentence
    name_en: Sentence
    sureness: Sentence
    parties: Annotated[tuple[PartyIn, ...], Field(strict=False, max_length=4)] = ()
    requirements: Annotated[
        tuple[RequirementIn, ...], Field(strict=False, min_length=1, max_length=16)
    ]


@dataclass(frozen=True, slots=True)
class ItemMistake:
    """One thing to mend in an item file."""

    file: str
    line: int | None
    """Counted from 1; None when the mistake is of the whole file."""
    key: str
    """Where in the file's data, such as ``requirements[0].shown_by[0].must``."""
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.remedy}"


def read_item(
    document: bytes, file: str, kinds: KindFields
) -> tuple[ItemIn | None, tuple[ItemMistake, ...]]:
    """Read an item file called `file`; return what it says, and everything wrong with it.

    A kind that is not among `kinds` may be issued elsewhere: its fields are not looked up.
    """
    if len(document) > MAX_FILE_BYTES:
        return None, (ItemMistake(file, None, "the file", f"keep it below {MAX_FILE_BYTES} bytes"),)
    try:
        text = document.decode()
        members = tomllib.loads(text)
    except UnicodeDecodeError:
        return None, (ItemMistake(file, None, "the file", "write it in UTF-8"),)
    except (ValueError, RecursionError) as error:  # also numbers and days beyond all bounds
        line = _TOML_LINE.search(str(error))
        number = int(line[1]) if line else None
        return None, (ItemMistake(file, number, "TOML", f"mend the notation: {error}"),)
    lines = TomlLines(text)
    try:
        item = ItemIn.model_validate(members)
    except ValidationError as error:
        return None, tuple(_validation_mistakes(error, file, lines))
    return item, tuple(
        ItemMistake(file, lines.line_of(place, at), _key(place), remedy)
        for place, at, remedy in _mistakes(item, file, kinds)
    )


def _validation_mistakes(
    error: ValidationError, file: str, lines: TomlLines
) -> Iterator[ItemMistake]:
    remedies = {"missing": _MISSING, "extra_forbidden": _UNKNOWN}
    entries = error.errors(include_input=False, include_url=False)
    for entry in entries:
        place = entry["loc"]
        if entry["type"] == "too_short" and _has_inside(place, entries):
            continue  # nothing was left of the list because of what is wrong inside it
        remedy = remedies.get(entry["type"], entry["msg"])
        yield ItemMistake(file, lines.line_of(place), _key(place), remedy)


def _has_inside(place: tuple[Any, ...], entries: list[Any]) -> bool:
    return any(e["loc"] != place and e["loc"][: len(place)] == place for e in entries)


_Found = tuple[Location, int, str]


def _mistakes(item: ItemIn, file: str, kinds: KindFields) -> Iterator[_Found]:
    if f"{item.code}.toml" != file:
        yield ("code",), 0, "make it the file's name without .toml"
    roles = [party.role for party in item.parties]
    yield from _repeated("parties", "role", roles)
    yield from _repeated("requirements", "id", [entry.id for entry in item.requirements])
    for number, requirement in enumerate(item.requirements):
        place: Location = ("requirements", number)
        if requirement.party is not None and requirement.party not in roles:
            yield (*place, "party"), 0, "name one of the item's parties"
        for index, shown in enumerate(requirement.shown_by):
            inside: Location = (*place, "shown_by", index)
            if requirement.none and shown.fields:
                yield (*inside, "fields"), 0, "where no licence may be, no field can be handed out"
            yield from _shown_mistakes(shown, inside, roles, kinds.get(shown.kind))


def _shown_mistakes(
    shown: ShownByIn, place: Location, roles: list[str], fields: Mapping[str, str] | None
) -> Iterator[_Found]:
    for name in shown.fields:
        if fields is not None and name not in fields:
            yield (*place, "fields"), 0, f"the kind has no field {name}"
    try:
        expression = shown.expression()
    except ExpressionError as error:
        yield (*place, "must"), _lines_before(shown.must, error.position), error.remedy
        return
    for position, remedy in demand_mistakes(expression, roles=roles, fields=fields):
        yield (*place, "must"), _lines_before(shown.must, position), remedy


def _repeated(table: str, key: str, names: list[str]) -> Iterator[_Found]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield (table, number, key), 0, f"{name} is there already; give another"


def _lines_before(text: str, position: int) -> int:
    return text.count("\n", 0, position)


def _key(place: tuple[Any, ...]) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return key.removeprefix(".") or "the file"
