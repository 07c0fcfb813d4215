"""Kinds of licence (证照类型): one file in `kinds/` each, and no code.

A kind file has the head (name, codes, names, which field is the licence number),
`[holders]` (who may hold it and which fields name them), `[validity]` (from when until
when), `[disclosure]` (what is shown to whom), `[face]` (the page, where no layout was made
by hand) and one `[[fields]]` for each business field. `docs/kinds.md` says how to write
one; a mistake stops the start with file, line, key and remedy (`issuance.kind_files`).
"""

from typing import Literal

from pydantic import Field

from issuance.kind_face import Face
from issuance.kind_field import KindField
from issuance.kind_parts import CodeType, KindCode, Name, Part, SealTypes
from issuance.kind_validity import Validity

__all__ = ["Disclosure", "DisclosureLevel", "HolderRules", "HolderSource", "Kind", "KindField"]

DisclosureLevel = Literal["minimal", "standard", "full"]


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


class Disclosure(Part):
    """What of a licence is shown to whom (用证的最小必要)."""

    minimal: tuple[Name, ...] = ()
    """Shown with state and validity alone; without any, the fields that name the holders."""
    never_by_default: tuple[Name, ...] = ()
    """Shown on the holder's separate consent only, whatever their mask."""


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
    layout: Name | None = None
    """File in `issuance/render/layouts`, where one was made by hand; see `face`."""
    number_field: Name
    """The field that is the printed licence number (证照编号)."""
    seals: SealTypes = ("06",)
    """Types of the issuer's seals that go on a licence, in their order."""
    seam: bool = False
    """Whether the first seal also goes over the edges of all pages (骑缝章)."""
    lock: bool = False
    """Whether the last seal locks the document: nothing may be added after it."""
    number_rule: str
    sureness: str
    holders: HolderRules
    validity: Validity
    disclosure: Disclosure = Disclosure()
    face: Face = Face()
    fields: tuple[KindField, ...] = Field(min_length=1)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the code and those the kind had before."""
        return (self.code, *self.aliases)

    def field(self, name: str) -> KindField | None:
        """Return the field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    def disclosed(self, level: DisclosureLevel) -> tuple[str, ...]:
        """Return the names of the fields that `level` shows, in the order of the kind.

        ``standard`` is what is required and not hidden, ``full`` everything.
        """
        if level == "full":
            return tuple(field.name for field in self.fields)
        if level == "minimal":
            shown = set(self.disclosure.minimal) or set(self.naming_fields)
            return tuple(field.name for field in self.fields if field.name in shown)
        return tuple(
            field.name
            for field in self.fields
            if field.required
            and field.mask != "hide"
            and field.name not in self.disclosure.never_by_default
        )

    @property
    def naming_fields(self) -> tuple[str, ...]:
        """Return the fields that print holders' names."""
        rules = self.holders
        return (
            *([rules.names_field] if rules.names_field else ()),
            *(s.name for s in rules.source),
        )
