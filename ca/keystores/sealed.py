"""Keys in one encrypted file (`ca.keystores.sealed_file`), opened once, at the start."""

from pathlib import Path

from ca.errors import SpentSecretError, UnknownKeyError
from ca.keystores.certificates import admitted
from ca.keystores.pkcs8 import signer_of
from ca.keystores.purposes import Purpose, chosen
from ca.keystores.sealing import read_sealed, unsealed
from ca.keystores.secret import Secret
from sealkit.asn1.x509 import Certificate, parse_certificate
from sealkit.signer import Signer
from sealkit.sm import backend


class SealedKeystore:
    """An opened keystore: libcrypto holds the keys, the passphrase is forgotten."""

    def __init__(self, file: Path, passphrase: Secret, *, production: bool = False) -> None:
        """Open `file`; the passphrase stays the caller's to wipe.

        Raises:
            KeystoreError: if there is no such file.
            WrongSecretError: if the passphrase is another.
            SealBrokenError: if the file was changed since it was sealed, or is none.
            DevelopmentKeyError: in production, if a certificate is marked DEV.
            UnsupportedError: if this machine's libcrypto is not cleared for signing.
        """
        backend.require_signing_library()
        self._signers: dict[str, Signer] = {}
        self._closed = False
        with unsealed(read_sealed(file), passphrase) as keys:
            for name, plain in keys.items():
                certificate = admitted(name, plain.certificate, production=production)
                self._signers[name] = signer_of(name, plain.pkcs8, certificate)

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys."""
        return tuple(sorted(self._signers))

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
        """
        return parse_certificate(self._signer(name).certificate_der)

    def signer(self, name: str, purpose: Purpose | None = None) -> Signer:
        """Return the signer of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            PurposeError: if the key is not for `purpose`.
            SpentSecretError: if the keystore was closed.
        """
        signer = self._signer(name)
        chosen(name, parse_certificate(signer.certificate_der), purpose)
        return signer

    def close(self) -> None:
        """Let go of the keys; libcrypto wipes them when no signer is left in use."""
        self._closed = True
        self._signers.clear()

    def _signer(self, name: str) -> Signer:
        if self._closed:
            raise SpentSecretError("the keystore was closed")
        if name not in self._signers:
            raise UnknownKeyError(f"no key {name[:64]!r}")
        return self._signers[name]

    def __reduce__(self) -> str:
        raise TypeError("a keystore does not travel")
