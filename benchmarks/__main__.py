"""Run every benchmark, or those named: `python -m benchmarks sm2 code`.

`load` and `flat` are run only when they are named: `load` wants PostgreSQL and wrk, and both
fill a register with a million rows, which takes minutes.
"""

import sys
from importlib import import_module

ALL = ("sm2", "code", "ofd", "pdf", "ca", "ocsp", "status", "log", "batch", "memory")

for name in sys.argv[1:] or ALL:
    import_module(f"benchmarks.{name}").run()
