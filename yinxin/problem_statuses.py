"""HTTP statuses of the domain's error codes; the longest matching prefix counts."""

from collections.abc import Mapping
from typing import Final

DOMAIN_STATUS: Final[Mapping[str, int]] = {}
