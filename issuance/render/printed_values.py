"""What the placeholders of a layout stand for in one record."""

from collections.abc import Iterator, Mapping
from typing import Final

from issuance.render.holder_codes import code_type_name
from issuance.render.layout import PLACEHOLDER, Content
from issuance.render.typesetting import Span
from sealkit.record import Holder, LicenceRecord, printed_form

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

    def __init__(self, record: LicenceRecord) -> None:
        self._holders = record.holders
        self._values: dict[str, tuple[str, str | None]] = {
            name: (printed_form(getattr(record, name)), short)
            for name, short in SHORT_NAMES.items()
        }
        names = "、".join(holder.name for holder in record.holders)
        # Several names are joined otherwise in the metadata, so their list is not tied.
        self._values["holder_names"] = (names, HOLDER_LIST if len(record.holders) == 1 else None)
        for field in record.fields:
            self._values[field.name] = (printed_form(field.value), field.short)
        self._tied: set[str] = set()

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
            return Span(text, None, name)
        if text:
            self._tied.add(short)
        return Span(text, short, name)


def _of_holder(holder: Holder) -> dict[str, str]:
    return {
        "holder": holder.name,
        "holder_code": holder.code,
        "holder_code_type": code_type_name(holder.code_type),
    }
