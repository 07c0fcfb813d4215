"""What of minting is drawing, sealing and writing, by processor time of one process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

from issuance import sealing
from issuance.batches import minting, running

_DRAWING: Final = ("render_ofd", "render_pdf", "qr_png")


@dataclass(slots=True)
class Shares:
    """Seconds of processor by the name of the function that took them."""

    seconds: dict[str, float] = field(default_factory=dict)

    def parts(self) -> dict[str, float]:
        """Return the share of each part, of 1.

        ``render`` draws page, typefaces and the picture of the code; ``sign`` makes seal,
        timestamp and code, and has our own verifier judge them; ``write`` is all else: plan,
        register, files and log.
        """
        whole = self.seconds["mint_lines"]
        render = sum(self.seconds.get(name, 0.0) for name in _DRAWING)
        made = self.seconds["make_files"]
        parts = {"render": render, "sign": made - render, "write": whole - made}
        return {name: seconds / whole for name, seconds in parts.items()}


@contextmanager
def counted() -> Iterator[Shares]:
    """Count what the parts of minting take while the block runs."""
    shares, places = Shares(), _places()
    for module, name in places:
        setattr(module, name, _timed(shares, name, getattr(module, name)))
    try:
        yield shares
    finally:
        for module, name in places:
            setattr(module, name, getattr(module, name).__wrapped__)


def _places() -> list[tuple[ModuleType, str]]:
    return [
        *((sealing, name) for name in _DRAWING),
        (minting, "make_files"),
        (running, "mint_lines"),
    ]


def _timed(shares: Shares, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*args: Any, **named: Any) -> Any:
        begun = time.process_time()
        try:
            return function(*args, **named)
        finally:
            spent = time.process_time() - begun
            shares.seconds[name] = shares.seconds.get(name, 0.0) + spent

    timed.__wrapped__ = function  # type: ignore[attr-defined]
    return timed
