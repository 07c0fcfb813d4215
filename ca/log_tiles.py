"""The log as static files (C2SP tlog-tiles): hash tiles of 256 and bundles of entries.

``<level>/<N>[.p/<W>]`` or ``entries/<N>[.p/<W>]``; N in groups of three digits, all but the
last with an ``x`` before it: 1234067 is ``x001/x234/067``. A full tile never changes.
"""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from ca import log_repository
from ca.errors import UnknownLeafError

TILE_WIDTH: Final = 256
_LEVELS_IN_A_TILE: Final = 8
_MAX_LEVEL: Final = 7  # 2^64 leaves are enough
_PATH: Final = re.compile(
    r"(?P<level>[0-7]|entries)/(?P<groups>(?:x[0-9]{3}/){0,4}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class TileAddress:
    """One tile or bundle."""

    level: int | None
    """None for a bundle of entries."""

    number: int
    width: int = TILE_WIDTH

    @property
    def is_full(self) -> bool:
        """Whether it can never change again."""
        return self.width == TILE_WIDTH


def parse_tile_path(path: str) -> TileAddress:
    """Read what follows ``/tile/``.

    Raises:
        UnknownLeafError: if it addresses no tile.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise UnknownLeafError("no such tile")
    groups = match["groups"].replace("x", "").split("/")
    if len(groups) > 1 and groups[0] == "000":
        raise UnknownLeafError("no such tile")  # a second name for a tile that has one
    width = int(match["width"] or TILE_WIDTH)
    if match["width"] and width >= TILE_WIDTH:
        raise UnknownLeafError("no such tile")
    level = None if match["level"] == "entries" else int(match["level"])
    return TileAddress(level, int("".join(groups)), width)


def tile(session: Session, *, log: str, address: TileAddress) -> bytes:
    """Return a tile: 32-byte hashes, or entries each after its length in two octets.

    Raises:
        UnknownLeafError: if the log has not grown that far.
    """
    start = address.number * TILE_WIDTH
    end = start + address.width
    if address.level is None:
        leaves = log_repository.leaves_between(session, log=log, start=start, end=end)
        found = [len(leaf).to_bytes(2) + leaf for leaf in leaves]
    else:
        found = list(
            log_repository.nodes_between(
                session, log=log, level=address.level * _LEVELS_IN_A_TILE, start=start, end=end
            )
        )
    if len(found) != address.width:
        raise UnknownLeafError("no such tile yet")
    return b"".join(found)
