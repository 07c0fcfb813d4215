"""Masks: what of a personal value may be shown to whoever need not know it.

The rules are the project's own (`docs/standards.md`); whoever masks differently changes
this file and nothing else.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from sealkit.names import SEPARATOR

HIDDEN: Final = "已隐藏"
_COUNTY = re.compile(r".*?(?<!自治)[县区旗]")
_CITY = re.compile(r".*?市")


def mask_name(name: str) -> str:
    """Return ``张*``, ``欧**月`` or ``阿**·***``; several names keep their ``、``."""
    return "、".join(_one_name(part) for part in name.split("、"))


def mask_number(number: str) -> str:
    """Return first and last character with stars between, in the length it had."""
    if len(number) < 3:
        return "*" * len(number)
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}"


def mask_phone(number: str) -> str:
    """Return ``138****5678``."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else mask_number(number)


def mask_address(address: str) -> str:
    """Return the address down to the county, else the city, and three stars."""
    kept = _COUNTY.match(address) or _CITY.match(address)
    return f"{kept[0] if kept else ''}***"


def mask_birth_date(value: str) -> str:
    """Return the year of an ISO date."""
    return f"{value[:4]}-**-**"


def keep_last_four(value: str) -> str:
    """Return ``****1234``."""
    return f"****{value[-4:]}" if len(value) > 4 else "****"


MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "person_name": mask_name,
    "id_number": mask_number,
    "phone": mask_phone,
    "address": mask_address,
    "birth_date": mask_birth_date,
    "keep_last4": keep_last_four,
    "hide": lambda _value: HIDDEN,
}
"""Rule by name, as kind files refer to it."""


def _one_name(name: str) -> str:
    first, *others = name.split(SEPARATOR)
    if others:
        stars = ("*" * len(part) for part in others)
        return SEPARATOR.join((first[:1] + "*" * (len(first) - 1), *stars))
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1)
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"
