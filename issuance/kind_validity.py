"""Until when a licence of a kind is valid: the rule as its file has it (`[validity]`).

* ``by_field``: until the day in `until_field`, or found in it by `until_pattern`; without
  one, long-term.
* ``fixed_years``: so many years from the first day. Where `until_field` has a day, it counts,
  and may not be later; several entries are the choices the issuer has.
* ``by_age``: so many years as the holder's age on the first day gives.
* ``permanent``, ``until_event``: no end; an event ends the licence, not a day.
"""

from datetime import date
from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from issuance.kind_parts import Expression, Name, Part

Rule = Literal["by_field", "fixed_years", "by_age", "permanent", "until_event"]


class AgeBracket(Part):
    """How long a licence lasts for a holder of at most `max_age` years."""

    max_age: int | None = Field(default=None, ge=0, le=150)
    """In completed years on the first day; absent in the last bracket."""
    years: int | None = Field(default=None, ge=1, le=100)
    """Absent: long-term."""


class Validity(Part):
    """From when until when a licence is valid."""

    rule: Rule
    from_fields: tuple[Name, ...] = ()
    """The first that has a value; otherwise the day of issue."""
    until_field: Name | None = None
    """Without a value there, or without such a field, the rule says when."""
    until_pattern: Expression | None = None
    """Finds year, month and day in a text; the latest of several counts."""
    years: tuple[int, ...] = ()
    """Of rule ``fixed_years``."""
    long_term: bool = False
    """Whether a licence of fixed years may also be without end, once renewed often enough."""
    birth_field: Name | None = None
    brackets: tuple[AgeBracket, ...] = ()
    """Of rule ``by_age``, by rising age."""
    text_zh: str = Field(min_length=1)
    text_en: str = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "Validity":
        if (self.rule == "fixed_years") != bool(self.years):
            raise ValueError("years 只属于规则 fixed_years · years belong to the rule fixed_years")
        if any(not 1 <= entry <= 100 for entry in self.years):
            raise ValueError("years 应在 1 至 100 之间 · years lie between 1 and 100")
        if (self.rule == "by_age") != bool(self.brackets and self.birth_field):
            raise ValueError(
                "brackets 和 birth_field 只属于规则 by_age，二者都要有"
                " · brackets and birth_field belong to the rule by_age, which needs both"
            )
        if self.long_term and self.rule != "fixed_years":
            raise ValueError(
                "long_term 只属于规则 fixed_years · long_term belongs to the rule fixed_years"
            )
        if self.rule in ("permanent", "until_event") and self.until_field:
            raise ValueError(
                f"规则 {self.rule} 没有截止日期，请删去 until_field"
                f" · the rule {self.rule} has no last day: remove until_field"
            )
        if not _is_rising(self.brackets):
            raise ValueError(
                "brackets 须按 max_age 递增，只有最后一项没有 max_age"
                " · brackets rise by max_age, which only the last one lacks"
            )
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields of the kind that the rule reads."""
        named = (*self.from_fields, self.until_field, self.birth_field)
        return tuple(name for name in named if name)

    def longest(self, born: date | None, first_day: date) -> int | None:
        """Return the most years from `first_day` that the rule allows, None without limit."""
        if self.rule == "fixed_years":
            return None if self.long_term else max(self.years)
        if self.rule == "by_age" and born is not None:
            age = full_years(born, first_day)
            found = (b for b in self.brackets if b.max_age is None or age <= b.max_age)
            return next(found).years
        return None


def full_years(born: date, day: date) -> int:
    """Return the age on `day` in completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _is_rising(brackets: tuple[AgeBracket, ...]) -> bool:
    if not brackets:
        return True
    ages = [bracket.max_age for bracket in brackets[:-1]]
    known = [age for age in ages if age is not None]
    return (
        brackets[-1].max_age is None
        and len(known) == len(ages)
        and all(lower < upper for lower, upper in pairwise(known))
    )
