"""What must agree within one kind file; each mistake with the place where it is written."""

from collections.abc import Iterator

from issuance.kind import Kind

Mistake = tuple[tuple[str | int, ...], str]
"""Location as Pydantic writes it, and the remedy, Chinese and English."""


def inconsistencies(kind: Kind) -> Iterator[Mistake]:
    """Yield what does not agree in a kind whose parts are each well formed."""
    yield from _repeated(kind)
    known = {field.name for field in kind.fields}
    for location, name in _references(kind):
        if name not in known:
            yield (
                location,
                f"没有字段 {name}，请改名或添加该字段"
                f" · there is no field {name}: mend the name or add the field",
            )
    rules = kind.holders
    if rules.least > rules.most or (
        rules.source and not rules.least <= len(rules.source) <= rules.most
    ):
        yield (
            ("holders", "least"),
            "least、most 与 source 的个数不一致"
            " · least, most and the number of sources do not agree",
        )
    yield from _types(kind)
    yield from _face(kind)


def _repeated(kind: Kind) -> Iterator[Mistake]:
    for key in ("name", "short"):
        seen: set[str] = set()
        for number, field in enumerate(kind.fields):
            value = getattr(field, key)
            if value in seen:
                yield (
                    ("fields", number, key),
                    f"{value} 用了两次，请另取 · {key} {value} is used twice: give another",
                )
            seen.add(value)


def _references(kind: Kind) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield ("number_field",), kind.number_field
    for number, source in enumerate(kind.holders.source):
        yield ("holders", "source", number, "name"), source.name
        yield ("holders", "source", number, "code"), source.code
    if kind.holders.names_field:
        yield ("holders", "names_field"), kind.holders.names_field
    for key in ("from_fields", "until_field", "birth_field"):
        named = getattr(kind.validity, key)
        for name in named if isinstance(named, tuple) else (named,):
            if name:
                yield ("validity", key), name
    for key in ("minimal", "never_by_default"):
        for name in getattr(kind.disclosure, key):
            yield ("disclosure", key), name
    for name in kind.face.fields:
        yield ("face", _face_key(kind, name)), name


def _face_key(kind: Kind, name: str) -> str:
    face = kind.face
    if name in (face.authority, face.dated):
        return "authority" if name == face.authority else "dated"
    return "unprinted" if name in face.unprinted else "rows"


def _types(kind: Kind) -> Iterator[Mistake]:
    number = kind.field(kind.number_field)
    if number and not (number.required and number.type in ("string", "uscc", "id_number")):
        yield (
            ("number_field",),
            f"证照编号字段 {number.name} 须必填，且为 string、uscc 或 id_number"
            f" · the number {number.name} must be required, and string, uscc or id_number",
        )
    rules = kind.validity
    for name in (*rules.from_fields, rules.birth_field, rules.until_field):
        field = kind.field(name) if name else None
        is_text = name == rules.until_field and rules.until_pattern
        if field and field.type != "date" and not is_text:
            yield (
                ("validity",),
                f"字段 {field.name} 不是日期 · the field {field.name} is not a date",
            )


def _face(kind: Kind) -> Iterator[Mistake]:
    face = kind.face
    if kind.layout:
        if face.model_fields_set:
            yield (
                ("face",),
                "已有 layout，请删去 [face] · there is a layout already: remove [face]",
            )
        return
    if not face.rows:
        return
    named = face.fields
    for name in sorted({name for name in named if named.count(name) > 1}):
        yield ("face", "rows"), f"{name} 出现两次 · {name} is placed twice"
    for field in kind.fields:
        if field.type != "image" and field.name not in named:
            yield (
                ("face", "rows"),
                f"字段 {field.name} 未排版，请放入 rows 或 unprinted"
                f" · the field {field.name} is not placed: put it into rows or unprinted",
            )
