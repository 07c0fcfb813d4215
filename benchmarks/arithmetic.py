"""How much of a piece of work is SM2 itself: calls of the backend, counted, times their rate."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from benchmarks.timing import Rate, measure
from sealkit.sm import backend
from sealkit.sm.sm2 import SM2PrivateKey

DIGEST = bytes(range(32))


@dataclass
class Calls:
    """How often libcrypto was asked."""

    signs: int = 0
    verifies: int = 0

    def seconds(self) -> float:
        """Return how long these calls take by themselves."""
        sign, verify = raw_rates()
        return self.signs / sign.per_second + self.verifies / verify.per_second


@cache
def raw_rates() -> tuple[Rate, Rate]:
    """Return the rates of libcrypto alone, on a digest: signing, verifying."""
    key = SM2PrivateKey.generate()
    handle = backend.load_private(key.scalar, key.public_key.point)
    signature = handle.sign(DIGEST)
    return (
        measure("raw SM2 sign", lambda: handle.sign(DIGEST)),
        measure("raw SM2 verify", lambda: handle.verify(DIGEST, signature)),
    )


def calls_of(action: Callable[[], object]) -> Calls:
    """Return how often `action`, done once more, signs and verifies."""
    with _counted() as calls:
        action()
    return calls


@contextmanager
def _counted() -> Iterator[Calls]:
    calls = Calls()
    sign, verify = backend.Key.sign, backend.Key.verify

    def counting_sign(key: backend.Key, digest: bytes) -> bytes:
        calls.signs += 1
        return sign(key, digest)

    def counting_verify(key: backend.Key, digest: bytes, signature: bytes) -> bool:
        calls.verifies += 1
        return verify(key, digest, signature)

    backend.Key.sign, backend.Key.verify = counting_sign, counting_verify  # type: ignore[assignment,method-assign]
    try:
        yield calls
    finally:
        backend.Key.sign, backend.Key.verify = sign, verify  # type: ignore[method-assign]
