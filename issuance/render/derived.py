"""The page of a kind without a layout of its own, derived from its fields.

`default_face.toml` is the page without them: where title, code, seal and small print stand,
and how rows are measured. The licence number stands under the title with its own label, unless
it is the holder's own number, which has its row among the fields. A kind's `[face]` may say
which fields share a line; otherwise two short ones do, and a long one has a line to itself.
A field without a value leaves no gap, and a long text has the height of its lines (`Fill`);
the type follows the height of the rows, and whatever is still too long shrinks, then flows to
the next page. Few rows stand a little lower, so that the page is not empty below them.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from issuance.areas import printed_area
from issuance.kind import Kind, KindField
from issuance.render.errors import LayoutError
from issuance.render.items import Box
from issuance.render.layout import Layout

FILE: Final = Path(__file__).parent / "default_face.toml"
LONG_STRING: Final = 150
"""Most characters from which a string has a line to itself."""


@dataclass(frozen=True, slots=True)
class Fill:
    """What of a record decides how its page is arranged."""

    absent: frozenset[str] = frozenset()
    """Fields without a value."""
    lengths: tuple[tuple[str, int], ...] = ()
    """Lines that each text asks for, by field, where more than one."""


EMPTY: Final = Fill()
"""Every field has a value, none of them long."""


def fill_of(kind: Kind, values: Mapping[str, str]) -> Fill:
    """Return what `values`, by field, mean for the arrangement."""
    absent = frozenset(field.name for field in kind.fields if field.name not in values)
    width = _region(kind, absent).width
    lengths = []
    for row in _rows(kind, absent):
        on_a_line = _characters_on_a_line(width, len(row))
        for field in row:
            lines = _lines(field, values.get(field.name, ""), on_a_line)
            if lines > 1:
                lengths.append((field.name, lines))
    return Fill(absent, tuple(lengths))


def derived_layout(kind: Kind, fill: Fill) -> Layout:
    """Return the page of a kind for records filled like `fill`.

    Raises:
        LayoutError: if it cannot be drawn, such as with a statement that breaks a placeholder.
    """
    default = _default()
    layout = _coloured(default["layout"], default["themes"][kind.face.theme])
    places = default["arrangement"]
    pictures = _pictures(kind, fill.absent)
    region = _region(kind, fill.absent)
    rows = tuple(_rows(kind, fill.absent))
    heights = row_heights([_row_lines(row, fill) for row in rows], region.height, places)
    layout["field"] = []
    spare = (region.height - sum(heights)) * places["spare_above"]
    top = region.y + min(spare, places["most_above"])
    between = min(heights, default=0.0) * places["row_gap"]
    for row, height in zip(rows, heights, strict=True):
        line = Box(region.x, top, region.width, height)
        layout["field"] += _fields(kind, row, line, places, between)
        top += height
    layout["styles"] |= _sized_styles(layout, min(heights, default=0.0), kind, places)
    layout["text"] += _texts(kind, places)
    if not _number_under_title(kind):
        _title(layout)["box"] = places["title_alone"]
    layout["picture"] = [{"field": f.name, "box": places["picture"]} for f in pictures]
    try:
        return Layout.model_validate(layout)
    except ValidationError as error:
        raise LayoutError(f"page of {kind.name}: {error}") from error


def _pictures(kind: Kind, absent: frozenset[str]) -> list[KindField]:
    return [field for field in kind.fields if field.type == "image" and field.name not in absent]


def _region(kind: Kind, absent: frozenset[str]) -> Box:
    """Return where the rows stand: beside a picture, if there is one."""
    places = _default()["arrangement"]
    region = Box(*places["rows_under_statement" if kind.face.statement else "rows"])
    if not _pictures(kind, absent):
        return region
    right = places["picture"][0] - places["picture_margin"]
    return Box(region.x, region.y, right - region.x, region.height)


def _characters_on_a_line(width: float, fields: int) -> int:
    """Return how many ideographs a value holds on a line that so many fields share."""
    places = _default()["arrangement"]
    share = (width - places["column_gap"] * (fields - 1)) / fields
    return int((share - places["label_width"] - places["label_gap"]) / places["value_measure"])


def row_heights(lines: Sequence[int], height: float, places: Mapping[str, Any]) -> list[float]:
    """Return the height of each row that has so many lines, together at most `height`.

    Where there is not room for all, long texts give way first: they can flow.
    """
    weights = [1 + (count - 1) * places["line_height"] for count in lines]
    unit = min(places["row_height"], height / max(sum(weights), 1.0))
    if unit >= places["least_row_height"] or not any(count > 1 for count in lines):
        return [unit * weight for weight in weights]
    unit = min(places["least_row_height"], height / len(lines))
    spare = height - unit * len(lines)
    extra = sum(weight - 1 for weight in weights)
    return [unit + spare * (weight - 1) / extra for weight in weights]


@cache
def _default() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def _coloured(part: Any, theme: Mapping[str, str]) -> Any:
    """Return a copy of `part` with the theme's colours."""
    if isinstance(part, dict):
        return {key: _coloured(value, theme) for key, value in part.items()}
    if isinstance(part, list):
        return [_coloured(value, theme) for value in part]
    return theme[part[1:]] if isinstance(part, str) and part.startswith("$") else part


