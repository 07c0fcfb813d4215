"""What all parts of a kind file share: strictness, and the forms of names and codes."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Part(BaseModel):
    """Anything written in a kind file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"不是正则表达式：{error} · not a regular expression: {error}") from error
    return pattern


def _unrepeated(types: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(types)) < len(types):
        raise ValueError("同一类印章只写一次 · name each type of seal once")
    return types


SealTypes = Annotated[
    tuple[Annotated[str, Field(pattern=r"^(0[1-8]|99)$")], ...],
    Field(min_length=1, max_length=3),
    AfterValidator(_unrepeated),
]
"""Types of seals (seal_types of the code lists) in the order in which they are applied."""
KindCode = Annotated[str, Field(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}[0-9A-Z]{3}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CodeType = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Expression = Annotated[str, AfterValidator(_expression)]
