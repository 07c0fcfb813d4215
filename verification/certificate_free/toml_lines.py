"""On which line of a TOML text a member stands, for those who must mend it."""

import re
from typing import Final, TypeAlias

Location: TypeAlias = tuple[str | int, ...]
"""Names of tables and members, and numbers in arrays of tables, from the top."""

_TABLE: Final = re.compile(r"\s*\[(?P<array>\[)?\s*(?P<name>[A-Za-z0-9_.-]+)\s*\]")
_MEMBER: Final = re.compile(r"\s*(?P<name>[A-Za-z0-9_-]+)\s*=\s*(?P<value>.*)")
_LONG: Final = ('"""', "'''")


class TomlLines:
    """The lines of a TOML text whose tables have bare names."""

    def __init__(self, text: str) -> None:
        self._found: dict[Location, int] = {}
        self._long: set[Location] = set()
        self._counts: dict[Location, int] = {}
        place: Location = ()
        closing = ""
        for number, line in enumerate(text.splitlines(), 1):
            if closing:
                closing = "" if closing in line else closing
            elif table := _TABLE.match(line):
                place = self._enter(table["name"].split("."), array=bool(table["array"]))
                self._found.setdefault(place, number)
            elif member := _MEMBER.match(line):
                at = (*place, member["name"])
                self._found.setdefault(at, number)
                closing = self._opened(at, member["value"])

    def line_of(self, place: tuple[str | int, ...], below: int = 0) -> int | None:
        """Return the line of `place`, or of the nearest table around it; None if there is none.

        `below` counts lines inside a text; one in triple quotes begins on the line after its
        quotes.
        """
        for length in range(len(place), 0, -1):
            prefix = tuple(place[:length])
            if prefix in self._found:
                inside = below + (prefix in self._long) if length == len(place) else 0
                return self._found[prefix] + inside
        return None

    def _enter(self, names: list[str], *, array: bool) -> Location:
        place: Location = ()
        for name in names[:-1]:
            place = (*place, name)
            if place in self._counts:
                place = (*place, self._counts[place])
        place = (*place, names[-1])
        if array:
            self._counts[place] = self._counts.get(place, -1) + 1
            place = (*place, self._counts[place])
        return place

    def _opened(self, place: Location, value: str) -> str:
        """Return the quotes that a text left open on this line waits for."""
        for quotes in _LONG:
            if value.startswith(quotes) and quotes not in value[len(quotes) :]:
                if value == quotes:
                    self._long.add(place)
                return quotes
        return ""
