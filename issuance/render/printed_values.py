"""What the placeholders of a layout stand for in one record."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from issuance.areas import printed_area
from issuance.kind import Kind
from issuance.render.holder_codes import code_type_name
from issuance.render.layout import PLACEHOLDER, Content
from issuance.render.printed_lists import printed_list
from issuance.render.typesetting import Span
from sealkit.record import Holder, LicenceRecord, RecordField, printed_form

SHORT_NAMES: Final = {
    "kind_name": "ZZMC",
    "number": "ZZBH",
    "identifier": "ZZBS",
    "issuer_name": "ZZBFJG",
    "issuer_code": "ZZBFJGDM",
    "issued_on": "ZZBFRQ",
    "valid_from": "ZZYXQQSRQ",
    "valid_until": "ZZYXQJZRQ",
}
"""GB/T 36903 names of the record's own members."""
HOLDER_LIST: Final = "CZZT"


class PrintedValues:
    """The texts of one record, each handed out with the name that ties it to the metadata.

    A value printed in two places is tied once only: the objects of one field, put together,
    must read as its value.
    """

    def __init__(self, record: LicenceRecord, kind: Kind) -> None:
        self._holders = record.holders
        self._values: dict[str, tuple[str, str | None]] = {
            name: (printed_form(getattr(record, name)), short)
            for name, short in SHORT_NAMES.items()
        }
        names = "、".join(holder.name for holder in record.holders)
        # Several names are joined otherwise in the metadata, so their list is not tied.
        self._values["holder_names"] = (names, HOLDER_LIST if len(record.holders) == 1 else None)
        self._heads: dict[str, str] = {}
        for field in record.fields:
            self._values[field.name] = _field_form(field, kind)
            described = kind.field(field.name)
            if described and described.type == "list":
                self._heads[field.name], entries = printed_list(described, field.value)
                self._values[field.name] = entries, field.short
        self._tied: set[str] = set()
        self._arabic = {field.name for field in kind.fields if field.script == "arabic"}

    def spans(self, content: Content) -> list[Span]:
        """Return the pieces of `content` in order, placeholders replaced."""
        if content.repeat != "holders":
            return list(self._pieces(content.text, {}))
        lines: list[Span] = []
        for holder in self._holders:
            if lines:
                lines.append(Span("\n"))
            lines += self._pieces(content.text, _of_holder(holder))
        return lines

    def _pieces(self, template: str, holder: Mapping[str, str]) -> Iterator[Span]:
        position = 0
        for found in PLACEHOLDER.finditer(template):
            if found.start() > position:
                yield Span(template[position : found.start()])
            if heads := self._heads.get(found[1]):
                yield Span(heads)
            yield self._value(found[1], holder)
            position = found.end()
        if position < len(template):
            yield Span(template[position:])

    def _value(self, name: str, holder: Mapping[str, str]) -> Span:
        if name in holder:
            return Span(holder[name], None, name)
        first = (one for one in name.split("|") if self._values.get(one, ("", None))[0])
        text, short = self._values.get(next(first, name), ("", None))
        if short is None or short in self._tied:
            return Span(text, None, name, name in self._arabic)
        if text:
            self._tied.add(short)
        return Span(text, short, name, name in self._arabic)


def _field_form(field: RecordField, kind: Kind) -> tuple[str, str | None]:
    """Return what the page prints for a field, and the name that ties it, where it is tied.

    The meaning of a code, an area's name and a time of day are not the value as the metadata
    have it, so they are not tied to it.
    """
    described = kind.field(field.name)
    if described and described.type == "code" and described.codes:
        return described.codes.get(field.value, field.value), None
    if described and described.type == "datetime":
        return printed_time(field.value), None
    if described and described.type == "area":
        return printed_area(field.value), None
    return printed_form(field.value), field.short


def printed_time(value: str) -> str:
    """Return an RFC 3339 time in its own zone, as printed: ``2026年11月20日 08时30分``."""
    moment = datetime.fromisoformat(value)
    return f"{printed_form(moment.date().isoformat())} {moment:%H}时{moment:%M}分"


def _of_holder(holder: Holder) -> dict[str, str]:
    return {
        "holder": holder.name,
        "holder_code": holder.code,
        "holder_code_type": code_type_name(holder.code_type),
    }
