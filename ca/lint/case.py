"""A certificate before its signature, and what a rule about it is."""

from collections.abc import Callable
from dataclasses import dataclass

from ca.profiles import Profile
from sealkit.asn1.particulars import Particulars
from sealkit.asn1.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be signed, as it reads, and what it is held against."""

    certificate: Certificate
    """Under a signature of nobody."""

    profile: Profile
    issuer: Certificate | None
    """None for a root."""

    particulars: Particulars
    """What its extensions say of the holder."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, by the code of its breach."""

    code: str
    """Never renamed."""

    is_broken: Callable[[Case], bool]
    """Its docstring names the source."""


def rule(code: str) -> Callable[[Callable[[Case], bool]], Rule]:
    """Make a rule of a function that tells whether a certificate breaks it."""
    return lambda is_broken: Rule(code, is_broken)
