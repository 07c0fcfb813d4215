"""SM2 for pyhanko-certvalidator, which by itself speaks only what `cryptography` speaks.

* SM2 with SM3 is checked by sealkit over the bytes that were signed, default signer ID.
* Everything else goes to the library's own validator; whatever that throws at a key or a
  signature it cannot read means the same here: the signature does not verify.
* An answer is remembered under a digest of everything it depends on, so that a chain seen
  again costs no curve arithmetic. The memory is bounded and holds digests only.
"""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Final

from asn1crypto.algos import SignedDigestAlgorithm
from asn1crypto.keys import PublicKeyInfo
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
    SignatureValidator,
)

from sealkit import oids
from sealkit.errors import SealkitError
from sealkit.sm.sm2 import SM2PublicKey

SM2_ALGORITHMS: Final = frozenset({oids.SM2_WITH_SM3, oids.SM2_SIGNATURE})
_NULL: Final = b"\x05\x00"
MAX_REMEMBERED: Final = 4096  # answers, about 150 bytes each


class SignatureMemory:
    """The last answers about signatures: holds, or does not. Safe between threads."""

    def __init__(self, capacity: int = MAX_REMEMBERED) -> None:
        self._capacity = capacity
        self._answers: OrderedDict[bytes, bool] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: bytes) -> bool | None:
        """Return the answer kept under `key`, or None."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, key: bytes, holds: bool) -> None:
        """Remember an answer, forgetting the one longest unused when full."""
        with self._lock:
            self._answers[key] = holds
            self._answers.move_to_end(key)
            if len(self._answers) > self._capacity:
                self._answers.popitem(last=False)

    def __len__(self) -> int:
        return len(self._answers)


_MEMORY: Final = SignatureMemory()


class SM2SignatureValidator(SignatureValidator):
    """The library's validator, and SM2."""

    def __init__(self, memory: SignatureMemory | None = None) -> None:
        self._memory = _MEMORY if memory is None else memory  # an empty one is false
        self._default = DefaultSignatureValidator()

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: PublicKeyInfo,
        signature_algorithm: SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Check `signature` over `signed_data`.

        Raises:
            InvalidSignature: of `cryptography`, as the library expects, if it does not hold.
        """
        parts = (
            public_key_info.dump(),
            signature_algorithm.dump(),
            repr(context).encode(),
            signature,
            signed_data,
        )
        # Hashing each part by itself keeps the boundaries between them.
        key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
        holds = self._memory.recall(key)
        if holds is None:
            holds = self._holds(
                signature, signed_data, public_key_info, signature_algorithm, context
            )
            self._memory.keep(key, holds)
        if not holds:
            raise InvalidSignature("signature does not verify")

    def _holds(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: PublicKeyInfo,
        signature_algorithm: SignedDigestAlgorithm,
        context: SignatureValidationContext,
    ) -> bool:
        try:
            if signature_algorithm["algorithm"].dotted in SM2_ALGORITHMS:
                return _sm2_holds(
                    signature, signed_data, public_key_info, signature_algorithm, context
                )
            self._default.validate_signature(
                signature, signed_data, public_key_info, signature_algorithm, context
            )
        except (
            SealkitError,
            InvalidSignature,
            UnsupportedAlgorithm,
            ValueError,
            TypeError,
            AssertionError,
        ):
            # The library asserts that key and algorithm fit, and `cryptography` raises
            # ValueError or UnsupportedAlgorithm for a key it cannot load.
            return False
        return True


def _sm2_holds(
    signature: bytes,
    signed_data: bytes,
    public_key_info: PublicKeyInfo,
    signature_algorithm: SignedDigestAlgorithm,
    context: SignatureValidationContext,
) -> bool:
    """Whether an SM2 signature holds; raises the errors of sealkit or returns False.

    A prehashed message cannot be checked: SM2 hashes Z, which depends on the key, first.
    Parameters are absent, or NULL as some deployed software writes (sm2-pki sheet, 2).
    """
    if context.prehashed or signature_algorithm["parameters"].dump() not in (b"", _NULL):
        return False
    SM2PublicKey.from_spki(public_key_info.dump()).verify_der(signature, signed_data)
    return True
