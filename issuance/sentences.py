"""Sentences for people, from `messages.toml`: Chinese first, English second."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

_CATALOGUE: Final = "messages.toml"


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Return {zh, en} by stable code."""
    text = resources.files("issuance").joinpath(_CATALOGUE).read_text("utf-8")
    return tomllib.loads(text)


def sentence(code: str, zh: Mapping[str, object], en: Mapping[str, object]) -> tuple[str, str]:
    """Return the sentence of `code` in both languages, placeholders filled in."""
    found = sentences()[code]
    return found["zh"].format(**zh), found["en"].format(**en)
