"""Authorities whose key lies offline: their certificate is known here, their key is not."""

from collections.abc import Mapping

from ca.errors import OfflineKeyError
from ca.keystore import Keystore, Purpose
from sealkit.asn1.x509 import Certificate
from sealkit.signer import Signer


class WithOfflineAuthorities:
    """A keystore beside which certificates of offline authorities are known."""

    def __init__(self, keystore: Keystore, offline: Mapping[str, Certificate]) -> None:
        """Take what signs here, and by name the certificates of what signs elsewhere."""
        self.online = keystore
        self.offline = dict(offline)

    def names(self) -> tuple[str, ...]:
        """Return the names of the keys that are here."""
        return tuple(name for name in self.online.names() if name not in self.offline)

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`, here or offline.

        Raises:
            UnknownKeyError: if there is none.
        """
        return self.offline.get(name) or self.online.certificate(name)

    def signer(self, name: str, purpose: Purpose | None = None) -> Signer:
        """Return the signer of the key `name`.

        Raises:
            OfflineKeyError: if it is used at ceremonies only.
            UnknownKeyError, PurposeError: as any keystore.
        """
        if name in self.offline:
            raise OfflineKeyError(f"the key {name} is offline: it signs at ceremonies only")
        return self.online.signer(name, purpose)

    def close(self) -> None:
        """Let go of the keys that are here."""
        self.online.close()
