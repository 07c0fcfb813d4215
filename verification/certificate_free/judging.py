"""Judging an expression against one licence, with a reason for people in both languages.

Three-valued: what cannot be said stays unsaid unless the rest decides without it. Reasons
name the demand and the field, never what stands in the field.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from verification.certificate_free.expressions import Argument, Call, Day, FieldName
from verification.certificate_free.outcomes import Outcome, all_of, any_of, opposite
from verification.certificate_free.predicates import PREDICATES, Cause, Subject
from verification.report import Message

CONNECTIVES = frozenset({"all", "any", "not"})
"""What joins predicates."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is met, is not met, or cannot be said."""

    code: str
    """Stable: the predicate's name after ``predicate.``, a finding's code, or a key of
    ``requirements`` in `sentences.toml`."""
    outcome: Outcome
    message: Message

    def to_dict(self) -> dict[str, str]:
        """Return the reason as JSON carries it."""
        return {
            "code": self.code,
            "outcome": self.outcome.value,
            "zh": self.message.zh,
            "en": self.message.en,
        }


def judge(call: Call, subject: Subject) -> tuple[Reason, ...]:
    """Judge a checked expression; one reason for each demand that ``all`` joins at its top.

    What stands inside ``any`` and ``not`` has one reason together: which part of it holds
    is more than the office needs to know.
    """
    if call.name == "all":
        return tuple(reason for part in _parts(call) for reason in judge(part, subject))
    outcome, cause = _judged(call, subject)
    statement = _statement(call, subject)
    return (Reason(f"predicate.{call.name}", outcome, _told(outcome, statement, cause)),)


def requirement_reason(key: str, outcome: Outcome) -> Reason:
    """Return the reason of `key` below ``requirements`` in `sentences.toml`."""
    return Reason(key, outcome, _sentences("requirements")[key])


def all_together(reasons: Iterable[Reason]) -> Outcome:
    """Return what `reasons` amount to when all must be met."""
    return all_of(reason.outcome for reason in reasons)


def _judged(call: Call, subject: Subject) -> tuple[Outcome, str]:
    """Return the outcome and, for one that cannot be said, the key of its cause."""
    if call.name in CONNECTIVES:
        outcomes = [_judged(part, subject)[0] for part in _parts(call)]
        joined = {"all": all_of, "any": any_of}.get(call.name)
        return (joined(outcomes) if joined else opposite(outcomes[0])), "part_unknown"
    values = [_value(argument, subject) for argument in call.arguments]
    if None in values:
        return Outcome.CANNOT_SAY, Cause.FIELD_ABSENT
    judged = PREDICATES[call.name].judge(subject, *values)
    return (Outcome.CANNOT_SAY, judged) if isinstance(judged, Cause) else (judged, "")


def _value(argument: Argument, subject: Subject) -> Any:
    if isinstance(argument, FieldName):
        return subject.record.value(argument.name)
    if isinstance(argument, Day):
        return argument.on(subject.today)
    return argument.value if not isinstance(argument, Call) else None


def _told(outcome: Outcome, statement: Message, cause: str) -> Message:
    form = _sentences("outcomes")[outcome.value]
    why = _sentences("causes")[cause] if outcome is Outcome.CANNOT_SAY else Message("", "")
    return Message(form.zh.format(statement.zh, why.zh), form.en.format(statement.en, why.en))


def _statement(call: Call, subject: Subject) -> Message:
    if call.name in CONNECTIVES:
        parts = [_statement(part, subject) for part in _parts(call)]
        joint = _sentences("joints")[call.name]
        zh, en = "；".join(part.zh for part in parts), "; ".join(part.en for part in parts)
        return Message(joint.zh.format(zh), joint.en.format(en))
    predicate = PREDICATES[call.name]
    given_more = not predicate.repeats and len(call.arguments) > len(predicate.wants)
    form = _sentences("predicates")[call.name + ("_with" if given_more else "")]
    words = [_word(argument, subject) for argument in call.arguments]
    if predicate.repeats:
        words[1:] = [
            Message("、".join(w.zh for w in words[1:]), ", ".join(w.en for w in words[1:]))
        ]
    return Message(form.zh.format(*(w.zh for w in words)), form.en.format(*(w.en for w in words)))


def _word(argument: Argument, subject: Subject) -> Message:
    if isinstance(argument, FieldName):
        labels = {entry.name: entry.label for entry in subject.record.fields}
        return Message(labels.get(argument.name, argument.name), argument.name)
    text = str(_value(argument, subject))
    return Message(text, text)


def _parts(call: Call) -> list[Call]:
    return [argument for argument in call.arguments if isinstance(argument, Call)]


@cache
def _sentences(table: str) -> Mapping[str, Message]:
    folder = resources.files("verification.certificate_free")
    entries = tomllib.loads(folder.joinpath("sentences.toml").read_text("utf-8"))[table]
    return {key: Message(**entry) for key, entry in entries.items()}
