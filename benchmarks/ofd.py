"""One OFD licence minted and verified: the rate, and what share of it SM2 is.

No other verifier of sealed OFD files can be installed beside us, so SM2 alone is the peer.
"""

from collections.abc import Callable
from itertools import cycle

from rich.table import Table

from benchmarks import material
from benchmarks.arithmetic import calls_of, raw_rates
from benchmarks.timing import Rate, console, measure
from issuance.render.licence_page import render_ofd
from verification.report import Verdict


def run() -> None:
    """Print rates and shares."""
    document = material.must_be(Verdict.VALID, material.mint_ofd())
    queue = cycle(material.queue_of("ofd"))
    show_shares(
        f"OFD licence of one page, {len(document) / 1024:.0f} KB",
        {
            "mint and seal": material.mint_ofd,
            "of which rendering": lambda: render_ofd(
                material.record(), material.code(), demonstration=True
            ),
            "verify(), another holder each time": lambda: material.judged(next(queue)),
            "verify(), the same document again": lambda: material.judged(document),
        },
    )


def show_shares(title: str, actions: dict[str, Callable[[], object]]) -> list[Rate]:
    """Print and return how often each action is done in a second, beside what SM2 takes of it."""
    table = Table(title=title, title_justify="left")
    for heading in ("what", "per second", "ms each", "SM2 signs", "SM2 verifies", "SM2's share"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    rates = []
    for name, action in actions.items():
        rate, calls = measure(name, action), calls_of(action)
        share = calls.seconds() * rate.per_second
        table.add_row(
            name,
            f"{rate.per_second:,.1f}",
            f"{1000 / rate.per_second:.2f}",
            str(calls.signs),
            str(calls.verifies),
            f"{share:.0%}",
        )
        rates.append(rate)
    console.print(table)
    sign, verify = raw_rates()
    console.print(f"SM2 alone: {sign.per_second:,.0f} signs, {verify.per_second:,.0f} verifies")
    return rates
