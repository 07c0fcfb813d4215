"""The form of an application, made from its kind: nothing here knows any kind by name.

Places are those that problems name (``uscc``, ``holders[0].code``), so each problem finds its
field. Pictures cannot be chosen again by a server, so one that was read is carried along in
the small form in which the register keeps it.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from markupsafe import Markup, escape

from issuance.application_data import LicenceData
from issuance.areas import printed_area
from issuance.kind import Kind, KindField
from issuance.pictures import MAX_SENT_BYTES, PREFIX, PictureError, kept_form
from issuance.render.holder_codes import code_type_name
from sealkit.record import Holder, printed_form
from yinxin.console import posting

FIELD: Final = "fields."
KEPT: Final = "kept."
DROPPED: Final = "dropped."
_EMPTY_ROWS: Final = 4
"""Holders that there is room for, where nothing else says how many there are."""
_WIDE: Final = 120
"""Characters from which a text gets a line of its own."""

_TYPES: Final = {"date": "date", "phone": "tel", "datetime": "datetime-local"}
_MODES: Final = {"integer": "numeric", "area": "numeric", "number": "decimal"}


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the kind, as the form has it."""

    field: KindField
    value: str
    hint: str

    @property
    def control(self) -> str:
        """Return which control takes it."""
        if self.field.type in ("image", "code"):
            return self.field.type
        return "textarea" if self.field.type in ("text", "list") else "input"

    @property
    def input_type(self) -> str:
        """Return the type of the input."""
        return _TYPES.get(self.field.type, "text")

    @property
    def mode(self) -> str:
        """Return which keyboard a phone shows."""
        return _MODES.get(self.field.type, "")

    @property
    def wide(self) -> bool:
        """Say whether it takes a line of its own."""
        return self.control in ("textarea", "image") or bool(
            self.field.type == "string" and (self.field.max or 0) >= _WIDE
        )

    @property
    def options(self) -> list[tuple[str, str]]:
        """Return the codes to choose from, with what they stand for."""
        return list((self.field.codes or {}).items())


@dataclass(frozen=True, slots=True)
class HolderRow:
    """Room for one holder."""

    place: str
    values: Mapping[str, str]
    named: str = ""
    """What the field that names this holder is called, where there is one."""


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """What the template draws."""

    kind: Kind
    fields: tuple[FormField, ...]
    holders: tuple[HolderRow, ...]
    """Where the kind's fields name the holders, without names and codes."""
    named_by_fields: bool
    code_types: tuple[tuple[str, str], ...]


def form_of(kind: Kind, data: Mapping[str, Any]) -> ApplicationForm:
    """Return the form of `kind`, filled in with `data` as the API takes them."""
    values: Mapping[str, Any] = data.get("fields") or {}
    fields = tuple(
        FormField(field, _entered(field, str(values.get(field.name) or "")), _hint(kind, field))
        for field in kind.fields
    )
    return ApplicationForm(
        kind,
        fields,
        _rows(kind, data.get("holders") or []),
        bool(kind.holders.source),
        tuple((code, code_type_name(code)) for code in kind.holders.code_types),
    )


def data_of_form(request: Request, kind: Kind) -> dict[str, Any]:
    """Return what was entered, as the API takes it; nothing is judged here."""
    fields: dict[str, Any] = {}
    for field in kind.fields:
        entered = posting.text(request, FIELD + field.name).replace("\r\n", "\n")
        value = _picture(request, field) if field.type == "image" else entered
        if value:
            fields[field.name] = value
    holders = _holders(request, kind, fields)
    return {"fields": fields} if holders is None else {"fields": fields, "holders": holders}


def shown_fields(kind: Kind, data: LicenceData) -> list[tuple[KindField, Markup | str]]:
    """Return the fields that have a value, as a page shows them."""
    return [
        (field, shown_value(field, data.fields[field.name]))
        for field in kind.fields
        if field.name in data.fields
    ]


