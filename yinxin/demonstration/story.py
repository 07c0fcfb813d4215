"""The whole chain, told through the API: mint, verify, refuse, recognise, check, correct.

Two regions run side by side, each with its own keys and database. The first mints; the
second verifies from trust material that it fetched, and never opens the other's register.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from yinxin.context import Context, open_context
from yinxin.demonstration.acts import Acts
from yinxin.demonstration.report import StepReport
from yinxin.demonstration.setting_up import set_up
from yinxin.serving import free_port, running
from yinxin.settings import Settings

FIRST, SECOND = "650000", "440000"
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
OUTPUT = "demo"


@dataclass(frozen=True)
class Service:
    """A running region."""

    context: Context
    address: str


def perform(out: Path, console: Console) -> bool:
    """Perform the chain in two fresh regions; leave its files in `out`.

    Returns:
        Whether every expectation held.
    """
    with tempfile.TemporaryDirectory(prefix="yinxin-demonstration-") as folder:
        # A service may be running on the usual port.
        settings = Settings(
            data_directory=Path(folder) / FIRST, port=free_port(), demonstration=True
        )
        return _perform(settings, Path(folder) / SECOND, out, console)


def prepare(settings: Settings, console: Console) -> None:
    """Perform the chain once in the data directory that is about to be served."""
    done = settings.data_directory / OUTPUT / "report.json"
    if done.is_file():
        return
    with tempfile.TemporaryDirectory(prefix="yinxin-demonstration-") as folder:
        held = _perform(settings, Path(folder), settings.data_directory / OUTPUT, console)
    if not held:
        console.print("[red]演示未全部符合预期 · not every expectation held[/]")


def _perform(settings: Settings, second_data: Path, out: Path, console: Console) -> bool:
    out.mkdir(parents=True, exist_ok=True)
    for name in ("trust", "tampered", "corrected"):
        shutil.rmtree(out / name, ignore_errors=True)
    report = StepReport()
    with _opened(settings) as first, _neighbour(settings, first, second_data) as second:
        acts = Acts(first, second, EXAMPLES, out, report)
        acts.mint_all()
        acts.verify_at_home()
        acts.leave_trust()
        acts.verify_offline()
        acts.refuse_tampered()
        acts.recognise_in_the_neighbouring_region()
        acts.check_without_certificates()
        acts.object_and_correct()
        acts.remember_examples()
    report.show(console)
    report.write(out / "report.json")
    console.print(f"结果文件 · files: {out}")
    return report.held


@contextmanager
def _neighbour(settings: Settings, first: Service, data: Path) -> Iterator[Service]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    changes = {
        "region": SECOND,
        "data_directory": data,
        "database_url": None,
        "port": port,
        "public_url": address,
        "peers": {FIRST: first.address},
    }
    with _opened(settings.model_copy(update=changes)) as second:
        # What one region's officials hand to the other's once, in person.
        root = first.context.publisher.root(first.context.now())
        second.context.trust.introduce(FIRST, root)
        second.context.refresh_trust()
        yield second


@contextmanager
def _opened(settings: Settings) -> Iterator[Service]:
    context = open_context(settings)
    try:
        set_up(context)
        with running(context) as address:
            yield Service(context, address)
    finally:
        context.close()
