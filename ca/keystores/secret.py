"""Secrets that are wiped when they are no longer needed, as far as Python lets us.

What can be wiped: the one buffer behind a `Secret`. What cannot: immutable copies that Python
and libraries make on the way (a typed line, an argument of libcrypto, the result of a key
derivation). They are freed at once, and their memory is used again sooner or later; whoever
reads the memory of the process in between may find them. Hence the signer process.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from ca.errors import SpentSecretError


class Secret:
    """A buffer that is not shown, not pickled, and zero after `wipe`."""

    __slots__ = ("_octets", "_spent")

    def __init__(self, octets: bytearray) -> None:
        """Take over `octets`: they are this secret's from now on, and wiped with it."""
        self._octets = octets
        self._spent = False

    @contextmanager
    def opened(self) -> Iterator[bytearray]:
        """Lend the buffer itself, not a copy; it is not to be kept.

        Raises:
            SpentSecretError: if it was wiped before.
        """
        if self._spent:
            raise SpentSecretError("this secret was wiped")
        yield self._octets

    def wipe(self) -> None:
        """Overwrite the buffer with zeros. A second time does nothing."""
        if self._octets:
            buffer = (ctypes.c_char * len(self._octets)).from_buffer(self._octets)
            ctypes.memset(ctypes.addressof(buffer), 0, len(self._octets))
        self._spent = True

    def __enter__(self) -> "Secret":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()

    def __del__(self) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> str:
        raise TypeError("a secret does not travel")
