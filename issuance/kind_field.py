"""One business field of a kind, as its file has it (`[[fields]]`)."""

from typing import Final, Literal

from pydantic import Field, model_validator

from issuance.kind_parts import Expression, Name, Part
from issuance.masks import MASKS

FieldType = Literal[
    "string", "text", "date", "datetime", "integer", "number", "phone", "code", "uscc",
    "id_number", "list", "image", "area",
]  # fmt: skip
LONGEST: Final = {"text": 4000, "list": 4000, "image": 64 * 1024}
"""Most characters of a value where the file says nothing; others have 200."""


class Column(Part):
    """One column of a list."""

    label_zh: str = Field(min_length=1)
    label_en: str = Field(min_length=1)
    type: Literal["string", "date"] = "string"


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
    unit_zh: str | None = None
    """Printed after the value."""
    script: Literal["han", "arabic"] = "han"
    """``arabic``: a name in Arabic letters, as Uyghur and Kazakh are written; printed right
    to left."""
    codes: dict[str, str] | None = None
    """Values of a coded field and what they stand for; the page prints the latter."""
    columns: tuple[Column, ...] = ()
    """Of a list: what each of its lines consists of."""

    @model_validator(mode="after")
    def _consistent(self) -> "KindField":
        if self.mask is not None and self.mask not in MASKS:
            known = ", ".join(sorted(MASKS))
            raise ValueError(f"mask 应为下列之一 · mask must be one of {known}")
        if self.sensitive and self.mask is None:
            raise ValueError("敏感字段须指定 mask · a sensitive field needs a mask")
        if self.pattern and not (self.pattern_zh and self.pattern_en):
            raise ValueError(
                "pattern 须有 pattern_zh 和 pattern_en 说明"
                " · a pattern needs pattern_zh and pattern_en to explain it"
            )
        if (self.type == "code") != (self.codes is not None):
            raise ValueError(
                "codes 只属于 code 类型的字段，且必须有"
                " · codes belong to fields of type code, and to no others"
            )
        if (self.type == "list") != bool(self.columns):
            raise ValueError(
                "columns 只属于 list 类型的字段，且必须有"
                " · columns belong to fields of type list, and to no others"
            )
        if self.not_future and self.type not in ("date", "datetime"):
            raise ValueError("not_future 只用于日期 · not_future is for dates only")
        return self

    @property
    def longest(self) -> int:
        """Most characters of a value."""
        return self.max or LONGEST.get(self.type, 200)

    def masked(self, value: str) -> str:
        """Return `value` as it is shown to whoever need not know it."""
        return MASKS[self.mask](value) if self.mask else value
