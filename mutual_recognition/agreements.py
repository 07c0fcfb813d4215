"""Agreements (互认协议): which kinds of which region count here, since when, and as what.

One TOML file for each region in `agreements/`; adding a region is adding a file.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from mutual_recognition.errors import AgreementError


@dataclass(frozen=True, slots=True)
class RecognisedKind:
    """A kind of another region and what it counts as here."""

    code: str
    """Type code there, 21 characters."""
    kind: str
    """Our name of the kind."""
    mark: str = ""
    """Local name there, where it differs."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one region's licences are good for here."""

    region: str
    name_zh: str
    since: date
    until: date | None
    kinds: tuple[RecognisedKind, ...]

    def recognises(self, kind_code: str, *, on: date) -> RecognisedKind | None:
        """Return what `kind_code` counts as on that day, or None."""
        if on < self.since or (self.until is not None and on > self.until):
            return None
        return next((kind for kind in self.kinds if kind.code == kind_code), None)


def load_agreements() -> Mapping[str, Agreement]:
    """Return the agreements that ship with the project, by region."""
    folder = files("mutual_recognition").joinpath("agreements")
    texts = [
        (entry.name, entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    ]
    return _by_region(_parse(name, text) for name, text in sorted(texts))


def _by_region(agreements: Iterable[Agreement]) -> dict[str, Agreement]:
    return {agreement.region: agreement for agreement in agreements}


def _parse(name: str, text: str) -> Agreement:
    try:
        members: dict[str, Any] = tomllib.loads(text)
        kinds = tuple(RecognisedKind(**kind) for kind in members.pop("kinds"))
        agreement = Agreement(until=members.pop("until", None), kinds=kinds, **members)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise AgreementError(f"agreements/{name}: {error}") from error
    if not (agreement.region.isdigit() and len(agreement.region) == 6):
        raise AgreementError(f"agreements/{name}: region has six digits")
    if type(agreement.since) is not date or type(agreement.until) not in (date, type(None)):
        raise AgreementError(f"agreements/{name}: since and until are dates without quotes")
    return agreement
