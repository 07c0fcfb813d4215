"""Where the right time comes from: time servers (SNTP, RFC 4330), and the kernel's own word.

A time server's answer counts when it answers our question (it echoes 64 random bits), says
that it is synchronised, and came back at once. Its word is not signed: name servers of your
own network, and several of them.
"""

import ctypes
import secrets
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

SNTP_PORT: Final = 123
TIMEOUT_SECONDS: Final = 2.0
MAX_ROUND_TRIP: Final = timedelta(seconds=1)
_PACKET: Final = struct.Struct("!BBBbII4sQQQQ")
_CLIENT: Final = 0b00_100_011  # no warning, version 4, mode 3
_SERVER_MODE: Final = 4
_UNSYNCHRONISED: Final = 3
_1900_TO_1970: Final = 2_208_988_800
_FRACTION: Final = 1 << 32
_ERA: Final = 1 << 32

_TIME_ERROR: Final = 5
_STA_UNSYNC: Final = 0x0040

Reference = Callable[[], timedelta]
"""How far our clock is ahead. Raises `NoReadingError`."""


class NoReadingError(Exception):
    """A reference that gave no usable reading."""


@dataclass(frozen=True, slots=True)
class TimeServer:
    """One SNTP server."""

    host: str
    port: int = SNTP_PORT

    @classmethod
    def named(cls, text: str) -> "TimeServer":
        """Read ``host`` or ``host:port``."""
        host, colon, port = text.rpartition(":")
        return cls(host, int(port)) if colon else cls(port)

    def __call__(self) -> timedelta:
        """Ask once and return how far our clock is ahead.

        Raises:
            NoReadingError: if there was no answer that counts.
        """
        question = secrets.randbits(64)
        try:
            with _datagrams(self.host, self.port) as connection:
                sent = time.time()
                connection.send(_PACKET.pack(_CLIENT, 0, 0, 0, 0, 0, bytes(4), 0, 0, 0, question))
                answer = connection.recv(512)
                received = time.time()
        except OSError as error:
            raise NoReadingError(f"{self.host} did not answer") from error
        return _offset(answer, question, sent, received)


class _TimeStructure(ctypes.Structure):
    """`struct timex` of Linux on 64 bits (adjtimex(2))."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def kernel_reading() -> timedelta:
    """Return the greatest error that the kernel admits of a synchronised clock.

    Raises:
        NoReadingError: if it is not synchronised.
    """
    state = _TimeStructure()
    result = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state))
    if result in (-1, _TIME_ERROR) or state.status & _STA_UNSYNC:
        raise NoReadingError("the kernel's clock is not synchronised")
    return timedelta(microseconds=state.maxerror)


def first_reading(references: Sequence[Reference]) -> timedelta:
    """Return the reading of the first reference that gives one.

    Raises:
        NoReadingError: if none does.
    """
    for reference in references:
        try:
            return reference()
        except NoReadingError:
            continue
    raise NoReadingError("no reference gave a reading")


def _datagrams(host: str, port: int) -> socket.socket:
    """Return a connected socket: only `host` can answer on it."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[
        0
    ]
    connection = socket.socket(family, kind, protocol)
    connection.settimeout(TIMEOUT_SECONDS)
    connection.connect(address)
    return connection


def _offset(answer: bytes, question: int, sent: float, received: float) -> timedelta:
    if len(answer) < _PACKET.size:
        raise NoReadingError("the answer is too short")
    members = _PACKET.unpack_from(answer)
    flags, stratum, echoed, arrived, left = members[0], members[1], *members[8:11]
    if echoed != question:
        raise NoReadingError("this is no answer to what was asked")
    if flags & 7 != _SERVER_MODE or flags >> 6 == _UNSYNCHRONISED or not 1 <= stratum <= 15:
        raise NoReadingError("the server does not know the time")
    round_trip = (received - sent) - (_seconds(left, sent) - _seconds(arrived, sent))
    if not 0 <= round_trip <= MAX_ROUND_TRIP.total_seconds() or not arrived or not left:
        raise NoReadingError("the answer was under way for too long")
    behind = ((_seconds(arrived, sent) - sent) + (_seconds(left, sent) - received)) / 2
    return timedelta(seconds=-behind)


def _seconds(stamp: int, near: float) -> float:
    """Return a 64-bit NTP time as seconds since 1970, in the era that is nearest to `near`."""
    since = stamp / _FRACTION - _1900_TO_1970
    return since + round((near - since) / _ERA) * _ERA