def _rows(kind: Kind, absent: frozenset[str]) -> Iterator[tuple[KindField, ...]]:
    """Yield the fields of each line, without those that have no value."""
    apart = {kind.face.authority, kind.face.dated, *kind.face.unprinted}
    if _number_under_title(kind):
        apart.add(kind.number_field)
    placed = [
        field
        for field in kind.fields
        if field.type != "image"
        and field.name not in apart
        and (field.name not in absent or _never_empty(kind, field))
    ]
    if kind.face.rows:
        by_name = {field.name: field for field in placed}
        for names in kind.face.rows:
            row = tuple(by_name[name] for name in names if name in by_name)
            if row:
                yield row
        return
    waiting: list[KindField] = []
    for field in placed:
        if _is_long(field):
            if waiting:
                yield (waiting.pop(),)
            yield (field,)
        elif waiting:
            yield (waiting.pop(), field)
        else:
            waiting.append(field)
    if waiting:
        yield (waiting.pop(),)


def _number_under_title(kind: Kind) -> bool:
    """Tell whether the licence number has its place under the title, and none in the rows."""
    field = _number(kind)
    return field.type == "string" or field.name in kind.face.unprinted


def _number(kind: Kind) -> KindField:
    return next(field for field in kind.fields if field.name == kind.number_field)


def _title(layout: Mapping[str, Any]) -> dict[str, Any]:
    return next(text for text in layout["text"] if text["style"] == "title")


def _never_empty(kind: Kind, field: KindField) -> bool:
    """Tell whether the record prints something in its place: the last day of validity."""
    return field.name == kind.validity.until_field and field.type == "date"


def _is_long(field: KindField) -> bool:
    return field.type in ("text", "list") or (
        field.type == "string" and (field.max or 0) >= LONG_STRING
    )


def _lines(field: KindField, value: str, on_a_line: int) -> int:
    """Return how many lines a value asks for; what is not free text asks for one."""
    if field.type == "area":
        value = printed_area(value)
    elif field.type not in ("string", "text", "list"):
        return 1
    if field.type == "list" and len(field.columns) > 1:
        return min(len(value.split("\n")) + 1, _most_lines())
    lines = sum(-(-max(_ems(part), 1) // on_a_line) for part in value.split("\n"))
    return min(lines, _most_lines())


def _ems(text: str) -> int:
    """Return about how wide `text` is: two letters or figures are as wide as an ideograph."""
    narrow = sum(character.isascii() for character in text)
    return len(text) - narrow + (narrow + 1) // 2


def _most_lines() -> int:
    return int(_default()["arrangement"]["most_lines"])


def _row_lines(row: Sequence[KindField], fill: Fill) -> int:
    lengths = dict(fill.lengths)
    return max(lengths.get(field.name, 1) for field in row)


def _sized_styles(
    layout: Mapping[str, Any], height: float, kind: Kind, places: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the styles whose size follows the rows, the labels or the title."""
    styles = layout["styles"]
    sized: dict[str, Any] = {}
    for name in ("value", "label"):
        share = round(height * places[f"{name}_share"], 2)
        least = styles[name]["min_size"]
        sized[name] = {**styles[name], "size": max(min(styles[name]["size"], share), least)}
    label = sized["label"]
    for number in {len(field.label_zh) for field in kind.fields}:
        fitting = places["label_width"] / number * 0.99
        if fitting >= places["label_on_one_line"]:
            one_line = {**label, "size": min(label["size"], round(fitting, 2))}
            sized[_label_style(number)] = {**one_line, "leading": 1.2}
        else:
            small = min(label["size"], places["label_on_two_lines"])
            sized[_label_style(number)] = {**label, "size": small, "align": "left"}
    title = styles["title"]
    width = _title(layout)["box"][2]
    fitting = max(round(width / len(kind.name_zh) * 0.98, 2), title["min_size"])
    sized["title"] = {**title, "size": min(title["size"], fitting)}
    return sized


def _label_style(characters: int) -> str:
    return f"label_{characters}"


def _fields(
    kind: Kind, row: Sequence[KindField], line: Box, places: Mapping[str, Any], between: float
) -> Iterator[dict[str, Any]]:
    gap = places["column_gap"]
    width = (line.width - gap * (len(row) - 1)) / len(row)
    for number, field in enumerate(row):
        yield {
            "label": _label(field.label_zh, places),
            "label_style": _label_style(len(field.label_zh)),
            "label_width": places["label_width"],
            "gap": places["label_gap"],
            "text": _template(kind, field),
            "style": "value",
            "flows": True,
            # White below keeps rows apart however full they are.
            "box": [line.x + number * (width + gap), line.y, width, line.height - between],
        }


def _label(label: str, places: Mapping[str, Any]) -> str:
    """Return a label; one too long for a line breaks before its bracket."""
    if places["label_width"] / len(label) * 0.99 >= places["label_on_one_line"]:
        return label
    return label.replace("（", "\n（", 1)


def _template(kind: Kind, field: KindField) -> str:
    if _never_empty(kind, field):
        return f"{{{field.name}|valid_until}}"
    return f"{{{field.name}}}{field.unit_zh or ''}"


def _texts(kind: Kind, places: Mapping[str, Any]) -> list[dict[str, Any]]:
    face = kind.face
    authority = f"{{{face.authority}|issuer_name}}" if face.authority else "{issuer_name}"
    dated = f"{{{face.dated}|issued_on}}" if face.dated else "{issued_on}"
    texts = [
        {"text": authority, "style": "authority", "box": places["authority"]},
        {"text": dated, "style": "authority", "box": places["dated"]},
    ]
    if _number_under_title(kind):
        number = f"{_number(kind).label_zh}：{{{kind.number_field}}}"
        texts.append({"text": number, "style": "number", "box": places["number"]})
    if face.statement:
        statement = f"　　{face.statement}"
        texts.append({"text": statement, "style": "statement", "box": places["statement"]})
    if face.note_zh:
        texts.append({"text": face.note_zh, "style": "note", "box": places["note"]})
    return texts
