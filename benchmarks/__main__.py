"""Run every benchmark, or those named: `python -m benchmarks sm2 code`.

`load` is run only when it is named: it wants PostgreSQL, wrk and a quarter of an hour.
"""

import sys
from importlib import import_module

ALL = ("sm2", "code", "ofd", "pdf", "ca", "ocsp", "batch", "memory")

for name in sys.argv[1:] or ALL:
    import_module(f"benchmarks.{name}").run()
