"""Is what a department sends fit for a licence of its kind: every problem, at once.

* Fields: known to the kind, required ones present, text of the right form and length.
* Check digits of USCC and citizen numbers; dates that exist, and are not ahead of today
  where the kind says so.
* Names in one form (separator ``·``); values that stand for nothing, such as ``无``, are
  refused: an absent value is an absent key.
* Holders: as many as the kind allows, of its code types, the same as the fields name.

What passes comes back normalised: dates as ISO, codes in capital letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from issuance.errors import DataProblem, InvalidDataError
from issuance.field_values import FieldValueError, cleaned_value
from issuance.holder_data import HolderRefusal, code_type_of, holders_of, names_problem
from issuance.kind import Kind, KindField
from issuance.sentences import sentence
from issuance.validity import has_impossible_end, latest_end, valid_until
from sealkit.record import LONG_TERM, Holder

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
PLACEHOLDERS: Final = frozenset({"无", "/", "-", "—", "null", "NULL", "None", "N/A"})
MAX_FIELDS: Final = 200


@dataclass(frozen=True, slots=True)
class LicenceData:
    """Validated content of an application: who holds the licence, and its fields."""

    holders: tuple[Holder, ...]
    fields: Mapping[str, str]
    """By name, in the order of the kind; absent values have no key."""

    def to_members(self) -> dict[str, Any]:
        """Return the data as JSON carries them."""
        holders = [
            {"name": holder.name, "code": holder.code, "code_type": holder.code_type}
            for holder in self.holders
        ]
        return {"holders": holders, "fields": dict(self.fields)}

    @classmethod
    def from_members(cls, members: Mapping[str, Any]) -> "LicenceData":
        """Read back what `to_members` wrote, in our own storage."""
        return cls(tuple(Holder(**entry) for entry in members["holders"]), members["fields"])


def today(at: datetime) -> date:
    """Return the day of `at` in Beijing."""
    return at.astimezone(BEIJING).date()


def validate_application_data(kind: Kind, data: Mapping[str, Any], at: datetime) -> LicenceData:
    """Return the normalised content of `data`, ``{"holders": [...], "fields": {...}}``.

    `at` decides what is in the future, and whether a validity has run out.

    Raises:
        InvalidDataError: listing every problem found.
    """
    problems: list[DataProblem] = []
    raw_fields = data.get("fields")
    raw_holders = data.get("holders")
    for name in sorted(set(data) - {"fields", "holders"}):
        problems.append(_problem(name[:64], "data.member.unknown"))
    if not isinstance(raw_fields, Mapping) or len(raw_fields) > MAX_FIELDS:
        problems.append(_problem("fields", "data.fields.not_object"))
        raise InvalidDataError(problems)
    fields = _clean_fields(kind, raw_fields, raw_holders, at, problems)
    holders = _clean_holders(kind, raw_holders, fields, at, problems)
    if not problems:
        problems += _check_together(kind, holders, fields, at)
    if problems:
        raise InvalidDataError(problems)
    return LicenceData(holders, fields)


def _clean_fields(
    kind: Kind,
    raw: Mapping[str, Any],
    raw_holders: Any,
    at: datetime,
    problems: list[DataProblem],
) -> dict[str, str]:
    known = {field.name for field in kind.fields}
    # The name of an unknown field is the sender's text: shortened, never echoed whole.
    problems += [
        _problem(str(name)[:64], "data.field.unknown") for name in raw if name not in known
    ]
    fields: dict[str, str] = {}
    for field in kind.fields:
        value = raw.get(field.name)
        if value is None or value == "":
            if field.required:
                problems.append(_field_problem(field, "data.field.required"))
            continue
        if isinstance(value, str) and value.strip() in PLACEHOLDERS:
            problems.append(_field_problem(field, "data.field.placeholder"))
            continue
        try:
            cleaned = cleaned_value(field, value, code_type_of(kind, field, raw_holders), at)
        except FieldValueError as error:
            problems.append(_field_problem(field, error.code))
            continue
        if cleaned != LONG_TERM:
            fields[field.name] = cleaned
    return fields


def _clean_holders(
    kind: Kind,
    raw: Any,
    fields: Mapping[str, str],
    at: datetime,
    problems: list[DataProblem],
) -> tuple[Holder, ...]:
    holders, refusals = holders_of(kind, raw, fields, at)
    # A field with a problem of its own is not reported a second time as a holder's.
    faulty = {problem.field for problem in problems}
    problems += [
        _holder_problem(kind, refusal) for refusal in refusals if refusal.place not in faulty
    ]
    return holders


def _check_together(
    kind: Kind, holders: tuple[Holder, ...], fields: Mapping[str, str], at: datetime
) -> list[DataProblem]:
    problems = []
    if code := names_problem(kind, holders, fields):
        problems.append(_problem(str(kind.holders.names_field), code))
    now = today(at).isoformat()
    end = valid_until(kind, fields, now)
    name = kind.validity.until_field
    if name and has_impossible_end(kind, fields):
        problems.append(_field_problem(_field(kind, name), "data.date.nonexistent"))
    elif name and end != LONG_TERM:
        begins = [fields[entry] for entry in kind.validity.from_fields if entry in fields]
        if begins and end < begins[0]:
            problems.append(_field_problem(_field(kind, name), "data.validity.order"))
        elif end < now:
            problems.append(_field_problem(_field(kind, name), "data.validity.past"))
        elif end > latest_end(kind, fields, now):
            problems.append(_field_problem(_field(kind, name), "data.validity.rule"))
    return problems


def _field(kind: Kind, name: str) -> KindField:
    field = kind.field(name)
    if field is None:
        raise LookupError(name)
    return field


def _field_problem(field: KindField, code: str) -> DataProblem:
    zh, en = sentence(
        code,
        {"label": field.label_zh, "max": field.longest, "form": field.pattern_zh or ""},
        {"label": field.label_en, "max": field.longest, "form": field.pattern_en or ""},
    )
    return DataProblem(field.name, code, zh, en)


def _holder_problem(kind: Kind, refusal: HolderRefusal) -> DataProblem:
    rules = kind.holders
    values = {"least": rules.least, "most": rules.most, "types": "、".join(rules.code_types)}
    values["label"] = "证件号码" if refusal.place.endswith(".code") else "持证主体"
    in_english = "document number" if refusal.place.endswith(".code") else "holder"
    zh, en = sentence(refusal.code, values, values | {"label": in_english})
    return DataProblem(refusal.place, refusal.code, zh, en)


def _problem(place: str, code: str) -> DataProblem:
    zh, en = sentence(code, {"label": place}, {"label": place})
    return DataProblem(place, code, zh, en)
