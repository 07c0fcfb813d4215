"""Where private keys live. Everything that signs asks a keystore for a `Signer`.

| keystore | where the keys are |
| --- | --- |
| `FileKeystore` | plain files; development only |
| `SealedKeystore` | one encrypted file, opened by a passphrase or by shares of it |
| `RemoteKeystore` | another process, behind a socket; it decides for itself what it signs |
| `Pkcs11Keystore` | a cryptographic device |

A key never leaves its keystore, and is used only for its purposes (`ca.keystores.purposes`).
"""

from typing import Protocol

from ca.keystores.files import FileKeystore
from ca.keystores.purposes import Purpose
from ca.keystores.signers import ECDSASigner, SM2Signer
from sealkit.asn1.x509 import Certificate
from sealkit.signer import Signer

__all__ = ["ECDSASigner", "FileKeystore", "Keystore", "Purpose", "SM2Signer"]


class Keystore(Protocol):
    """Named keys that can be used and not seen."""

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys, sorted."""

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            DevelopmentKeyError: in production, if it is marked DEV.
        """

    def signer(self, name: str, purpose: Purpose | None = None) -> Signer:
        """Return the signer of the key `name`, for `purpose` or for its main one.

        Raises:
            UnknownKeyError: if there is none.
            PurposeError: if the key is not for `purpose`.
        """

    def close(self) -> None:
        """Let go of keys, sessions and connections; nothing is signed afterwards."""
