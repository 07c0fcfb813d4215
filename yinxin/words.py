"""Words for pages: Chinese first, English second.

From `pages.toml`, and for the console from `console/words/`, a file for each subject.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape


class Words:
    """What templates call `say`."""

    def __init__(self, catalogue: Mapping[str, Mapping[str, str]]) -> None:
        self._catalogue = catalogue

    def zh(self, key: str) -> str:
        """Return the Chinese words of `key`."""
        return self._catalogue[key]["zh"]

    def en(self, key: str) -> str:
        """Return the English words of `key`."""
        return self._catalogue[key]["en"]

    def has(self, key: str) -> bool:
        """Say whether the catalogue has `key`."""
        return key in self._catalogue

    def known(self, key: str, otherwise: str) -> str:
        """Return the Chinese words of `key`, or `otherwise` where the catalogue has none."""
        entry = self._catalogue.get(key)
        return entry["zh"] if entry else otherwise

    def both(self, key: str) -> Markup:
        """Return the Chinese words with the English ones below, marked as English."""
        return Markup('{}<span class="en" lang="en">{}</span>').format(
            escape(self.zh(key)), escape(self.en(key))
        )


@cache
def words() -> Words:
    """Return the catalogue of all pages."""
    here = files("yinxin")
    rooms = sorted(here.joinpath("console/words").iterdir(), key=lambda entry: entry.name)
    found: dict[str, Mapping[str, str]] = {}
    for entry in (here.joinpath("pages.toml"), *rooms):
        found |= tomllib.loads(entry.read_text("utf-8"))
    return Words(found)
