"""The listening half of the signer: a Unix socket that only named users may speak to.

Each connection has a thread. Whoever sends what is no request is hung up on; when the log of
uses cannot be written the signer stops.
"""

import os
import socket
import stat
import struct
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from ca.errors import KeystoreError, UseLogError
from ca.keystores.remote.desk import Caller, Desk
from ca.keystores.remote.wire import read_frame, to_frame
from sealkit.errors import MalformedError

MAX_CONNECTIONS: Final = 64
IDLE_SECONDS: Final = 600
"""A connection on which nothing moves for so long is closed; clients connect again."""
_BACKLOG: Final = 64
_PAUSE_SECONDS: Final = 0.1
_CREDENTIALS: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid

Told = Callable[[str], None]


class SignerServer:
    """Listens until it is stopped."""

    def __init__(
        self,
        path: Path,
        desk: Desk,
        *,
        allowed_uids: Collection[int],
        group: int | None = None,
        told: Told = lambda _event: None,
    ) -> None:
        """Bind `path`, readable by its owner alone, or by `group` too when one is given.

        `told` hears of events, in words of ours only.

        Raises:
            KeystoreError: if another signer listens there, or the path cannot be bound.
        """
        self._desk = desk
        self._allowed = frozenset(allowed_uids)
        self._told = told
        self._path = path
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._stopped = threading.Event()
        self.failed = False
        """Whether it stopped by itself, because the log could not be written."""
        self._listener = _bound(path, group)

    def serve(self) -> None:
        """Answer until `stop` is called."""
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if not self._stopped.wait(_PAUSE_SECONDS):
                    self._told("signer.accept_failed")
                continue  # out of descriptors for a moment, or shut down by `stop`
            caller = _caller(connection)
            if caller.uid not in self._allowed:
                self._told("signer.peer_refused")
                connection.close()
            elif not self._places.acquire(blocking=False):
                self._told("signer.too_many_connections")
                connection.close()
            else:
                with self._lock:
                    self._open.add(connection)
                threading.Thread(
                    target=self._converse, args=(connection, caller), daemon=True
                ).start()
        self.stop()

    def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._path.unlink(missing_ok=True)
        with self._lock:
            connections = [self._listener, *self._open]
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # ended already
        self._listener.close()

    def _converse(self, connection: socket.socket, caller: Caller) -> None:
        try:
            connection.settimeout(IDLE_SECONDS)
            while (members := read_frame(connection.recv)) is not None:
                connection.sendall(to_frame(self._desk.answer(members, caller)))
        except MalformedError:
            self._told("signer.malformed_request")
        except UseLogError:
            self._told("signer.log_failed")
            self.failed = True
            self.stop()
        except OSError:
            pass  # the other side has gone, or is silent for too long
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
            self._places.release()


def _bound(path: Path, group: int | None) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        listener.bind(str(path))
        # Nobody can connect before `listen`, so the mode is never wider than this.
        path.chmod(0o600)
        if group is not None:
            os.chown(path, -1, group)
            path.chmod(0o660)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise KeystoreError(f"the signer cannot listen: {error.strerror or error}") from error
    return listener


def _clear(path: Path) -> None:
    """Remove the socket of a signer that has died; never that of one alive, or another file."""
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise KeystoreError("where the signer should listen is a file that is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise KeystoreError("another signer listens there")


def _caller(connection: socket.socket) -> Caller:
    octets = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _gid = _CREDENTIALS.unpack(octets)
    return Caller(uid, pid)
