"""The predicates that an item may use of one licence: a closed list, each a total function.

Each looks at one verified licence, at who the requirement is about and at the day of the
check, and answers met, not_met or cannot_say. A field that the licence does not have, or
that cannot be read as what it should be, is never taken for an answer: cannot_say.

Ages are counted in full years and are reached on the birthday, Beijing time; whoever was
born on 29 February reaches them on 1 March of a year that has no such day.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sealkit.names import normalise_name
from sealkit.record import Holder, LicenceRecord
from verification.certificate_free.outcomes import Outcome
from verification.certificate_free.quantities import amount_in_yuan, area_in_square_metres

_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].{0,32})?")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?")
_LICENCE_CLASS: Final = re.compile(r"[A-Z][0-9]?")
_SEPARATORS: Final = re.compile(r"[\s,，、/;；]+")


class Want(StrEnum):
    """What an argument must be."""

    FIELD = "a field of the licence"
    DATE_FIELD = "a field that holds a day"
    TEXT = 'a text in "quotation marks"'
    ROLE = 'a party of the item in "quotation marks"'
    NUMBER = "a number"
    DAY = "a day"


class Cause(StrEnum):
    """Why a predicate cannot say; keys of `causes` in `sentences.toml`."""

    FIELD_ABSENT = "field_absent"
    NOT_A_DAY = "not_a_day"
    NOT_A_NUMBER = "not_a_number"
    NOT_AN_AMOUNT = "not_an_amount"
    NOT_AN_AREA = "not_an_area"
    NOT_A_CLASS = "not_a_class"
    PARTY_ABSENT = "party_absent"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a predicate looks at."""

    record: LicenceRecord
    person: Holder
    """Who the requirement is about."""
    today: date
    """The day of the check, Beijing time."""
    parties: Mapping[str, Holder] = field(default_factory=dict)
    """The others in the case, by role."""


Judged = Outcome | Cause
"""A predicate's answer; a cause means cannot_say."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """One entry of the list."""

    wants: tuple[Want, ...]
    judge: Callable[..., Judged]
    """Called with the subject and the arguments as plain values; no field is None."""
    optional: Want | None = None
    """One more argument that may be left out."""
    repeats: bool = False
    """Whether the last argument may be given many times."""


def full_years(born: date, on: date) -> int:
    """Return the age in full years that one born on `born` has on `on`."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def is_same_holder(holder: Holder, person: Holder) -> bool:
    """Tell whether both are one: same code of the same type, and the same name."""
    return (
        holder.code_type == person.code_type
        and holder.code.upper() == person.code.upper()
        and normalise_name(holder.name) == normalise_name(person.name)
    )


def _holder_is(subject: Subject, role: str | None = None) -> Judged:
    person = subject.person if role is None else subject.parties.get(role)
    if person is None:
        return Cause.PARTY_ABSENT
    return _outcome(any(is_same_holder(holder, person) for holder in subject.record.holders))


def _is_party(subject: Subject, value: str, role: str) -> Judged:
    party = subject.parties.get(role)
    if party is None:
        return Cause.PARTY_ABSENT
    return _outcome(value.strip().upper() == party.code.upper())


def _names_person(subject: Subject, value: str) -> Judged:
    return _outcome(normalise_name(value) == normalise_name(subject.person.name))


def _valid_on(subject: Subject, day: date) -> Judged:
    begins, ends = _day(subject.record.valid_from), _day(subject.record.valid_until)
    if begins is None or ends is None:
        return Cause.NOT_A_DAY
    return _outcome(begins <= day <= ends)


def _age_over(subject: Subject, born: str, years: Decimal, on: date | None = None) -> Judged:
    birthday = _day(born)
    if birthday is None:
        return Cause.NOT_A_DAY
    return _outcome(full_years(birthday, on or subject.today) >= years)


def _age_between(
    subject: Subject, born: str, least: Decimal, most: Decimal, on: date | None = None
) -> Judged:
    birthday = _day(born)
    if birthday is None:
        return Cause.NOT_A_DAY
    return _outcome(least <= full_years(birthday, on or subject.today) <= most)


def _date_before(_subject: Subject, value: str, day: date) -> Judged:
    found = _day(value)
    return Cause.NOT_A_DAY if found is None else _outcome(found < day)


