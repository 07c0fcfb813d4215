"""How often a key may be used for a purpose: token buckets, filled by a clock given to them.

Generous for honest work, so that they never bind there; a thief who has the web server
signs no faster. An operator who knows the load sets them tighter.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ca.errors import SignerBusyError
from ca.keystores.purposes import Purpose


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second on average, and so many at once."""

    per_second: float
    at_once: int


RATES: Final[Mapping[Purpose, Rate]] = MappingProxyType(
    {
        Purpose.CERTIFICATE: Rate(10, 200),
        Purpose.CRL: Rate(100, 20_000),  # an authority may have 4,096 partitions, two lists each
        Purpose.OCSP: Rate(4_000, 20_000),
        Purpose.TIMESTAMP: Rate(1_000, 5_000),
        Purpose.SEAL: Rate(1, 100),
        Purpose.SEAL_USE: Rate(200, 2_000),
        Purpose.PDF: Rate(200, 2_000),
        Purpose.CODE: Rate(200, 2_000),
        Purpose.STATUS: Rate(200, 2_000),
        Purpose.RECEIPT: Rate(1_000, 5_000),
        Purpose.TOKEN: Rate(500, 5_000),
        Purpose.LOG: Rate(200, 2_000),
        Purpose.AUDIT: Rate(1, 20),
        Purpose.TRUST_BUNDLE: Rate(100, 1_000),
        Purpose.TRUST_ROOT: Rate(0.1, 20),
        Purpose.TRUST_TARGETS: Rate(5, 200),
        Purpose.TRUST_ONLINE: Rate(10, 400),
    }
)
"""For each key apart."""

REFUSALS: Final = Rate(1, 1000)
"""How many refusals are written down: a flood of them must not fill the disk."""

_WRITTEN: Final = re.compile(r"([a-z_]+)=([0-9]{1,6}(?:\.[0-9]{1,3})?):([0-9]{1,6})")


class Limits:
    """The buckets of all keys."""

    def __init__(
        self, clock: Callable[[], datetime], rates: Mapping[Purpose, Rate] = RATES
    ) -> None:
        """Start with full buckets; purposes that `rates` leaves out have their usual rate."""
        self._clock = clock
        self._rates = {**RATES, **rates}
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], tuple[float, datetime]] = {}

    def take(self, key: str, purpose: Purpose) -> None:
        """Take one use of a key that exists.

        Raises:
            SignerBusyError: if the bucket is empty.
        """
        if not self._taken((key, purpose.value), self._rates[purpose]):
            raise SignerBusyError(f"key {key} signed {purpose.value} too often")

    def may_note_refusal(self) -> bool:
        """Tell whether one more refusal is written down."""
        return self._taken(("", ""), REFUSALS)

    def _taken(self, bucket: tuple[str, str], rate: Rate) -> bool:
        with self._lock:
            at = self._clock()
            left, since = self._buckets.get(bucket, (float(rate.at_once), at))
            # A clock set back fills nothing, and takes nothing away.
            passed = max(0.0, (at - since).total_seconds())
            left = min(float(rate.at_once), left + passed * rate.per_second)
            allowed = left >= 1
            self._buckets[bucket] = (left - 1 if allowed else left, at)
        return allowed


def parse_rate(text: str) -> tuple[Purpose, Rate]:
    """Read ``purpose=per_second:at_once``, such as ``timestamp=50:200``.

    Raises:
        ValueError: if it is no such thing.
    """
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(f"{text}: write purpose=per_second:at_once")
    return Purpose(found[1]), Rate(float(found[2]), int(found[3]))
