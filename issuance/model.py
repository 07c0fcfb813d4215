"""The kinds as their files have them; a mistake is told with file, line, key and remedy."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from issuance.errors import KindFileError
from issuance.kind import Kind
from issuance.render.errors import RenderError
from issuance.render.layout import load_layout

__all__ = ["Kind", "kind_of_code", "load_kinds", "parse_kind"]

DIRECTORY: Final = Path(__file__).parent / "kinds"
_TOML_LINE = re.compile(r"at line (\d+)")
_MISSING: Final = "add this key; see the kinds that come with the project"
_UNKNOWN: Final = "no such key; remove it, or mend its spelling"


@cache
def load_kinds(directory: Path = DIRECTORY) -> Mapping[str, Kind]:
    """Return every kind by name.

    Raises:
        KindFileError: for the first mistake found.
    """
    kinds: dict[str, Kind] = {}
    codes: dict[str, str] = {}
    for path in sorted(directory.glob("*.toml")):
        kind = parse_kind(path.read_text("utf-8"), path.name)
        for code in (kind.code, *kind.aliases):
            if code in codes:
                raise KindFileError(
                    path.name, None, "code", f"{codes[code]} has {code} already; give another"
                )
            codes[code] = path.name
        kinds[kind.name] = kind
    return MappingProxyType(kinds)


def kind_of_code(kinds: Mapping[str, Kind], code: str) -> Kind | None:
    """Return the kind whose code, now or earlier, is `code`."""
    return next((k for k in kinds.values() if code in (k.code, *k.aliases)), None)


def parse_kind(text: str, file: str) -> Kind:
    """Read a kind file's text; `file` is its name, which must be that of the kind.

    Raises:
        KindFileError: if it has a mistake.
    """
    try:
        kind = Kind.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = _TOML_LINE.search(str(error))
        raise KindFileError(
            file, int(line[1]) if line else None, "TOML", f"mend the notation: {error}"
        ) from error
    except ValidationError as error:
        raise _told(error, text, file) from error
    if f"{kind.name}.toml" != file:
        line_number = line_of(text, ("name",))
        raise KindFileError(file, line_number, "name", "make it the file's name without .toml")
    _check_layout(kind, text, file)
    return kind


def line_of(text: str, location: Iterable[str | int]) -> int | None:
    """Return the line on which `location`, such as ``("fields", 2, "mask")``, is written.

    Where the key itself is absent it is the line of the table that lacks it.
    """
    lines = text.splitlines()
    start, place = 0, 0
    table: list[str] = []
    for part in location:
        if isinstance(part, int):
            heads = [i for i, line in enumerate(lines) if line.strip() == f"[[{'.'.join(table)}]]"]
            place = start = heads[part] + 1 if part < len(heads) else place
            continue
        for number in range(start, len(lines)):
            line = lines[number].strip()
            if line in (f"[{'.'.join((*table, part))}]", f"[[{'.'.join((*table, part))}]]"):
                start, place = number, number + 1
                break
            if number > start and line.startswith("["):
                if table:
                    break
            elif re.match(rf"{re.escape(part)}\s*=", line):
                return number + 1
        table.append(part)
    return place or None


def _told(error: ValidationError, text: str, file: str) -> KindFileError:
    first = error.errors(include_input=False, include_url=False)[0]
    location = first["loc"]
    remedies = {"missing": _MISSING, "extra_forbidden": _UNKNOWN}
    remedy = remedies.get(first["type"], first["msg"].removeprefix("Value error, "))
    return KindFileError(file, line_of(text, location), _key(location), remedy)


def _key(location: tuple[Any, ...]) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return key.removeprefix(".") or "the file"


def _check_layout(kind: Kind, text: str, file: str) -> None:
    line = line_of(text, ("layout",))
    try:
        printed = load_layout(kind.layout).field_names
    except RenderError as error:
        raise KindFileError(file, line, "layout", str(error)) from error
    if unknown := sorted(printed - {field.name for field in kind.fields}):
        raise KindFileError(
            file, line, "layout", f"{kind.layout}.toml prints {unknown[0]}: add such a field"
        )
