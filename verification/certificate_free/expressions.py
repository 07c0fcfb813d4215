"""What an item demands of a licence, as a small expression: read, never executed.

    all(holder_is(), any(licence_class_includes(class, "B2"), age_over(birth_date, 18)))

* A call is a name and its arguments in parentheses; the names are a closed list
  (`verification.certificate_free.predicates`), and nothing else can be said.
* An argument is a call, the name of a licence field, a ``"text"``, a number or a day:
  ``2026-09-01``, ``today``, ``today+90``, ``today-30`` or ``this_year-08-31``.
* There are no variables, loops or definitions. Text, calls and depth are bounded, so every
  expression ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from sealkit.errors import MalformedError

MAX_CHARACTERS: Final = 2000
MAX_CALLS: Final = 64
MAX_DEPTH: Final = 8
MAX_ARGUMENTS: Final = 32

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|today(?:[+-][0-9]{1,5})?\b(?!-)|this_year-[0-9]{2}-[0-9]{2})
    |(?P<number>[0-9]{1,12}(?:\.[0-9]{1,4})?)
    |"(?P<text>[^"\r\n]{1,100})"
    |(?P<name>[a-z][a-z0-9_]{0,63})
    |(?P<mark>[(),])
    |(?P<end>\Z)
    )""",
    re.VERBOSE,
)


class ExpressionError(MalformedError):
    """A text that is no expression; it says where and what to do."""

    def __init__(self, position: int, remedy: str) -> None:
        super().__init__(f"at character {position + 1}: {remedy}")
        self.position = position
        """From the start of the text, counted in characters from 0."""
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field of the licence that is looked at."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotation marks; it holds none itself."""

    value: str

    def __str__(self) -> str:
        return f'"{self.value}"'


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is not negative, exact."""

    value: Decimal

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, which may depend on the day of the check."""

    text: str
    """As written: ``2026-09-01``, ``today+90``, ``this_year-08-31``."""

    def on(self, today: date) -> date:
        """Return the day that is meant when the check is made on `today`.

        29 February is 28 February in a year that has none; days beyond the calendar are
        its first or last one.
        """
        if self.text.startswith("this_year-"):
            month, day = int(self.text[10:12]), int(self.text[13:])
            leap = month == 2 and day == 29
            return date(today.year, 3, 1) - timedelta(1) if leap else date(today.year, month, day)
        if self.text.startswith("today"):
            return _shifted(today, int(self.text[5:] or 0))
        return date.fromisoformat(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Call:
    """A predicate with its arguments."""

    name: str
    arguments: "tuple[Argument, ...]"
    position: int = 0
    """Where its name begins in the text."""

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})"

    def calls(self) -> "Iterator[Call]":
        """Return this call and every call inside it."""
        yield self
        for argument in self.arguments:
            if isinstance(argument, Call):
                yield from argument.calls()


Argument: TypeAlias = Call | FieldName | Text | Number | Day


def parse_expression(text: str) -> Call:
    """Read one expression. Whether its names exist is not this function's question.

    Raises:
        ExpressionError: if it is none, or over a bound.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(MAX_CHARACTERS, f"shorten it to {MAX_CHARACTERS} characters")
    reader = _Reader(text)
    found = reader.argument(1)
    if not isinstance(found, Call):
        raise ExpressionError(0, "begin with a predicate, such as holder_is()")
    reader.end()
    return found


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._calls = 0

    def argument(self, depth: int) -> Argument:
        token = self._next()
        if token.kind == "name":
            if self._sees("("):
                return self._call(token, depth)
            return FieldName(token.text)
        if token.kind == "text":
            return Text(token.text)
        if token.kind == "number":
            return Number(Decimal(token.text))
        if token.kind == "day":
            return _day(token)
        raise ExpressionError(token.position, "write a predicate, a field, a text, number or day")

    def end(self) -> None:
        token = self._next()
        if token.kind != "end":
            raise ExpressionError(token.position, "remove what follows the expression")

    def _call(self, name: _Token, depth: int) -> Call:
        self._calls += 1
        if depth > MAX_DEPTH or self._calls > MAX_CALLS:
            raise ExpressionError(
                name.position, f"use at most {MAX_CALLS} predicates, {MAX_DEPTH} deep"
            )
        self._next()  # the parenthesis that made it a call
        arguments: list[Argument] = []
        while not self._sees(")"):
            if arguments:
                self._comma()
            arguments.append(self.argument(depth + 1))
            if len(arguments) > MAX_ARGUMENTS:
                raise ExpressionError(name.position, f"give it at most {MAX_ARGUMENTS} arguments")
        self._next()
        return Call(name.text, tuple(arguments), name.position)

    def _comma(self) -> None:
        if not self._sees(","):
            raise ExpressionError(self._peek().position, "write , or ) after an argument")
        self._next()

    def _sees(self, mark: str) -> bool:
        token = self._peek()
        return token.kind == "mark" and token.text == mark

    def _peek(self) -> _Token:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise ExpressionError(self._start(), "remove or mend this character")
        kind = found.lastgroup or "end"
        return _Token(kind, found[kind], found.start(kind) - (kind == "text"))

    def _next(self) -> _Token:
        token = self._peek()
        width = len(token.text) + 2 * (token.kind == "text")  # its quotation marks
        self._at = token.position + width
        return token

    def _start(self) -> int:
        rest = self._text[self._at :]
        return self._at + len(rest) - len(rest.lstrip(" \t\r\n"))


def _day(token: _Token) -> Day:
    day = Day(token.text)
    try:
        day.on(date(2000, 1, 1))
    except ValueError as error:
        raise ExpressionError(token.position, "there is no such day") from error
    return day


def _shifted(today: date, days: int) -> date:
    ordinal = today.toordinal() + days
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))
