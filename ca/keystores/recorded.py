"""A keystore in this process whose every signature is a line of the log of uses.

A signer process keeps its own log (`ca.keystores.remote`). For keys that are in the service
itself this is the same log, in monthly files that continue each other, written by every
process of the machine that opens the keystore. A line is written before its signature is
handed on, but it is the system that brings it to the disk: it outlives the process, not a
power cut. Heads in the audit chain show what was lost or cut off.
"""

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from ca.errors import UseLogError
from ca.keystore import Keystore, Purpose
from ca.keystores import use_log
from ca.keystores.purposes import chosen
from ca.keystores.use_log import SIGNED, Head, Use
from sealkit.asn1.x509 import Certificate
from sealkit.signer import Signer
from sealkit.sm import sm3

_REQUEST_BYTES: Final = 8


class SharedUseLog:
    """A directory of monthly files, for several processes to write."""

    def __init__(self, directory: Path) -> None:
        """Open or begin the log; the end of its newest file is read, `find_fault` reads all.

        Raises:
            UseLogError: if it cannot be opened, or its last line is none.
        """
        self._directory = directory
        self._threads = threading.Lock()
        self._head, self._read = Head(0, use_log.GENESIS), 0
        self._file: IO[bytes] | None = None
        self._name = ""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._turn: IO[bytes] = (directory / "turn").open("ab")
        except OSError as error:
            raise UseLogError("the log of uses cannot be opened") from error
        with self._our_turn():
            self._continue_newest()

    @property
    def head(self) -> Head:
        """How the log ends, with what other processes have written by now."""
        with self._our_turn():
            self._continue_newest()
            return self._head

    def append(self, use: Use) -> None:
        """Write a line.

        Raises:
            UseLogError: if it could not be written.
        """
        with self._our_turn():
            self._continue_newest()
            # Months only go on: with a clock that went back the newest file is continued.
            self._open(max(f"{use.at[:7]}.log", self._name))
            head, line = use_log.line_of(use, self._head)
            assert self._file is not None
            if self._file.write(line) != len(line):
                raise OSError("a line was written in part")
            self._head, self._read = head, self._read + len(line)

    def close(self) -> None:
        """Close the files."""
        self._turn.close()
        if self._file is not None:
            self._file.close()

    @contextmanager
    def _our_turn(self) -> Iterator[None]:
        try:
            with self._threads:
                fcntl.flock(self._turn, fcntl.LOCK_EX)
                try:
                    yield
                finally:
                    fcntl.flock(self._turn, fcntl.LOCK_UN)
        except OSError as error:
            raise UseLogError("the log of uses cannot be written") from error

    def _continue_newest(self) -> None:
        """Take over what others have written since, and take away a line without its end."""
        files = use_log.files_of(self._directory)
        if not files or (files[-1].name, files[-1].stat().st_size) == (self._name, self._read):
            return
        self._open(files[-1].name)
        # A file may have been begun by a process that then wrote nothing.
        for file in reversed(files):
            found = use_log.last_line(file)
            if found is not None:
                self._head, end = found
                self._read = end if file == files[-1] else 0
                break
        assert self._file is not None
        self._file.truncate(self._read)
        self._file.seek(self._read)

    def _open(self, name: str) -> None:
        if name == self._name:
            return
        if self._file is not None:
            self._file.close()
        descriptor = os.open(self._directory / name, os.O_RDWR | os.O_CREAT, 0o600)
        self._file, self._name, self._read = open(descriptor, "r+b", buffering=0), name, 0


@dataclass(frozen=True)
class RecordedKeystore:
    """Another keystore, and the log of what its keys signed."""

    inner: Keystore
    log: SharedUseLog
    clock: Callable[[], datetime]

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys, sorted."""
        return self.inner.names()

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`; errors as the keystore within."""
        return self.inner.certificate(name)

    def signer(self, name: str, purpose: Purpose | None = None) -> Signer:
        """Return the signer of a key, which records each use; errors as the keystore within."""
        signer = self.inner.signer(name, purpose)
        used_for = chosen(name, self.inner.certificate(name), purpose)
        return _RecordedSigner(signer, name, used_for.value, self.log, self.clock)

    def use_log_head(self) -> Head:
        """Return how the log of uses ends now."""
        return self.log.head

    def close(self) -> None:
        """Let go of the keys and of the log."""
        self.inner.close()
        self.log.close()


@dataclass(frozen=True)
class _RecordedSigner:
    inner: Signer
    name: str
    purpose: str
    log: SharedUseLog
    clock: Callable[[], datetime]

    @property
    def algorithm(self) -> str:
        return self.inner.algorithm

    @property
    def certificate_der(self) -> bytes:
        return self.inner.certificate_der

    def sign(self, message: bytes) -> bytes:
        made = self.inner.sign(message)
        self.log.append(
            Use(
                at=self.clock().isoformat(),
                uid=os.getuid(),
                pid=os.getpid(),
                key=self.name,
                purpose=self.purpose,
                request=secrets.token_hex(_REQUEST_BYTES),
                message=sm3.digest(message).hex(),
                outcome=SIGNED,
                signature=made.hex(),
            )
        )
        return made
