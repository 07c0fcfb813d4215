"""The kinds as their files have them, each with a page that can be drawn."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from issuance.errors import KindFileError
from issuance.kind import Kind
from issuance.kind_files import DIRECTORY, line_of, read_kind
from issuance.render.derived import EMPTY, derived_layout
from issuance.render.errors import RenderError
from issuance.render.layout import load_layout

__all__ = ["Kind", "check_kind_files", "kind_of_code", "load_kinds", "parse_kind"]


@cache
def load_kinds(directory: Path = DIRECTORY) -> Mapping[str, Kind]:
    """Return every kind by name.

    Raises:
        KindFileError: for the first mistake found.
    """
    kinds, mistakes = check_kind_files(sorted(directory.glob("*.toml")))
    if mistakes:
        raise mistakes[0]
    return MappingProxyType(kinds)


def check_kind_files(paths: Iterable[Path]) -> tuple[dict[str, Kind], list[KindFileError]]:
    """Return the kinds that have no mistake, by name, and all mistakes of the others."""
    kinds: dict[str, Kind] = {}
    codes: dict[str, str] = {}
    mistakes: list[KindFileError] = []
    for path in paths:
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            remedy = "请存为 UTF-8 编码 · save the file in UTF-8"
            mistakes.append(KindFileError(path.name, None, "the file", remedy))
            continue
        kind, found = _checked(text, path.name)
        for code in (kind.code, *kind.aliases) if kind else ():
            if code in codes:
                found.append(_taken(text, path.name, code, codes[code]))
            codes[code] = path.name
        if kind and not found:
            kinds[kind.name] = kind
        mistakes += found
    return kinds, mistakes


def kind_of_code(kinds: Mapping[str, Kind], code: str) -> Kind | None:
    """Return the kind whose code, now or earlier, is `code`."""
    return next((k for k in kinds.values() if code in (k.code, *k.aliases)), None)


def parse_kind(text: str, file: str) -> Kind:
    """Read a kind file's text; `file` is its name, which must be that of the kind.

    Raises:
        KindFileError: if it has a mistake.
    """
    kind, mistakes = _checked(text, file)
    if kind is None:
        raise mistakes[0]
    return kind


def _checked(text: str, file: str) -> tuple[Kind | None, list[KindFileError]]:
    kind, mistakes = read_kind(text, file)
    if kind is not None:
        mistakes = _page_mistakes(kind, text, file)
    return (None if mistakes else kind), mistakes


def _page_mistakes(kind: Kind, text: str, file: str) -> list[KindFileError]:
    if kind.layout is None:
        try:
            derived_layout(kind, EMPTY)
        except RenderError as error:
            remedy = f"版面无法生成，请精简 · the page cannot be arranged: {error}"
            return [KindFileError(file, line_of(text, ("face",)), "face", remedy)]
        return []
    line = line_of(text, ("layout",))
    try:
        printed = load_layout(kind.layout).field_names
    except RenderError as error:
        return [KindFileError(file, line, "layout", f"版面文件有误 · {error}")]
    return [
        KindFileError(
            file,
            line,
            "layout",
            f"{kind.layout}.toml 用到字段 {name}，请添加"
            f" · {kind.layout}.toml prints {name}: add such a field",
        )
        for name in sorted(printed - {field.name for field in kind.fields})
    ]


def _taken(text: str, file: str, code: str, other: str) -> KindFileError:
    remedy = f"{other} 已用代码 {code}，请另取 · {other} has {code} already; give another"
    return KindFileError(file, line_of(text, ("code",)), "code", remedy)
