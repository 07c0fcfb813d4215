"""Run every benchmark, or those named: `python -m benchmarks sm2 code`.

`load`, `flat` and `long_batch` are run only when they are named: `load` wants PostgreSQL and wrk,
it and `flat` fill a register with a million rows, and `long_batch` mints ten thousand licences.
"""

import sys
from importlib import import_module

ALL = ("sm2", "code", "ofd", "pdf", "ca", "ocsp", "status", "log", "batch", "memory")

for name in sys.argv[1:] or ALL:
    import_module(f"benchmarks.{name}").run()
