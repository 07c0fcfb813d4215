"""Authorities that sign at ceremonies only: their certificates and lists, from a directory.

`YINXIN_OFFLINE_AUTHORITIES` holds ``root.cert.pem`` and ``root.crl`` as a ceremony leaves them.
A newer list is taken up while the service runs; an older one never.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.orm import Session

from ca.errors import CAError
from ca.keystore import Keystore, Purpose
from ca.keystores.certificates import admitted
from ca.keystores.offline import WithOfflineAuthorities
from ca.repository import newest_list
from ca.revocation import current_crl, take_list
from sealkit.asn1.crl import MAX_CRL_BYTES
from sealkit.asn1.x509 import Certificate, pem_to_certificates
from sealkit.errors import SealkitError
from yinxin.settings import SettingsError

MAX_CERTIFICATE_BYTES: Final = 64 * 1024
_ENDING: Final = ".cert.pem"
log = structlog.get_logger()


def offline_certificates(directory: Path | None, *, production: bool) -> Mapping[str, Certificate]:
    """Return the certificates of the directory, by the names of their keys.

    Raises:
        SettingsError: if it cannot be read, or a file is not one certificate.
        DevelopmentKeyError: in production, if one was made at a rehearsal.
    """
    if directory is None:
        return {}
    found = {}
    try:
        for file in sorted(directory.glob(f"*{_ENDING}")):
            name = file.name.removesuffix(_ENDING)
            (certificate,) = pem_to_certificates(_read(file, MAX_CERTIFICATE_BYTES))
            found[name] = admitted(name, certificate, production=production)
    except (OSError, ValueError, SealkitError) as error:
        raise SettingsError(f"YINXIN_OFFLINE_AUTHORITIES: {error}") from error
    if not found:
        raise SettingsError("YINXIN_OFFLINE_AUTHORITIES: no certificate is there")
    return found


class AuthorityLists:
    """The newest revocation list of each authority: signed here, or taken from a ceremony."""

    def __init__(self, keystore: Keystore, directory: Path | None) -> None:
        """Take the keys, and where lists lie of authorities that are offline."""
        self._keystore = keystore
        self._directory = directory
        self._offline = keystore.offline if isinstance(keystore, WithOfflineAuthorities) else {}

    def is_offline(self, name: str) -> bool:
        """Return whether the authority signs at ceremonies only."""
        return name in self._offline

    def current(self, session: Session, name: str, at: datetime) -> bytes | None:
        """Return the newest list of an authority; None if an offline one has none yet."""
        if not self.is_offline(name):
            return current_crl(session, name, self._keystore.signer(name, Purpose.CRL), at)
        self._take(session, name, at)
        newest = newest_list(session, authority=name)
        return newest.crl if newest else None

    def _take(self, session: Session, name: str, at: datetime) -> None:
        if self._directory is None:
            return
        file = self._directory / f"{name}.crl"
        try:
            content = _read(file, MAX_CRL_BYTES)
            take_list(session, ca_name=name, issuer=self._offline[name], content=content, at=at)
        except (OSError, SealkitError, CAError) as error:
            # The list that was taken before goes on, as long as it lasts.
            log.error("revocation.offline_list_refused", authority=name, reason=str(error))


def _read(file: Path, most: int) -> bytes:
    with file.open("rb") as source:
        content = source.read(most + 1)
    if len(content) > most:
        raise OSError(f"{file.name} is too large")
    return content