def shown_value(field: KindField, value: str) -> Markup | str:
    """Return one value for people: codes as what they stand for, pictures as pictures."""
    if field.type == "image" and value.startswith(PREFIX):
        return Markup('<img class="photo" src="{}" alt="{}">').format(value, field.label_zh)
    if field.type == "list":
        return Markup("<br>").join(escape(line) for line in value.split("\n"))
    if field.type == "code":
        return (field.codes or {}).get(value, value)
    if field.type == "area" and value.isdigit():
        return printed_area(value)
    return printed_form(value) if field.type == "date" else value


def shown_holder(holder: Holder) -> str:
    """Return a holder for people: name, sort of document, number."""
    return f"{holder.name}　{code_type_name(holder.code_type)}　{holder.code}"


def _entered(field: KindField, value: str) -> str:
    if field.type == "image" and not (value.startswith(PREFIX) and len(value) <= field.longest):
        return ""  # no picture that we took; it has to be chosen anew
    # Kept with its zone, which the browser's control does not take.
    return value[: len("2026-11-20T08:30")] if field.type == "datetime" else value


def _hint(kind: Kind, field: KindField) -> str:
    hints = [field.pattern_zh] if field.pattern_zh else []
    if field.columns:
        columns = "｜".join(column.label_zh for column in field.columns)
        hints.append(f"每行一条，各栏以“｜”分隔：{columns}")
    if field.type == "image":
        hints.append("JPEG 或 PNG，不超过 2 MB")
    if field.type == "area":
        hints.append("6 位行政区划代码")
    if field.type == "uscc":
        hints.append("18 位统一社会信用代码")
    if field.name == kind.validity.until_field and not field.required:
        hints.append("长期有效的不填")
    return "；".join(hints)


def _rows(kind: Kind, entered: list[Any]) -> tuple[HolderRow, ...]:
    rules = kind.holders
    if rules.source:
        if len(rules.code_types) == 1:
            return ()
        count = len(rules.source)
        first = [{"code_type": source.code_type} for source in rules.source]
    else:
        count = min(rules.most, max(rules.least, _EMPTY_ROWS, len(entered) + 1))
        first = [{"code_type": rules.code_types[0]} for _ in range(count)]
    given = [entry for entry in entered if isinstance(entry, Mapping)]
    filled = [*given, *first[len(given) :]][:count]
    names = [kind.field(source.name) for source in rules.source]
    labels = [field.label_zh if field else "" for field in names] or [""] * count
    return tuple(
        HolderRow(f"holders[{n}]", row, label)
        for n, (row, label) in enumerate(zip(filled, labels, strict=True))
    )


def _holders(
    request: Request, kind: Kind, fields: Mapping[str, Any]
) -> list[dict[str, str]] | None:
    """Return the holders as entered; None where the fields say all of it."""
    source = kind.holders.source
    if source:
        types = [
            posting.text(request, f"holders[{n}].code_type") or entry.code_type
            for n, entry in enumerate(source)
        ]
        if all(given == entry.code_type for given, entry in zip(types, source, strict=True)):
            return None
        return [
            {
                "name": str(fields.get(entry.name, "")),
                "code": str(fields.get(entry.code, "")),
                "code_type": given,
            }
            for given, entry in zip(types, source, strict=True)
        ]
    rows = []
    for number in range(kind.holders.most):
        row = {
            member: posting.text(request, f"holders[{number}].{member}")
            for member in ("name", "code", "code_type")
        }
        if row["name"] or row["code"]:
            rows.append(row)
    return rows


def _picture(request: Request, field: KindField) -> str:
    chosen = posting.upload(request, FIELD + field.name)
    if chosen is not None:
        content = chosen.file.read(MAX_SENT_BYTES + 1)
        sent = "data:image/png;base64," + base64.b64encode(content).decode("ascii")
        try:
            return kept_form(sent)
        except PictureError:
            return sent  # judged with everything else
    if posting.text(request, DROPPED + field.name):
        return ""
    return posting.text(request, KEPT + field.name)
