"""A PostgreSQL of one's own: made in a temporary directory, reached by a socket in it, removed.

PostgreSQL refuses to run as root; then it runs as the user `postgres`, whom Debian's package
makes. Nothing of a server that the machine may already run is touched.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PROGRAMS: Final = Path("/usr/lib/postgresql")
_USER: Final = "postgres"
_INSTALL: Final = (
    "apt-get update -qq && "
    "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql"
)


class NoPostgreSQLError(Exception):
    """PostgreSQL is not there and cannot be installed here."""


@contextmanager
def running_cluster() -> Iterator[str]:
    """Start an empty PostgreSQL; yield the SQLAlchemy address of its one database.

    Durable as in production: every commit is on disk before it is acknowledged.

    Raises:
        NoPostgreSQLError: if there is none to start.
    """
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="yinxin-pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, _USER, _USER)
        data = folder / "data"
        _run(programs / "initdb", "-D", str(data), "-U", _USER, "--auth=peer", "-E", "UTF8")
        # Whoever can open the directory is let in, as nobody else can.
        (data / "pg_hba.conf").write_text("local all all trust\n")
        options = f"-k {folder} -c listen_addresses= -c max_connections=200"
        control = programs / "pg_ctl"
        log = str(folder / "log")
        _run(control, "-D", str(data), "-w", "-l", log, "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{_USER}@/postgres?host={folder}"
        finally:
            _run(control, "-D", str(data), "-w", "-m", "immediate", "stop")


def _programs() -> Path:
    if not list(_PROGRAMS.glob("*/bin/initdb")):
        subprocess.run(_INSTALL, shell=True, check=False, capture_output=True)
    found = sorted(_PROGRAMS.glob("*/bin/initdb"))
    if not found or (os.geteuid() == 0 and shutil.which("runuser") is None):
        raise NoPostgreSQLError("PostgreSQL is not installed and cannot be")
    return found[-1].parent


def _run(program: Path, *arguments: str) -> None:
    as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_user, str(program), *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
    )
    if done.returncode:
        raise NoPostgreSQLError(done.stderr.decode("utf-8", "replace")[-500:])
