"""What verifying a document holds in memory, over what the process held before.

Each document is verified in a fresh process that has verified the plain licence before, so
that modules and trust material count for nothing and the document itself for all it takes.
Measured twice, since either misses something: the peak of resident memory as the kernel
counts it, and in another process the peak of what Python's allocator gave out.
"""

import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.table import Table

from benchmarks import large_documents, material
from benchmarks.timing import console
from verification.report import Verdict

LIMIT_BYTES: Final = 64 * 1024 * 1024
DOCUMENTS: Final[dict[str, tuple[Callable[[], bytes], Verdict]]] = {
    "ofd_with_attachment": (large_documents.ofd_with_attachment, Verdict.VALID),
    "ofd_that_unfolds": (large_documents.ofd_that_unfolds, Verdict.VALID),
    "ofd_of_many_objects": (large_documents.ofd_of_many_objects, Verdict.VALID),
    "zip_bomb": (large_documents.zip_bomb, Verdict.INVALID),
    "pdf_with_attachment": (large_documents.pdf_with_attachment, Verdict.VALID),
    "pdf_of_many_objects": (large_documents.pdf_of_many_objects, Verdict.INVALID),
    "pdf_of_many_values": (large_documents.pdf_of_many_values, Verdict.INVALID),
    "pdf_bomb": (large_documents.pdf_bomb, Verdict.INVALID),
}
"""Each document by name, with the verdict that it must get."""


def run() -> None:
    """Print what every document took."""
    table = Table(title="Memory of verify()", title_justify="left")
    table.add_column("document")
    for heading in ("size, MB", "verdict", "resident, MB", "allocated, MB"):
        table.add_column(heading, justify="right")
    worst = 0
    for name in DOCUMENTS:
        size, resident, allocated = peaks_of(name, *_MEASURES)
        table.add_row(name, _mb(size), DOCUMENTS[name][1].value, _mb(resident), _mb(allocated))
        worst = max(worst, resident, allocated)
    console.print(table)
    console.print(f"at most {_mb(worst)} MB (target below {_mb(LIMIT_BYTES)})")


def peaks_of(name: str, *ways: str) -> tuple[int, ...]:
    """Return the size of a document and a peak for each way of measuring it, in bytes."""
    make, _ = DOCUMENTS[name]
    with TemporaryDirectory() as folder:
        plain, large = Path(folder, "plain"), Path(folder, name)
        plain.write_bytes(material.mint_pdf() if "pdf" in name else material.mint_ofd())
        document = make()
        large.write_bytes(document)
        return len(document), *(_in_fresh_process(way, plain, large) for way in ways)


def _in_fresh_process(way: str, plain: Path, large: Path) -> int:
    command = [sys.executable, "-m", "benchmarks.memory", way, str(plain), str(large)]
    done = subprocess.run(command, cwd=material.ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


def _resident(large: Path) -> int:
    before = _kernel_says("VmRSS")
    # Makes the present size the peak (Linux, proc(5)). The ru_maxrss of getrusage cannot
    # be reset, and begins with the size of the process that started this one.
    # Where it may not be done, the peak is that of all the process did: too much, not too little.
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    _verify(large)
    return _kernel_says("VmHWM") - before


def _allocated(large: Path) -> int:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    _verify(large)
    return tracemalloc.get_traced_memory()[1] - before


_MEASURES: Final = {"resident": _resident, "allocated": _allocated}


def _verify(large: Path) -> None:
    verdict = material.judged(large.read_bytes()).verdict
    if verdict is not DOCUMENTS[large.name][1]:
        raise AssertionError(f"{large.name}: {verdict}")


def _kernel_says(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {field} in /proc/self/status")


def _mb(count: int) -> str:
    return f"{count / 1024 / 1024:.1f}"


def main(way: str, plain: str, large: str) -> None:
    """Measure one document in this process."""
    material.must_be(Verdict.VALID, Path(plain).read_bytes())
    gc.collect()
    print(_MEASURES[way](Path(large)))


if __name__ == "__main__":
    main(*sys.argv[1:])
