"""The signer process: opens a keystore and signs for those who may ask, until it is stopped.

Memory that holds keys is kept from other processes: no core dumps, no reading by other
programs of the same user.
"""

import ctypes
import resource
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ca.keystore import Keystore, Purpose
from ca.keystores.purposes import chosen
from ca.keystores.remote.desk import KEPT_ANSWERS, Desk, default_grants
from ca.keystores.remote.limits import Limits, Rate
from ca.keystores.remote.server import SignerServer
from ca.keystores.use_log import UseLog, signed_uses

_PR_SET_DUMPABLE: Final = 4  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class SignerOptions:
    """How a signer serves."""

    socket: Path
    log: Path
    uids: frozenset[int]
    """Users whose processes may ask."""
    group: int | None = None
    """Group that may open the socket, besides its owner."""
    grants: tuple[tuple[str, Purpose], ...] = ()
    """What may be asked for beyond `default_grants`."""
    rates: Mapping[Purpose, Rate] = field(default_factory=dict)


def harden() -> None:
    """Keep the memory of this process to itself, from before a key is in it.

    Raises:
        OSError: if the system does not allow it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Also keeps other programs of this user from attaching to it, and from /proc/<pid>/mem.
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")


def run(
    keystore: Keystore,
    options: SignerOptions,
    *,
    told: Callable[[str], None],
    ready: Callable[[], None],
) -> bool:
    """Serve until SIGTERM or SIGINT; False when it stopped because its log failed.

    Raises:
        CAError: if it cannot start.
    """
    grants = default_grants(keystore)
    for name, purpose in options.grants:
        chosen(name, keystore.certificate(name), purpose)
        grants[name] |= {purpose}
    log = UseLog(options.log)
    try:
        desk = Desk(
            keystore,
            log,
            grants=grants,
            limits=Limits(_now, options.rates),
            clock=_now,
            answered=signed_uses(options.log, KEPT_ANSWERS),
        )
        server = SignerServer(
            options.socket, desk, allowed_uids=options.uids, group=options.group, told=told
        )

        def stop(_number: int, _frame: object) -> None:
            # In a thread: the one that is interrupted may hold what stopping needs.
            threading.Thread(target=server.stop).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        ready()
        server.serve()
        return not server.failed
    finally:
        log.close()
        keystore.close()


def _now() -> datetime:
    return datetime.now(UTC)