def _date_after(_subject: Subject, value: str, day: date) -> Judged:
    found = _day(value)
    return Cause.NOT_A_DAY if found is None else _outcome(found > day)


def _licence_class_includes(_subject: Subject, value: str, wanted: str) -> Judged:
    plain = _SEPARATORS.sub("", value).upper()
    classes = _LICENCE_CLASS.findall(plain)
    if not classes or "".join(classes) != plain:
        return Cause.NOT_A_CLASS
    return _outcome(wanted in classes)


def _equals(_subject: Subject, value: str, text: str) -> Judged:
    return _outcome(value.strip() == text)


def _one_of(_subject: Subject, value: str, *texts: str) -> Judged:
    return _outcome(value.strip() in texts)


def _text_includes(_subject: Subject, value: str, text: str) -> Judged:
    return _outcome(text in value)


def _amount_at_least(_subject: Subject, value: str, least: Decimal) -> Judged:
    amount = amount_in_yuan(value)
    return Cause.NOT_AN_AMOUNT if amount is None else _outcome(amount >= least)


def _amount_at_most(_subject: Subject, value: str, most: Decimal) -> Judged:
    amount = amount_in_yuan(value)
    return Cause.NOT_AN_AMOUNT if amount is None else _outcome(amount <= most)


def _area_at_least(
    _subject: Subject, value: str, least: Decimal, label: str | None = None
) -> Judged:
    area = area_in_square_metres(value, label)
    return Cause.NOT_AN_AREA if area is None else _outcome(area >= least)


def _area_at_most(_subject: Subject, value: str, most: Decimal, label: str | None = None) -> Judged:
    area = area_in_square_metres(value, label)
    return Cause.NOT_AN_AREA if area is None else _outcome(area <= most)


def _number_at_least(_subject: Subject, value: str, least: Decimal) -> Judged:
    number = _number(value)
    return Cause.NOT_A_NUMBER if number is None else _outcome(number >= least)


def _number_at_most(_subject: Subject, value: str, most: Decimal) -> Judged:
    number = _number(value)
    return Cause.NOT_A_NUMBER if number is None else _outcome(number <= most)


PREDICATES: Final[Mapping[str, Predicate]] = MappingProxyType(
    {
        "holder_is": Predicate((), _holder_is, Want.ROLE),
        "is_party": Predicate((Want.FIELD, Want.ROLE), _is_party),
        "names_person": Predicate((Want.FIELD,), _names_person),
        "valid_on": Predicate((Want.DAY,), _valid_on),
        "age_over": Predicate((Want.DATE_FIELD, Want.NUMBER), _age_over, Want.DAY),
        "age_between": Predicate(
            (Want.DATE_FIELD, Want.NUMBER, Want.NUMBER), _age_between, Want.DAY
        ),
        "date_before": Predicate((Want.DATE_FIELD, Want.DAY), _date_before),
        "date_after": Predicate((Want.DATE_FIELD, Want.DAY), _date_after),
        "licence_class_includes": Predicate((Want.FIELD, Want.TEXT), _licence_class_includes),
        "equals": Predicate((Want.FIELD, Want.TEXT), _equals),
        "one_of": Predicate((Want.FIELD, Want.TEXT), _one_of, repeats=True),
        "text_includes": Predicate((Want.FIELD, Want.TEXT), _text_includes),
        "amount_at_least": Predicate((Want.FIELD, Want.NUMBER), _amount_at_least),
        "amount_at_most": Predicate((Want.FIELD, Want.NUMBER), _amount_at_most),
        "area_at_least": Predicate((Want.FIELD, Want.NUMBER), _area_at_least, Want.TEXT),
        "area_at_most": Predicate((Want.FIELD, Want.NUMBER), _area_at_most, Want.TEXT),
        "number_at_least": Predicate((Want.FIELD, Want.NUMBER), _number_at_least),
        "number_at_most": Predicate((Want.FIELD, Want.NUMBER), _number_at_most),
    }
)


def _outcome(holds: Any) -> Outcome:
    return Outcome.MET if holds else Outcome.NOT_MET


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text.strip())
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    plain = text.strip()
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None
