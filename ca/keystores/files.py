"""Keys as plain files, for development."""

from pathlib import Path

from ca.errors import UnknownKeyError
from ca.keystores.certificates import admitted
from ca.keystores.pkcs8 import signer_of
from ca.keystores.purposes import Purpose, chosen
from ca.keystores.secret import Secret
from sealkit.asn1.x509 import Certificate, parse_certificate, pem_to_certificates, pem_to_der
from sealkit.signer import Signer
from sealkit.sm import backend


class FileKeystore:
    """A directory of ``<name>.key.pem`` (PKCS#8) and ``<name>.cert.pem``, for development."""

    def __init__(self, directory: Path, *, production: bool = False) -> None:
        """Open `directory`.

        Raises:
            DevelopmentKeyError: in production, if a certificate there is marked DEV.
            UnsupportedError: if this machine's libcrypto is not cleared for signing.
        """
        backend.require_signing_library()
        self._directory = directory
        self._production = production
        self._signers: dict[str, Signer] = {}
        if production:
            for name in self.names():
                self.certificate(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys."""
        files = sorted(self._directory.glob("*.key.pem"))
        return tuple(file.name.removesuffix(".key.pem") for file in files)

    def certificate(self, name: str) -> Certificate:
        """Return the certificate of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            DevelopmentKeyError: in production, if it is marked DEV.
        """
        if not self._has(name):
            raise UnknownKeyError(f"no key {name!r}")
        try:
            pem = (self._directory / f"{name}.cert.pem").read_bytes()
            certificate = pem_to_certificates(pem)[0]
        except (FileNotFoundError, IndexError) as error:
            raise UnknownKeyError(f"no certificate {name!r}") from error
        return admitted(name, certificate, production=self._production)

    def signer(self, name: str, purpose: Purpose | None = None) -> Signer:
        """Return the signer of the key `name`.

        Raises:
            UnknownKeyError: if there is none.
            PurposeError: if the key is not for `purpose`.
            KeyMismatchError: if key and certificate do not belong together.
        """
        if name not in self._signers:
            self._signers[name] = self._open(name)
        signer = self._signers[name]
        chosen(name, parse_certificate(signer.certificate_der), purpose)
        return signer

    def private_key(self, name: str) -> Secret:
        """Return the PKCS#8 of the key `name`, so that it can be sealed; the caller wipes it.

        Raises:
            UnknownKeyError: if there is none.
            MalformedError: if the file holds no private key.
        """
        self.certificate(name)
        pem = (self._directory / f"{name}.key.pem").read_bytes()
        return Secret(bytearray(pem_to_der(pem, "PRIVATE KEY")))

    def close(self) -> None:
        """Let go of the keys."""
        self._signers.clear()

    def _has(self, name: str) -> bool:
        # Asked at every signature; a name that leads elsewhere names no key.
        key = self._directory / f"{name}.key.pem"
        try:
            return key.parent == self._directory and key.is_file()
        except OSError:  # too long for a file's name
            return False

    def _open(self, name: str) -> Signer:
        certificate = self.certificate(name)
        with self.private_key(name) as pkcs8:
            return signer_of(name, pkcs8, certificate)
