"""Rates and the table they are printed in."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

console = Console(width=110)


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something was done in a second of one core."""

    name: str
    per_second: float


def measure(name: str, action: Callable[[], object], *, seconds: float = 1.5) -> Rate:
    """Run `action` for about `seconds` and return the best of six slices."""
    action()
    best, slices = 0.0, 6
    for _ in range(slices):
        count, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < seconds / slices:
            action()
            count += 1
        best = max(best, count / elapsed)
    return Rate(name, best)


def show(title: str, rates: list[Rate], *, against: Rate) -> None:
    """Print `rates` beside their ratio to `against`."""
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    table.add_column("per second", justify="right")
    table.add_column(f"ratio to {against.name}", justify="right")
    for rate in rates:
        ratio = rate.per_second / against.per_second
        table.add_row(rate.name, f"{rate.per_second:,.1f}", f"{ratio:.3f}")
    console.print(table)
