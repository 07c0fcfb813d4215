"""All cases of path rules: importing them fills the list."""

from tests.verification.paths import (
    name_and_policy_cases,
    region_cases,
    time_and_authority_cases,
)
from tests.verification.paths.kit import CASES

__all__ = ["CASES", "name_and_policy_cases", "region_cases", "time_and_authority_cases"]
