"""Kind files read and checked one by one; a mistake is told with file, line, key and remedy."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from issuance.errors import KindFileError, UnknownKindError
from issuance.kind import Kind
from issuance.kind_consistency import inconsistencies

DIRECTORY: Final = Path(__file__).parent / "kinds"
_TOML_LINE = re.compile(r"at line (\d+)")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MISSING: Final = (
    "缺少此项，请补上，可参照项目自带的证照类型"
    " · add this key; see the kinds that come with the project"
)
_UNKNOWN: Final = "没有此项，请删去或改正拼写 · no such key; remove it, or mend its spelling"
_NAMED_AFTER_FILE: Final = "须与文件名（不含 .toml）一致 · make it the file's name without .toml"


@cache
def shipped_kind(name: str) -> Kind:
    """Return the kind of that name among those that lie in `DIRECTORY`.

    Raises:
        UnknownKindError: if there is no such file.
        KindFileError: if it has a mistake.
    """
    path = DIRECTORY / f"{name}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise UnknownKindError
    kind, mistakes = read_kind(path.read_text("utf-8"), path.name)
    if kind is None:
        raise mistakes[0]
    return kind


def read_kind(text: str, file: str) -> tuple[Kind | None, list[KindFileError]]:
    """Read a kind file's text; `file` is its name, which must be that of the kind.

    Returns the kind, or None and every mistake found, in the order of their lines.
    """
    try:
        kind = Kind.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = _TOML_LINE.search(str(error))
        remedy = f"TOML 写法有误，请改正 · mend the notation: {error}"
        return None, [KindFileError(file, int(line[1]) if line else None, "TOML", remedy)]
    except ValidationError as error:
        return None, _in_order(_told(entry, text, file) for entry in _entries(error))
    found = [
        KindFileError(file, line_of(text, location) or 1, _key(location), remedy)
        for location, remedy in inconsistencies(kind)
    ]
    if f"{kind.name}.toml" != file:
        found.append(KindFileError(file, line_of(text, ("name",)), "name", _NAMED_AFTER_FILE))
    return (None if found else kind), _in_order(found)


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


def _entries(error: ValidationError) -> Iterable[Any]:
    return error.errors(include_input=False, include_url=False)


def _told(entry: Any, text: str, file: str) -> KindFileError:
    location = entry["loc"]
    remedies = {"missing": _MISSING, "extra_forbidden": _UNKNOWN}
    message = entry["msg"]
    if entry["type"] == "value_error":
        remedy = message.removeprefix("Value error, ")
    else:
        remedy = remedies.get(entry["type"], f"值不合要求，请改正 · {message}")
    # What is missing from the head belongs at the beginning of the file.
    return KindFileError(file, line_of(text, location) or 1, _key(location), remedy)


def _key(location: tuple[Any, ...]) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return key.removeprefix(".") or "the file"


def _in_order(mistakes: Iterable[KindFileError]) -> list[KindFileError]:
    return sorted(mistakes, key=lambda mistake: mistake.line or 0)
