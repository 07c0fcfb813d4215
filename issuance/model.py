"""The kinds as their files have them, each with a page that can be drawn."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from issuance.errors import KindFileError
from issuance.kind import Kind
from issuance.kind_files import DIRECTORY, line_of, read_kind
from issuance.render.derived import EMPTY, derived_layout
from issuance.render.errors import RenderError
from issuance.render.layout import load_layout

__all__ = [
    "Kind", "check_kind_files", "codes_taken", "kind_of_code", "load_kinds", "parse_kind",
]  # fmt: skip


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


def check_kind_files(
    paths: Iterable[Path], taken: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, Kind], list[KindFileError]]:
    """Return the kinds that have no mistake, by name, and all mistakes of the others.

    `taken` maps codes that other kinds have to their files.
    """
    kinds: dict[str, Kind] = {}
    codes = dict(taken)
    mistakes: list[KindFileError] = []
    for path in paths:
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            remedy = "请存为 UTF-8 编码 · save the file in UTF-8"
            mistakes.append(KindFileError(path.name, 1, "the file", remedy))
            continue
        kind, found = _checked(text, path.name)
        for code in kind.codes if kind else ():
            if code in codes:
                found.append(_taken(text, path.name, code, codes[code]))
            codes[code] = path.name
        if kind and not found:
            kinds[kind.name] = kind
        mistakes += found
    return kinds, mistakes


def codes_taken(except_files: Collection[str]) -> dict[str, str]:
    """Return the codes of the kinds that ship, with their files, but for `except_files`."""
    paths = (path for path in DIRECTORY.glob("*.toml") if path.name not in except_files)
    kinds, _ = check_kind_files(sorted(paths))
    return {code: f"{k.name}.toml" for k in kinds.values() for code in k.codes}


def kind_of_code(kinds: Mapping[str, Kind], code: str) -> Kind | None:
    """Return the kind whose code, now or earlier, is `code`."""
    return next((k for k in kinds.values() if code in k.codes), None)


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
    key = "layout" if kind.layout else "face"
    line = line_of(text, (key,)) or 1
    try:
        layout = load_layout(kind.layout) if kind.layout else derived_layout(kind, EMPTY)
    except RenderError as error:
        return [KindFileError(file, line, key, f"版面无法生成 · the page cannot be made: {error}")]
    return [
        KindFileError(
            file,
            line,
            key,
            f"版面用到字段 {name}，请添加该字段 · the page prints {name}: add such a field",
        )
        for name in sorted(layout.field_names - {field.name for field in kind.fields})
    ]


def _taken(text: str, file: str, code: str, other: str) -> KindFileError:
    remedy = f"{other} 已用代码 {code}，请另取 · {other} has {code} already; give another"
    return KindFileError(file, line_of(text, ("code",)), "code", remedy)
