"""A signer that really listens, in a thread of the test."""

import os
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from ca.keystore import Purpose
from ca.keystores.purposes import purposes_of
from ca.keystores.remote.client import RemoteKeystore
from ca.keystores.remote.desk import Desk, default_grants
from ca.keystores.remote.limits import RATES, Limits
from ca.keystores.remote.server import SignerServer
from ca.keystores.use_log import UseLog, signed_uses

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.at = AT

    def __call__(self):
        return self.at

    def move(self, **by):
        self.at += timedelta(**by)


def every_purpose(keystore):
    return {
        name: frozenset(purposes_of(name, keystore.certificate(name))) for name in keystore.names()
    }


@contextmanager
def serving(directory, keystore, *, clock=None, rates=RATES, grants=None, uids=None):
    """Serve `keystore` on a socket in `directory`; yield the path of the socket."""
    clock = clock or Clock()
    log_file = directory / "uses.log"
    log = UseLog(log_file)
    desk = Desk(
        keystore,
        log,
        grants=default_grants(keystore) if grants is None else grants,
        limits=Limits(clock, rates),
        clock=clock,
        answered=signed_uses(log_file, 100),
    )
    path = directory / "signer"
    allowed = {os.getuid()} if uids is None else uids
    server = SignerServer(path, desk, allowed_uids=allowed)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        server.stop()
        thread.join(30)
        log.close()


def connected(path, **options):
    return RemoteKeystore(path, stopwatch=time.monotonic, **options)


def audit_head(number=1):
    """A message that the key `audit` signs."""
    return f"yinxin audit head 1\n{number}\n{AT.isoformat()}\n{'0' * 64}\n".encode()


def metadata(role):
    return b'{"_type":"%s","version":1}' % role.encode()


MESSAGES = {
    Purpose.AUDIT: audit_head(),
    Purpose.LOG: b"log.example\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    Purpose.TRUST_ROOT: metadata("root"),
    Purpose.TRUST_TARGETS: metadata("targets"),
    Purpose.TRUST_ONLINE: metadata("snapshot"),
}
"""Messages that are easily made, by purpose."""
