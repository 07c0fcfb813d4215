"""Kinds of licence (证照类型): one file in `kinds/` each, and no code.

A kind file has the head (name, codes, names, layout, which field is the licence number),
`[holders]` (who may hold it and which fields name them), `[validity]` (which fields say
from when and until when) and one `[[fields]]` for each business field. A mistake in a
file stops the start with file, line, key and remedy (`issuance.model`).
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from issuance.masks import MASKS

FieldType = Literal["string", "text", "date", "code", "uscc", "id_number", "image"]
KindCode = Annotated[str, Field(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}[0-9A-Z]{3}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CodeType = Annotated[str, Field(pattern=r"^[0-9]{3}$")]


def _expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


Expression = Annotated[str, AfterValidator(_expression)]


class Part(BaseModel):
    """Anything written in a kind file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KindField(Part):
    """One business field of a kind."""

    name: Name
    label_zh: str = Field(min_length=1)
    label_en: str = Field(min_length=1)
    short: str = Field(pattern=r"^KZ_[A-Z0-9_]{1,32}$")
    """Metadata short name, as deployed systems form it."""
    type: FieldType
    required: bool
    sensitive: bool
    """Personal data; masked unless there is a reason to show it."""
    mask: str | None = None
    """Rule of `issuance.masks`."""
    max: int | None = Field(default=None, ge=1, le=8000)
    """Most characters."""
    not_future: bool = False
    """Whether a date after today (Beijing) is a mistake."""
    pattern: Expression | None = None
    pattern_zh: str | None = None
    pattern_en: str | None = None
    codes: dict[str, str] | None = None
    """Values of a coded field and what they stand for."""

    @model_validator(mode="after")
    def _consistent(self) -> "KindField":
        if self.mask is not None and self.mask not in MASKS:
            raise ValueError(f"mask must be one of {', '.join(sorted(MASKS))}")
        if self.pattern and not (self.pattern_zh and self.pattern_en):
            raise ValueError("a pattern needs pattern_zh and pattern_en to explain it")
        if (self.type == "code") != (self.codes is not None):
            raise ValueError("codes belong to fields of type code, and to no others")
        return self

    @property
    def longest(self) -> int:
        """Most characters of a value."""
        return self.max or (4000 if self.type == "text" else 200)

    def masked(self, value: str) -> str:
        """Return `value` as it is shown to whoever need not know it."""
        return MASKS[self.mask](value) if self.mask else value


class HolderSource(Part):
    """Two fields that name one holder."""

    name: Name
    code: Name
    code_type: CodeType
    """Of the code, where an application does not say otherwise."""


class HolderRules(Part):
    """Who may hold a licence of this kind, and how many."""

    kind: Literal["natural_person", "legal_person", "mixed"]
    code_types: tuple[CodeType, ...] = Field(min_length=1)
    least: int = Field(ge=1)
    most: int = Field(ge=1, le=100)
    source: tuple[HolderSource, ...] = ()
    """In the order of the holders; without any, an application lists its holders."""
    names_field: Name | None = None
    """A field that prints the holders' names, joined by ``、``."""
    names_may_be_partial: bool = False
    """Whether that field may name some of them only."""


class Validity(Part):
    """From when until when a licence is valid."""

    from_fields: tuple[Name, ...] = ()
    """The first that has a value; otherwise the day of issue."""
    until_field: Name | None = None
    """Without a value there, or without such a field, the licence has no end."""
    until_pattern: Expression | None = None
    """Finds year, month and day in a text; the latest of several counts."""
    text_zh: str
    text_en: str


class Kind(Part):
    """One kind of licence."""

    name: Name
    code: KindCode
    """GB/T 36904 type code that new licences carry."""
    code_status: Literal["confirmed", "project"]
    """Whether the code is known to be the national one."""
    aliases: tuple[KindCode, ...] = ()
    """Codes this kind had before; identifiers with them still resolve."""
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    define_authority_code: str = Field(pattern=r"^[0-9A-Z]{18}$")
    issuer_kind: Name
    layout: Name
    """File in `issuance/render/layouts`."""
    number_field: Name
    """The field that is the printed licence number (证照编号)."""
    number_rule: str
    sureness: str
    holders: HolderRules
    validity: Validity
    fields: tuple[KindField, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "Kind":
        names = [field.name for field in self.fields]
        shorts = [field.short for field in self.fields]
        for found, what in ((names, "name"), (shorts, "short")):
            if twice := sorted({entry for entry in found if found.count(entry) > 1}):
                raise ValueError(f"fields: {what} {twice[0]} is used twice")
        if missing := sorted(self._referred - set(names)):
            raise ValueError(f"fields: there is no field {missing[0]}, which the head refers to")
        rules = self.holders
        if rules.least > rules.most or (
            rules.source and not rules.least <= len(rules.source) <= rules.most
        ):
            raise ValueError("holders: least, most and the number of sources do not agree")
        return self

    @property
    def _referred(self) -> set[str]:
        sources = {name for entry in self.holders.source for name in (entry.name, entry.code)}
        single = (self.number_field, self.holders.names_field, self.validity.until_field)
        return sources | {name for name in single if name} | set(self.validity.from_fields)

    def field(self, name: str) -> KindField | None:
        """Return the field of that name."""
        return next((field for field in self.fields if field.name == name), None)
