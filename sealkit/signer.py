"""What everything that signs is given: a name, a certificate, and one operation.

Private keys stay behind this. `ca.keystore` provides the implementations; rules and
formats take a `Signer` as an argument and never see how the key is kept.
"""

from typing import Protocol

SM2_SM3 = "sm2-sm3"
ECDSA_P256_SHA256 = "ecdsa-p256-sha256"


class Signer(Protocol):
    """A key that can be used and not seen, with the certificate that names it."""

    @property
    def algorithm(self) -> str:
        """`SM2_SM3` or `ECDSA_P256_SHA256`."""

    @property
    def certificate_der(self) -> bytes:
        """The DER certificate of the key."""

    def sign(self, message: bytes) -> bytes:
        """Return r‖s, 64 bytes, over `message`.

        SM2 signs SM3(Z‖message) with the default signer ID; ECDSA signs SHA-256(message).
        """
